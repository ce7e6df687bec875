"""The sliced Wasserstein distance between patches of images."""

from typing import Any

import numpy as np
from keras import ops

from keras_ganloss.utils import lines
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor

_BINOMIAL = np.array([1.0, 4.0, 6.0, 4.0, 1.0]) / 16.0
_KERNEL = np.outer(_BINOMIAL, _BINOMIAL)


def _blur(images, gain):
    _, height, width, channels = images.shape
    padded = ops.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="reflect")
    # Every channel as an image of its own.
    planes = ops.reshape(
        ops.transpose(padded, (0, 3, 1, 2)), (-1, height + 4, width + 4, 1)
    )
    kernel = ops.cast((gain * _KERNEL)[..., None, None], images.dtype)
    blurred = ops.conv(
        planes, kernel, padding="valid", data_format="channels_last"
    )
    blurred = ops.reshape(blurred, (-1, channels, height, width))
    return ops.transpose(blurred, (0, 2, 3, 1))


def _shrink(images):
    return _blur(images, 1.0)[:, ::2, ::2]


def _grow(images):
    """Doubles height and width: zeros between the pixels, then a blur."""
    _, height, width, channels = images.shape
    for axis, shape in (
        (3, (-1, height, 2 * width, channels)),
        (2, (-1, 2 * height, 2 * width, channels)),
    ):
        images = ops.reshape(
            ops.stack([images, ops.zeros_like(images)], axis=axis), shape
        )
    return _blur(images, 4.0)


def laplacian_pyramid(images: Tensor, num_levels: int) -> list[Tensor]:
    """Splits images into what each scale adds, finest first.

    Args:
        images: Float tensor of shape `(batch_size, height, width,
            num_channels)`, height and width divisible by
            `2**(num_levels - 1)`.
        num_levels: Int.

    Returns:
        List of `num_levels` tensors, each of half the height and width of
        the one before. The last one is the blurred image itself.

    Reference: [Karras et al., 2017](https://arxiv.org/abs/1710.10196)
    """
    pyramid = [images]
    for _ in range(num_levels - 1):
        smaller = _shrink(pyramid[-1])
        pyramid[-1] = pyramid[-1] - _grow(smaller)
        pyramid.append(smaller)
    return pyramid


def cut_patches(images: Tensor, rows: Any, columns: Any, radius: int) -> Tensor:
    """Cuts patches out of images, as many of each.

    Args:
        images: Tensor of shape `(batch_size, height, width, num_channels)`.
        rows, columns: Int tensors of shape `(batch_size * num_each,)`, the
            centers; the first `num_each` are those of the first image.
        radius: Int; patches are `2 * radius + 1` high and wide.

    Returns:
        Tensor of shape `(batch_size * num_each, size, size, num_channels)`.
    """
    batch_size, height, width, channels = ops.shape(images)
    num_patches = ops.shape(rows)[0]
    offsets = ops.arange(-radius, radius + 1, dtype="int32")
    image = ops.arange(num_patches, dtype="int32") // (
        num_patches // batch_size
    )
    row = (image * height + ops.cast(rows, "int32"))[:, None] + offsets
    column = ops.cast(columns, "int32")[:, None] + offsets
    indices = row[:, :, None] * width + column[:, None, :]
    return ops.take(ops.reshape(images, (-1, channels)), indices, axis=0)


def standardize_patches(patches: Tensor) -> Tensor:
    """Gives every patch mean zero and variance one, and flattens it.

    A patch of one color has nothing to scale: it becomes zeros.

    Args:
        patches: Tensor of shape `(num_patches, ...)`.

    Returns:
        Tensor of shape `(num_patches, size)`.
    """
    axes = tuple(range(1, len(patches.shape)))
    mean, variance = ops.moments(patches, axes=axes, keepdims=True)
    plain = ops.equal(variance, 0.0)
    standard = (patches - mean) / ops.sqrt(ops.where(plain, 1.0, variance))
    return ops.reshape(standard, (-1, int(np.prod(patches.shape[1:]))))


def sliced_wasserstein(
    samples: Nest, other_samples: Nest, directions: Tensor
) -> Tensor:
    """Mean distance between sorted projections of two sets of vectors.

    On a line the Wasserstein distance is that of sorted samples; this is its
    mean over lines.

    Args:
        samples, other_samples: Tensors of shape `(num_samples, size)`.
        directions: Tensor of shape `(size, num_directions)`; its columns are
            brought to length one.

    Returns:
        Scalar of the dtype of the samples.

    Example:

    >>> line = ops.array([[2.0]])
    >>> samples = ops.array([[0.0], [1.0]])
    >>> float(sliced_wasserstein(samples, ops.array([[3.0], [2.0]]), line))
    2.0

    Reference: [Rabin et al., 2011](
    https://doi.org/10.1007/978-3-642-24785-9_37)
    """
    return distance_of_sorted(
        lines.project(samples, directions),
        lines.project(other_samples, directions),
    )


def distance_of_sorted(
    projections: Tensor, other_projections: Tensor
) -> Tensor:
    """Mean absolute difference of columns that are sorted each by itself."""
    return ops.mean(
        ops.abs(lines.rank_differences(projections, other_projections))
    )
