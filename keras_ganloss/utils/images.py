"""Arrays of images, made into one picture with labels."""

import io
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

CHANNELS = (1, 3, 4)  # Gray, color, color with opacity.
WHITE = 255
SMALLEST = 48  # Height that suits a label beside it, in pixels.
SMALL = 360  # Pictures of fewer pixels across are enlarged when they are shown.
TEXT_SIZE = 12
MARGIN = 6


def tile(images: np.ndarray, columns: int) -> np.ndarray:
    """Puts images side by side, row by row.

    Args:
        images: Array of shape `(num, height, width, channels)`.
        columns: Integer, the number of images in a row; divides `num`.

    Returns:
        Array of shape `(num / columns * height, columns * width, channels)`.

    Raises:
        ValueError: If `images` has another rank, or does not fill the rows.

    Example:

    >>> tile(np.arange(4).reshape(4, 1, 1, 1), columns=2)[..., 0]
    array([[0, 1],
           [2, 3]])
    """
    images = np.asarray(images)
    if images.ndim != 4:
        raise ValueError(
            "`images` must have shape (num, height, width, channels). "
            f"Received: images.shape={images.shape}"
        )
    num, height, width, channels = images.shape
    if columns < 1 or num % columns:
        raise ValueError(
            "`images` must fill every row of the grid. "
            f"Received: {num} images, columns={columns}"
        )
    grid = images.reshape(num // columns, columns, height, width, channels)
    grid = grid.transpose(0, 2, 1, 3, 4)
    return grid.reshape(num // columns * height, columns * width, channels)


def to_pixels(images: np.ndarray, value_range: Sequence[float]) -> np.ndarray:
    """Maps values linearly to integers from 0 to 255.

    Args:
        images: Array of any shape. What lies outside of the range is clipped.
        value_range: Pair `(low, high)`: the values of black and of white.

    Returns:
        Array of `uint8` of the same shape.

    Example:

    >>> to_pixels(np.array([-1.0, 0.0, 1.0, 7.0]), (-1, 1))
    array([  0, 128, 255, 255], dtype=uint8)
    """
    low, high = value_range
    scaled = (np.asarray(images, "float64") - low) / (high - low)
    scaled = np.clip(np.nan_to_num(scaled), 0.0, 1.0)
    return np.floor(scaled * 255.0 + 0.5).astype("uint8")


def guess_range(images: np.ndarray) -> tuple[int, int]:
    """Returns `(-1, 1)` if an image has a negative value, else `(0, 1)`."""
    return (-1, 1) if np.min(images) < 0 else (0, 1)


def channels_last(samples: Any) -> np.ndarray:
    """Returns samples as numpy, images with their channels at the end.

    Args:
        samples: Tensor or array. If it has four axes and Keras is configured
            for channels first, the second axis is moved to the end.
    """
    samples = keras.ops.convert_to_numpy(samples)
    is_first = keras.config.image_data_format() == "channels_first"
    if samples.ndim == 4 and is_first:
        return samples.transpose(0, 2, 3, 1)
    return samples


def are_images(samples: Any) -> bool:
    """Whether an array is of images, `(num, height, width, channels)`."""
    return samples.ndim == 4 and samples.shape[-1] in CHANNELS


def enlarge(images: np.ndarray, columns: int = 1, width: int = 1) -> np.ndarray:
    """Repeats the pixels of images that are too small beside labels.

    Before labels are written: enlarged with a picture they would blur.

    Args:
        images: Array of shape `(num, height, width, channels)`.
        columns: Integer, how many stand side by side. Defaults to 1.
        width: Integer, how wide each must be. Defaults to 1.

    Returns:
        Array of the same rank, at least 48 pixels high, and a row of it 360
        pixels wide.
    """
    height, own_width = images.shape[1:3]
    factor = max(
        -(-SMALLEST // height),
        -(-SMALL // (columns * own_width)),
        -(-width // own_width),
    )
    return images.repeat(factor, axis=1).repeat(factor, axis=2)


def resize(images: np.ndarray, height: int, width: int) -> np.ndarray:
    """Returns images of another size, made of their nearest pixels.

    Args:
        images: Array of shape `(num, old_height, old_width, channels)`.
        height, width: Integers.

    Example:

    >>> resize(np.arange(2).reshape(1, 1, 2, 1), 1, 4)[0, 0, :, 0]
    array([0, 0, 1, 1])
    """
    rows, columns = (
        (2 * np.arange(new) + 1) * old // (2 * new)
        for old, new in zip(images.shape[1:3], (height, width))
    )
    return images[:, rows][:, :, columns]


def with_channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    """Returns the same picture with more channels.

    Args:
        pixels: `uint8` array of shape `(..., 1)` for gray, `(..., 3)` for
            color or `(..., 4)` for color with opacity.
        channels: Integer, 1, 3 or 4, no fewer than there are.

    Example:

    >>> with_channels(np.array([[7]], "uint8"), 4)
    array([[  7,   7,   7, 255]], dtype=uint8)
    """
    if pixels.shape[-1] < min(channels, 3):
        pixels = np.repeat(pixels, 3, axis=-1)
    if pixels.shape[-1] < channels:
        opaque = np.full((*pixels.shape[:-1], 1), WHITE, "uint8")
        pixels = np.concatenate([pixels, opaque], axis=-1)
    return pixels


def add_labels(
    grid: np.ndarray, rows: Any = (), columns: Any = ()
) -> np.ndarray:
    """Writes labels into margins, to the left of a grid and above it.

    Args:
        grid: `uint8` array of shape `(height, width, channels)`, of rows of
            equal height and columns of equal width.
        rows: List of strings, one for each row, or none.
        columns: List of strings, one for each column, or none. What is wider
            than the grid is given room.

    Returns:
        Larger `uint8` array of shape `(height, width, channels)`.
    """
    from PIL import Image
    from PIL import ImageDraw
    from PIL import ImageFont

    font = ImageFont.load_default(TEXT_SIZE)
    height, width, channels = grid.shape
    left = top = 0
    if rows:
        left = 2 * MARGIN + int(max(map(font.getlength, rows)))
    if columns:
        top = 2 * MARGIN + TEXT_SIZE
    starts = [index * width // len(columns) for index in range(len(columns))]
    ends = map(font.getlength, columns)
    right = max([width, *(int(a + b) + 1 for a, b in zip(starts, ends))])
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[channels]
    picture = Image.new(mode, (left + right, top + height), "white")
    picture.paste(to_image(grid), (left, top))
    draw = ImageDraw.Draw(picture)
    for index, text in enumerate(rows):
        y = top + (index + 0.5) * height / len(rows)
        draw.text((left - MARGIN, y), text, "black", font, anchor="rm")
    for start, text in zip(starts, columns):
        draw.text((left + start, top / 2), text, "black", font, anchor="lm")
    return np.asarray(picture).reshape(*picture.size[::-1], channels)


def to_image(pixels: np.ndarray) -> Any:
    """Returns a `PIL.Image` of a `uint8` array `(height, width, channels)`."""
    return keras.utils.array_to_img(
        pixels, data_format="channels_last", scale=False
    )


def to_png(pixels: np.ndarray) -> bytes:
    """Returns the bytes of a PNG file.

    Args:
        pixels: `uint8` array of shape `(height, width, channels)`.
    """
    file = io.BytesIO()
    to_image(pixels).save(file, format="PNG", optimize=True)
    return file.getvalue()
