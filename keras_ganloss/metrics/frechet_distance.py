"""The Fréchet distance between two normal distributions.

Sums and `@`, no `ops.mean` and no `ops.matmul`: on JAX and on torch those
compute in float32 whatever they are given.
"""

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss import backend
from keras_ganloss.metrics.feature_metric import FeatureMetric
from keras_ganloss.metrics.moments import Moments
from keras_ganloss.utils.typing import Tensor


def mean_and_covariance(features: Any) -> tuple[Tensor, Tensor]:
    """Returns the mean and the unbiased covariance of features, in float64.

    Args:
        features: Tensor of shape `(num_samples, num_features)`, at least two
            samples.

    Returns:
        Tensors of shapes `(num_features,)` and
        `(num_features, num_features)`.
    """

    def compute(features):
        num_samples = ops.cast(ops.shape(features)[0], features.dtype)
        mean = ops.sum(features, axis=0) / num_samples
        centered = features - mean
        products = ops.transpose(centered) @ centered
        return mean, products / (num_samples - 1.0)

    return backend.in_float64(compute, features)


def root_without_noise(eigenvalues: Tensor) -> Tensor:
    """Roots of the eigenvalues of a covariance, and zero for its null space.

    Eigenvalues that should be zero come out as rounding errors of either
    sign, whose roots are not small: those below what rounding explains are
    taken for the zeros they stand for.
    """
    largest = ops.max(ops.abs(eigenvalues))
    noise = largest * eigenvalues.shape[0] * 2.0**-52
    real = eigenvalues > noise
    return ops.where(
        real, ops.sqrt(ops.where(real, eigenvalues, 1.0)), 0.0 * eigenvalues
    )


def frechet_distance(
    mean: Tensor,
    covariance: Tensor,
    other_mean: Tensor,
    other_covariance: Tensor,
    root: Callable[..., Any] = root_without_noise,
) -> Tensor:
    """Squared Fréchet (2-Wasserstein) distance between two normals.

    `|m - m'|^2 + Tr(C + C' - 2 (C C')^(1/2))`. The trace of the root is that
    of `(A C' A)^(1/2)` with `A = C^(1/2)`, which is symmetric, so that its
    eigenvalues are real and exact to rounding.

    Args:
        mean, other_mean: Tensors of shape `(num_features,)`.
        covariance, other_covariance: Tensors of shape
            `(num_features, num_features)`, symmetric, without negative
            eigenvalues.
        root: Function of the eigenvalues that returns their roots. Defaults
            to `root_without_noise`.

    Returns:
        Float64 scalar; on JAX inside of a compiled function float32, unless
        `jax_enable_x64` is on. Zero comes with a rounding error of either
        sign.

    Example:

    >>> float(frechet_distance([0.0], [[4.0]], [3.0], [[1.0]]))
    10.0

    Reference: [Heusel et al., 2017](https://arxiv.org/abs/1706.08500)
    """

    def compute(mean, covariance, other_mean, other_covariance):
        eigenvalues, vectors = ops.eigh(covariance)
        half = (vectors * root(eigenvalues)) @ ops.transpose(vectors)
        product = half @ other_covariance @ half
        # Rounding has made it slightly asymmetric.
        product = 0.5 * (product + ops.transpose(product))
        overlap = ops.sum(root(ops.eigh(product)[0]))
        spread = ops.trace(covariance + other_covariance) - 2.0 * overlap
        return spread + ops.sum(ops.square(mean - other_mean))

    return backend.in_float64(
        compute, mean, covariance, other_mean, other_covariance
    )


@keras.saving.register_keras_serializable(package="keras_ganloss")
class FrechetDistance(FeatureMetric):
    """Fréchet distance between the features of real and of made samples.

    Smaller is better. The one number that is most used for images; with
    features of an Inception network it is called FID. It is too large for
    few samples, the more so the more features there are, so compare numbers
    of as many samples alone, and with that of two halves of the real ones.
    It sees quality and variety, and cannot tell which of them is missing.

    Mean and covariance are summed up batch by batch, around the mean of the
    first one and to more digits than float32 has on every backend, so neither
    the batches nor features far from zero matter. NaN if a sample is not
    finite.

    Args:
        features, value_range, reference, name: See `FeatureMetric`.

    Raises:
        ValueError: In the end, if there are fewer than two samples.

    Example:

    ```python
    gan.compile(metrics=[FrechetDistance("fashion_and_digits")])
    gan.fit(images, validation_data=test_images)  # `val_frechet_distance`.

    # Any network of your own sees the samples as they are, in [-1, 1] here;
    # Inception, from a file of its weights, makes it FID.
    inception = keras.applications.InceptionV3(
        weights="inception.h5", include_top=False, pooling="avg"
    )
    network = keras.Sequential([keras.layers.Resizing(299, 299), inception])
    gan.compile(metrics=[FrechetDistance(network)])
    ```

    Reference: [Heusel et al., 2017](https://arxiv.org/abs/1706.08500)
    """

    def make_statistics(self, num_features: int, name: str) -> Any:
        return Moments(num_features, name=name)

    def statistics_of(self, features: Any) -> Any:
        mean, covariance = mean_and_covariance(features)
        return (
            len(features),
            ops.convert_to_numpy(mean),
            ops.convert_to_numpy(covariance),
        )

    def result(self) -> Any:
        real, fake = self.statistics()
        self.check_enough(2, real[0], fake[0])
        moments = [*real[1:], *fake[1:]]
        if not all(np.isfinite(moment).all() for moment in moments):
            return math.nan
        return float(frechet_distance(*moments))
