"""TF-GAN's image grids: many images as one."""

import math

import numpy as np
from keras import ops

from keras_ganloss.utils.typing import Shape
from keras_ganloss.utils.typing import Tensor


def image_grid(
    input_tensor: Tensor,
    grid_shape: Shape,
    image_shape: Shape = (32, 32),
    num_channels: int = 3,
) -> Tensor:
    """Arranges a batch of images in a grid.

    Args:
        input_tensor: Tensor of shape `(batch_size, height, width,
            num_channels)` or `(batch_size, height * width * num_channels)`.
        grid_shape: The numbers of rows and columns.
        image_shape: Height and width of one image. Defaults to `(32, 32)`.
        num_channels: Int. Defaults to 3.

    Returns:
        Tensor of shape `(1, rows * height, columns * width, num_channels)`.

    Raises:
        ValueError: If the images do not fill the grid, or are not of the
            shape that is given.
    """
    input_tensor = ops.convert_to_tensor(input_tensor)
    _check_grid(input_tensor, grid_shape)
    height, width = image_shape
    expected = (
        (height * width * num_channels,),
        (height, width, num_channels),
    )
    if tuple(input_tensor.shape[1:]) not in expected:
        raise ValueError(
            "Images must be flat or have the shape that `image_shape` and "
            "`num_channels` say. Received: input_tensor.shape="
            f"{tuple(input_tensor.shape)}, image_shape={image_shape}, "
            f"num_channels={num_channels}"
        )
    images = ops.reshape(input_tensor, (-1, height, width, num_channels))
    rows, columns = grid_shape
    grid = ops.reshape(images, (rows, columns, height, width, num_channels))
    grid = ops.transpose(grid, (0, 2, 1, 3, 4))
    return ops.reshape(grid, (1, rows * height, columns * width, num_channels))


def python_image_grid(input_array: Tensor, grid_shape: Shape) -> np.ndarray:
    """Arranges a numpy batch of images in a grid.

    Args:
        input_array: Array of shape `(batch_size, height, width,
            num_channels)`.
        grid_shape: The numbers of rows and columns.

    Returns:
        Array of shape `(rows * height, columns * width, num_channels)`.

    Raises:
        ValueError: If the images do not fill the grid, or have another rank.
    """
    _check_grid(input_array, grid_shape)
    if len(input_array.shape) != 4:
        raise ValueError(
            "`input_array` must have the shape (batch_size, height, width, "
            f"num_channels). Received: input_array.shape={input_array.shape}"
        )
    rows, columns = grid_shape
    _, height, width, channels = input_array.shape
    grid = np.reshape(input_array, (rows, columns, height, width, channels))
    grid = np.transpose(grid, (0, 2, 1, 3, 4))
    return np.reshape(grid, (rows * height, columns * width, channels))


def image_reshaper(images: Tensor, num_cols: int | None = None) -> Tensor:
    """Arranges images in a grid; black ones fill the last row.

    Args:
        images: Tensor of shape `(num_images, height, width, num_channels)`,
            or a list of tensors `(height, width, num_channels)`, of one or
            three channels.
        num_cols: Optional int, the number of columns. Defaults to what makes
            the grid a square, about.

    Returns:
        Tensor of shape `(1, rows * height, columns * width, num_channels)`.

    Raises:
        ValueError: If an image has another shape.
    """
    images = (
        ops.stack(list(images))
        if isinstance(images, (list, tuple))
        else ops.convert_to_tensor(images)
    )
    shape = tuple(images.shape)
    if len(shape) != 4 or None in shape or shape[-1] not in (1, 3):
        raise ValueError(
            "Images must have known heights and widths, and one or three "
            f"channels. Received: images of shape {shape[1:]}"
        )
    num_images, height, width, channels = shape
    columns = num_cols or math.ceil(math.sqrt(num_images))
    rows = math.ceil(num_images / columns)
    empty = ((0, rows * columns - num_images), (0, 0), (0, 0), (0, 0))
    return image_grid(
        ops.pad(images, empty), (rows, columns), (height, width), channels
    )


def _check_grid(images, grid_shape):
    rows, columns = grid_shape
    if rows * columns != images.shape[0]:
        raise ValueError(
            "The images must fill the grid. Received: grid_shape="
            f"{tuple(grid_shape)} for {images.shape[0]} images"
        )
