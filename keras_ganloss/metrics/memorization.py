"""Whether a generator copies its training samples."""

from collections.abc import Sequence
from typing import Any
from typing import Self

import keras
import numpy as np

from keras_ganloss.metrics.nearest_neighbors import nearest_neighbors
from keras_ganloss.metrics.reference import Reference
from keras_ganloss.metrics.results import prefix_keys
from keras_ganloss.metrics.sampled_feature_metric import SampledFeatureMetric
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


def rank_sum_z(values: Tensor, other_values: Tensor) -> float:
    """How many standard deviations one set of numbers lies above another.

    The statistic of Mann and Whitney: of all pairs those where the value is
    the larger one, against what chance makes of two sets from one
    distribution. About standard normal there, equal values allowed for.

    Args:
        values, other_values: Arrays of shape `(num,)` and `(num_others,)`.

    Returns:
        Float: negative where `values` are smaller, and zero where all
        numbers are equal.

    Example:

    >>> round(rank_sum_z([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]), 3)
    -1.964

    Reference: [Mann and Whitney, 1947](
    https://doi.org/10.1214/aoms/1177730491)
    """
    num, num_others = len(values), len(other_values)
    total = num + num_others
    _, inverse, counts = np.unique(
        np.concatenate([values, other_values]),
        return_inverse=True,
        return_counts=True,
    )
    # Equal values share the mean of their ranks, which start at one.
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[inverse.reshape(-1)]
    surplus = ranks[:num].sum() - num * (total + 1) / 2.0
    ties = (counts.astype("float64") ** 3 - counts).sum()
    variance = num * num_others / 12.0
    variance *= total + 1 - ties / (total * (total - 1.0))
    # No variance: all numbers are equal, and rounding is all that is left.
    return float(surplus / variance**0.5) if variance > 1e-9 else 0.0


def memorization(
    fake: Nest, held_out: Nest, training: bool, quantile: float = 0.01
) -> dict[str, Any]:
    """Compares how near fakes and held-out samples are to training samples.

    Real samples that nobody trained on are about as far from the training
    samples as fakes may be; fakes that are nearer are copies, or nearly so.
    Both numbers have to be read. Poor samples are farther, with or without
    copies among them, which `copied_share` still sees. And `memorization_z`
    takes fakes for independent: of a collapsed generator, whose fakes are all
    about as far, it is large and of any sign.

    Take features in which likeness is distance; pixels see exact copies only.

    Args:
        fake: Array or tensor of shape `(num_fake, ...)`.
        held_out: Array or tensor of shape `(num_held_out, ...)`, real samples
            that were not trained on.
        training: Array or tensor of shape `(num_training, ...)`.
        quantile: Float in (0, 1), the share of held-out samples that count as
            too near. Defaults to 0.01.

    Returns:
        Dict of floats:

        - `copied_share`: the share of fakes that are as near to a training
          sample as that share of held-out samples is. About `quantile` where
          nothing is copied, one where everything is.
        - `memorization_z`: see `rank_sum_z`, of the distances of fakes above
          those of held-out samples. Below -3 fakes are too near, above 3 they
          are farther from the training samples than real ones.

    Raises:
        ValueError: If `quantile` is not between 0 and 1, if a set is empty,
            or if samples are of different sizes or not finite.

    Example:

    >>> training = [[0.0], [10.0], [20.0]]
    >>> memorization([[0.0], [10.0]], [[1.0], [8.0]], training)["copied_share"]
    1.0

    Reference: [Meehan et al., 2020](https://arxiv.org/abs/2004.05675), whose
    test compares the same distances, region by region
    """
    check_quantile(quantile)
    fake_distances, real_distances = (
        nearest_neighbors(samples, training)[0][:, 0]
        for samples in (fake, held_out)
    )
    threshold = np.quantile(real_distances, quantile)
    return {
        "copied_share": float((fake_distances <= threshold).mean()),
        "memorization_z": rank_sum_z(fake_distances, real_distances),
    }


def check_quantile(quantile: float) -> None:
    """Raises unless a quantile is a number between 0 and 1."""
    arguments.fraction("quantile", quantile, "0.01 is one.", ends="()")


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Memorization(SampledFeatureMetric):
    """Whether fakes are nearer to the training samples than they should be.

    Evaluate it on real samples that were not trained on, such as
    `validation_data`: those say how near is near. The logs get
    `copied_share` and `memorization_z`, which `memorization` describes. NaN
    if a sample is not finite.

    Args:
        features, value_range, reference: See `FeatureMetric`. The real
            samples, and so those of a `reference`, are the held-out ones.
        training: `Reference`, the training samples.
        quantile: Float in (0, 1), the share of held-out samples that count as
            too near. Defaults to 0.01.
        num_samples: Int, how many samples of each kind are kept, the first
            ones of an evaluation. Each is compared with all training
            samples. Defaults to 1000.
        name: Optional name, which then goes before each key.

    Raises:
        ValueError: If an argument is something else, and in the end if there
            is no sample.

    Example:

    ```python
    training = Reference(train_images, "features")
    metric = Memorization("fashion_and_digits", training=training)
    gan.compile(metrics=[metric])
    gan.fit(train_images, validation_data=test_images, epochs=10)
    ```

    Reference: [Meehan et al., 2020](https://arxiv.org/abs/2004.05675)
    """

    def __init__(
        self,
        features: Any,
        value_range: Sequence[float] = (-1.0, 1.0),
        reference: Any = None,
        training: bool | None = None,
        quantile: float = 0.01,
        num_samples: int = 1000,
        name: str | None = None,
    ) -> None:
        super().__init__(features, value_range, reference, num_samples, name)
        if not isinstance(training, Reference):
            raise ValueError(
                "`training` must hold the training samples: "
                "`Reference(samples, directory)`. Received: "
                f"training of type {type(training).__name__}"
            )
        check_quantile(quantile)
        self.training = training
        self.quantile = quantile

    def make_state(self, sample_shapes: Any) -> None:
        super().make_state(sample_shapes)
        # Now, and not in the middle of an evaluation.
        self.training.features(self.network)

    def result(self) -> Any:
        real, fake = self.statistics()
        self.check_enough(1, len(real), len(fake))
        numbers = {"copied_share": np.nan, "memorization_z": np.nan}
        if np.isfinite(real).all() and np.isfinite(fake).all():
            training = self.training.features(self.network)
            numbers = memorization(fake, real, training, self.quantile)
        return prefix_keys(self, numbers)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "training": keras.saving.serialize_keras_object(self.training),
            "quantile": self.quantile,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        training = keras.saving.deserialize_keras_object(config["training"])
        return super().from_config({**config, "training": training})
