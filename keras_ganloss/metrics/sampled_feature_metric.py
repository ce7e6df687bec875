"""The abstract metric that keeps the features of the first samples."""

from collections.abc import Sequence
from typing import Any

from keras_ganloss.metrics.feature_metric import FeatureMetric
from keras_ganloss.metrics.sample_buffer import SampleBuffer
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest


class SampledFeatureMetric(FeatureMetric):
    """Abstract: compares the features of samples one by one.

    Subclasses fill `result`, and `get_config` if they have settings of their
    own.

    Args:
        features, value_range, reference, name: See `FeatureMetric`.
        num_samples: Int, how many samples of each kind are kept: the first
            ones of an evaluation.
    """

    def __init__(
        self,
        features: Any,
        value_range: Sequence[float],
        reference: Nest,
        num_samples: int,
        name: str,
    ) -> None:
        super().__init__(features, value_range, reference, name)
        arguments.positive_int("num_samples", num_samples)
        self.num_samples = num_samples

    def make_statistics(self, num_features: int, name: str) -> Any:
        return SampleBuffer(self.num_samples, (num_features,), name=name)

    def statistics_of(self, features: Any) -> Any:
        return features[: self.num_samples]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_samples": self.num_samples}
