"""The kernel distance: a squared maximum mean discrepancy.

Sums and `@`, no `ops.mean` and no `ops.matmul`: on JAX and on torch those
compute in float32 whatever they are given.
"""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss.metrics.sampled_feature_metric import SampledFeatureMetric
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


def cubic_kernel(features: Any, other_features: Tensor) -> Tensor:
    """`(x · y / num_features + 1)^3` of all pairs.

    Args:
        features: Tensor of shape `(num_samples, num_features)`.
        other_features: Tensor of shape `(num_others, num_features)`.

    Returns:
        Tensor of shape `(num_samples, num_others)`.
    """
    products = features @ ops.transpose(other_features)
    scaled = products / features.shape[1] + 1.0
    return scaled * scaled * scaled


def kernel_distance(features: Any, other_features: Tensor) -> Tensor:
    """Unbiased estimate of the squared maximum mean discrepancy.

    The kernel is `cubic_kernel`. Pairs of a sample with itself are left out,
    so the estimate is as often too small as too large, and negative now and
    then where the distributions are the same.

    Args:
        features: Tensor of shape `(num_samples, num_features)`, at least two
            samples.
        other_features: Tensor of shape `(num_others, num_features)`, at least
            two samples.

    Returns:
        Scalar of the dtype of the features.

    Example:

    >>> float(kernel_distance(ops.array([[1.0], [-1.0]]), ops.ones((2, 1))))
    0.0

    Reference: [Bińkowski et al., 2018](https://arxiv.org/abs/1801.01401)
    """

    features = ops.convert_to_tensor(features)
    other_features = ops.convert_to_tensor(other_features)
    num_samples, num_others = (
        ops.cast(ops.shape(samples)[0], features.dtype)
        for samples in (features, other_features)
    )

    def within(samples, num):
        kernel = cubic_kernel(samples, samples)
        return (ops.sum(kernel) - ops.trace(kernel)) / (num * (num - 1.0))

    across = ops.sum(cubic_kernel(features, other_features))
    return (
        within(features, num_samples)
        + within(other_features, num_others)
        - 2.0 * across / (num_samples * num_others)
    )


def kernel_distance_of_blocks(
    features: Any, other_features: Tensor, block_size: int = 1000
) -> tuple[float, Any] | tuple[float, float]:
    """Mean of `kernel_distance` over blocks, and its standard error.

    Both sets are cut, in their order, into as many blocks of about the same
    size. Smaller blocks are quicker, tell more about the error, and make it
    larger.

    Args:
        features: Array or tensor of shape `(num_samples, num_features)`.
        other_features: Array or tensor of shape `(num_others,
            num_features)`.
        block_size: Int, no block is larger. Defaults to 1000.

    Returns:
        Pair of floats. The error is NaN if there is one block alone.

    Raises:
        ValueError: If the sets are not matrices with as many columns, or do
            not make blocks of at least two samples.

    Example:

    >>> kernel_distance_of_blocks([[1.0], [-1.0]], [[1.0], [1.0]])
    (0.0, nan)

    References:
    - [Bińkowski et al., 2018](https://arxiv.org/abs/1801.01401)
    - [Zaremba et al., 2013](https://arxiv.org/abs/1307.1954)
    """
    sets = [
        np.asarray(ops.convert_to_numpy(each), "float64")
        for each in (features, other_features)
    ]
    _check_blocks(*sets, block_size)
    num_blocks = math.ceil(max(map(len, sets)) / block_size)
    pairs = zip(*(_blocks(each, num_blocks) for each in sets))
    estimates = np.array([_numpy_distance(*pair) for pair in pairs])
    if num_blocks == 1:
        return float(estimates[0]), math.nan
    error = estimates.std(ddof=1) / math.sqrt(num_blocks)
    return float(estimates.mean()), float(error)


def _blocks(rows, num_blocks):
    """Cuts rows into parts, of which the larger ones come last."""
    size, num_larger = divmod(len(rows), num_blocks)
    sizes = np.full(num_blocks, size)
    sizes[num_blocks - num_larger :] += 1
    return np.split(rows, np.cumsum(sizes)[:-1])


def _numpy_distance(features, other_features):
    """As `kernel_distance`, in float64 whatever the backend."""

    def kernel(first, second):
        return (first @ second.T / first.shape[1] + 1.0) ** 3

    def within(rows):
        products = kernel(rows, rows)
        pairs = len(rows) * (len(rows) - 1.0)
        return (products.sum() - products.trace()) / pairs

    across = kernel(features, other_features).mean()
    return within(features) + within(other_features) - 2.0 * across


def _check_blocks(features, other_features, block_size):
    shapes = features.shape, other_features.shape
    if any(len(shape) != 2 for shape in shapes) or (
        shapes[0][1] != shapes[1][1]
    ):
        raise ValueError(
            "`features` and `other_features` must be matrices with as many "
            f"columns, a row a sample. Received: shapes {shapes[0]} and "
            f"{shapes[1]}"
        )
    numbers = len(features), len(other_features)
    num_blocks = math.ceil(max(numbers) / max(block_size, 1))
    if block_size < 2 or min(numbers) < 2 * num_blocks:
        raise ValueError(
            "The smaller set must have at least two samples in each block: "
            f"{2 * num_blocks} for {num_blocks} blocks. Pass more samples or "
            f"a larger `block_size`. Received: block_size={block_size}, "
            f"{numbers[0]} and {numbers[1]} samples"
        )


@keras.saving.register_keras_serializable(package="keras_ganloss")
class KernelDistance(SampledFeatureMetric):
    """Kernel distance between the features of real and of made samples.

    Smaller is better. With features of an Inception network it is called
    KID. Other than the Fréchet distance it is right in the mean for few
    samples and many features, so it may be negative where both are alike,
    and it comes with an error: `kernel_distance` and
    `kernel_distance_error`, the standard error over blocks, which is NaN for
    one block alone. NaN if a sample is not finite.

    Args:
        features, value_range, reference, name: See `FeatureMetric`.
        block_size: Int, how many samples are compared with each other.
            Defaults to 1000.
        num_samples: Int, how many samples of each kind are kept; those that
            come after are left out, so shuffle data that are sorted.
            Defaults to 10,000.

    Raises:
        ValueError: If an argument is something else, and in the end if there
            are fewer than two samples in a block.

    Example:

    ```python
    metric = KernelDistance("efficientnet_lite0", block_size=500)
    gan.compile(metrics=[metric])
    gan.evaluate(test_images)
    ```

    Reference: [Bińkowski et al., 2018](https://arxiv.org/abs/1801.01401)
    """

    def __init__(
        self,
        features: Any,
        value_range: Sequence[float] = (-1.0, 1.0),
        reference: Any = None,
        block_size: int = 1000,
        num_samples: int = 10_000,
        name: str | None = None,
    ) -> None:
        super().__init__(features, value_range, reference, num_samples, name)
        arguments.positive_int("block_size", block_size)
        self.block_size = block_size

    def result(self) -> Any:
        real, fake = self.statistics()
        self.check_enough(2, len(real), len(fake))
        if not (np.isfinite(real).all() and np.isfinite(fake).all()):
            distance, error = math.nan, math.nan
        else:
            distance, error = kernel_distance_of_blocks(
                real, fake, self.block_size
            )
        return {self.name: distance, f"{self.name}_error": error}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "block_size": self.block_size,
        }
