"""The abstract metric that keeps the features of the first samples."""

from keras_ganloss.metrics.feature_metric import FeatureMetric
from keras_ganloss.metrics.sample_buffer import SampleBuffer
from keras_ganloss.utils import arguments


class SampledFeatureMetric(FeatureMetric):
    """Abstract: compares the features of samples one by one.

    Subclasses fill `result`, and `get_config` if they have settings of their
    own.

    Args:
        features, value_range, reference, name: See `FeatureMetric`.
        num_samples: Int, how many samples of each kind are kept: the first
            ones of an evaluation.
    """

    def __init__(self, features, value_range, reference, num_samples, name):
        super().__init__(features, value_range, reference, name)
        arguments.positive_int("num_samples", num_samples)
        self.num_samples = num_samples

    def make_statistics(self, num_features, name):
        return SampleBuffer(self.num_samples, (num_features,), name=name)

    def statistics_of(self, features):
        return features[: self.num_samples]

    def get_config(self):
        return {**super().get_config(), "num_samples": self.num_samples}
