"""Multi-scale structural similarity of two images."""

from collections.abc import Sequence

import numpy as np
from keras import ops

from keras_ganloss import backend
from keras_ganloss.utils import arguments
from keras_ganloss.utils.shapes import check_same_shape
from keras_ganloss.utils.typing import Shape
from keras_ganloss.utils.typing import Tensor

# Of the paper: what people see at each scale, the finest first.
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
WINDOW = 11
_SIGMA = 1.5
_STABILIZERS = (0.01, 0.03)


def scale_weights(shape: Shape, num_scales: int | None = None) -> list[float]:
    """Returns the weights of the scales of images of some size.

    Args:
        shape: Tuple `(..., height, width, num_channels)`.
        num_scales: See `multi_scale_similarity`.

    Returns:
        List of `num_scales` floats with sum one.

    Raises:
        ValueError: If the window does not fit into the coarsest scale.
    """
    fitting, size = 0, min(shape[-3:-1])
    while size >= WINDOW and fitting < len(WEIGHTS):
        fitting, size = fitting + 1, (size + 1) // 2
    chosen = fitting if num_scales is None else num_scales
    if not 1 <= chosen <= fitting:
        raise ValueError(
            f"Images must be at least {WINDOW} high and wide at each of 1 to "
            f"{len(WEIGHTS)} scales, each half of the one before: here at "
            f"most {fitting}. Resize them, or lower `num_scales`. Received: "
            f"num_scales={num_scales}, images of shape {tuple(shape[-3:])}"
        )
    weights = np.array(WEIGHTS[:chosen])
    return (weights / weights.sum()).tolist()


def _window_matrix(size):
    """Rows that average a vector of some size by the window, as far in."""
    offsets = np.arange(WINDOW) - WINDOW // 2
    window = np.exp(-0.5 * (offsets / _SIGMA) ** 2)
    matrix = np.zeros((size - WINDOW + 1, size))
    for row in range(len(matrix)):
        matrix[row, row : row + WINDOW] = window / window.sum()
    return matrix


def _compare(images, others):
    """Returns similarity, and that of contrast and structure alone.

    Both of shape `(num_planes,)`, of planes with values from 0 to 1.
    """
    rows, columns = (
        ops.cast(_window_matrix(size), images.dtype)
        for size in images.shape[1:]
    )

    def blur(planes):
        return rows @ planes @ ops.transpose(columns)

    mean, other_mean = blur(images), blur(others)
    product = mean * other_mean
    squares = mean * mean + other_mean * other_mean
    covariance = blur(images * others) - product
    variances = blur(images * images + others * others) - squares
    first, second = (stabilizer**2 for stabilizer in _STABILIZERS)
    luminance = (2.0 * product + first) / (squares + first)
    structure = (2.0 * covariance + second) / (variances + second)
    num = structure.shape[1] * structure.shape[2]
    return (
        ops.sum(luminance * structure, axis=(1, 2)) / num,
        ops.sum(structure, axis=(1, 2)) / num,
    )


def _halve(planes):
    height, width = planes.shape[1:]
    padded = ops.pad(
        planes, ((0, 0), (0, height % 2), (0, width % 2)), mode="symmetric"
    )
    height, width = (height + 1) // 2, (width + 1) // 2
    squares = ops.reshape(padded, (-1, height, 2, width, 2))
    return ops.sum(squares, axis=(2, 4)) / 4.0


def multi_scale_similarity(
    images: Tensor,
    other_images: Tensor,
    value_range: Sequence[float] = (-1.0, 1.0),
    num_scales: int | None = None,
) -> Tensor:
    """How alike two images look, in luminance, contrast and structure.

    One for equal images, about zero for images that have nothing in common.
    It looks through a window of 11 x 11 pixels, at the image and at several
    halvings of it; what is negatively correlated at a scale counts as zero.

    The paper has five scales, which need 161 pixels. Smaller images are
    compared at as many as the window fits into, two for 28 x 28, and the
    weights of those are brought to sum one. So numbers of images of
    different sizes do not compare.

    Args:
        images: Tensor of shape `(batch_size, height, width, num_channels)`.
        other_images: Tensor of the same shape, compared one by one.
        value_range: Pair of floats, the smallest and the largest value that
            a pixel may have. Defaults to -1 and 1.
        num_scales: Optional int, how many scales. Defaults to as many as fit,
            at most 5.

    Returns:
        Float64 tensor of shape `(batch_size,)`, the mean over channels; on
        JAX inside of a compiled function float32, unless `jax_enable_x64` is
        on.

    Raises:
        ValueError: If the images have different shapes or are smaller than
            the window at a scale, or if the range is none.

    Example:

    >>> images = ops.ones((1, 16, 16, 1))
    >>> round(float(multi_scale_similarity(images, images)[0]), 6)
    1.0

    Reference: [Wang et al., 2003](
    https://doi.org/10.1109/ACSSC.2003.1292216)
    """
    arguments.value_range("value_range", value_range)
    check_same_shape(
        images, other_images, "images", "other_images", "They are pairs."
    )
    weights = scale_weights(images.shape, num_scales)

    def compute(images, others):
        channels = images.shape[-1]
        first, second = (
            _as_planes((each - value_range[0]) / np.ptp(value_range))
            for each in (images, others)
        )
        similarity = 1.0
        for scale, weight in enumerate(weights, start=1):
            whole, structure = _compare(first, second)
            part = whole if scale == len(weights) else structure
            # Not `ops.power`: on torch it takes the weight in float32.
            similarity = similarity * ops.relu(part) ** weight
            if scale < len(weights):
                first, second = _halve(first), _halve(second)
        per_channel = ops.reshape(similarity, (-1, channels))
        return ops.sum(per_channel, axis=1) / channels

    return backend.in_float64(compute, images, other_images)


def _as_planes(images):
    """Every channel as an image of its own."""
    _, height, width, _ = images.shape
    planes = ops.transpose(images, (0, 3, 1, 2))
    return ops.reshape(planes, (-1, height, width))
