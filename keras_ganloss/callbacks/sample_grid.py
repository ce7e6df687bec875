"""Pictures of the same latents after each epoch."""

import importlib.util
import io
import math
import os
import pathlib
import time

import keras
import numpy as np

CHANNELS = (1, 3, 4)  # Gray, color, color with opacity.


def tile(images, columns):
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


def to_pixels(images, value_range):
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


class SampleGrid(keras.callbacks.Callback):
    """Saves a grid of generated images after each epoch.

    The images come from `model.generate(num, condition, seed)`, so all
    pictures show the same latents, drawn by the averaged generator if there is
    one. They are named `epoch_0001.png` and so on; each file is renamed into
    place when it is complete. Needs the package `pillow`.

    Args:
        directory: Path of the directory for the pictures. Made if missing.
        num: Integer, the number of images. Defaults to 64.
        columns: Integer, the number of images in a row; divides `num`.
            Defaults to 8.
        condition: Conditions of a conditional model, an array of shape
            `(num, ...)`, in the order of the images: row by row. Defaults to
            `None`.
        seed: Integer, the seed of the latents. Defaults to 0.
        value_range: Pair `(low, high)`, the values of black and of white.
            Defaults to `None`: `(-1, 1)` if an image from before the first
            epoch has a negative value, `(0, 1)` if none has.
        every: Integer, the number of epochs from picture to picture. Defaults
            to 1.
        tensorboard: Path of a log directory, to also show the grid in
            TensorBoard, among its images. Needs the package `tensorboard`.
            Defaults to `None`.

    Raises:
        ValueError: If `num` images do not fill the rows, if `condition` has
            another length, if an argument is out of range, or, when `fit`
            begins, if the model has no `generate` or does not make images
            with 1, 3 or 4 channels.
        ImportError: If a package that is needed is missing.

    Example:

    ```python
    gan.fit(images, epochs=10, callbacks=[SampleGrid("samples")])

    # A row for each of ten labels, eight images in it.
    labels = np.repeat(np.arange(10), 8)
    grid = SampleGrid("samples", num=80, columns=8, condition=labels)
    conditional_gan.fit(images, digits, epochs=10, callbacks=[grid])
    ```
    """

    def __init__(
        self,
        directory,
        num=64,
        columns=8,
        condition=None,
        seed=0,
        value_range=None,
        every=1,
        tensorboard=None,
    ):
        super().__init__()
        if num < 1 or columns < 1 or num % columns:
            raise ValueError(
                "`num` images must fill every row of the grid: pass a multiple"
                f" of `columns`. Received: num={num}, columns={columns}"
            )
        if condition is not None and len(condition) != num:
            raise ValueError(
                "`condition` must have one entry for each image. Received: "
                f"len(condition)={len(condition)}, num={num}"
            )
        if value_range is not None and not _is_range(value_range):
            raise ValueError(
                "`value_range` must be a pair (low, high) of finite numbers, "
                "the values of black and of white. "
                f"Received: value_range={value_range!r}"
            )
        if every < 1:
            raise ValueError(
                f"`every` must be at least one epoch. Received: every={every}"
            )
        _require("PIL", "pillow")
        if tensorboard is not None:
            _require("tensorboard", "tensorboard")
        self.directory = pathlib.Path(directory)
        self.num = num
        self.columns = columns
        self.condition = condition
        self.seed = seed
        self.value_range = value_range
        self.every = every
        self.tensorboard = tensorboard
        self._writer = None

    def on_train_begin(self, logs=None):
        if not hasattr(self.model, "generate"):
            raise ValueError(
                "`SampleGrid` needs a model with `generate(num, condition, "
                f"seed)`, such as `GAN`. Received: model={self.model!r}"
            )
        images = self._generate()
        if images.ndim != 4 or images.shape[-1] not in CHANNELS:
            raise ValueError(
                "`SampleGrid` draws images of shape (height, width, channels) "
                "with 1, 3 or 4 channels (channels first if Keras is "
                "configured so). Leave it out for other samples. "
                f"Received: samples of shape {images.shape[1:]}"
            )
        if self.value_range is None:
            self.value_range = (-1, 1) if images.min() < 0 else (0, 1)
        self.directory.mkdir(parents=True, exist_ok=True)

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every:
            return
        pixels = to_pixels(self._generate(), self.value_range)
        grid = tile(pixels, self.columns)
        png = _encode(grid)
        path = self.directory / f"epoch_{epoch + 1:04d}.png"
        temporary = path.with_suffix(".tmp")
        temporary.write_bytes(png)
        os.replace(temporary, path)
        if self.tensorboard is not None:
            self._summarize(epoch + 1, grid.shape, png)

    def on_train_end(self, logs=None):
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _generate(self):
        images = self.model.generate(
            self.num, condition=self.condition, seed=self.seed
        )
        images = keras.ops.convert_to_numpy(images)
        if (
            images.ndim == 4
            and keras.config.image_data_format() == "channels_first"
        ):
            images = images.transpose(0, 2, 3, 1)
        return images

    def _summarize(self, step, shape, png):
        # Writes the events itself, as the usual way imports TensorFlow.
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        if self._writer is None:
            self._writer = EventFileWriter(os.fspath(self.tensorboard))
        height, width, channels = shape
        image = Summary.Image(
            height=height,
            width=width,
            colorspace=channels,
            encoded_image_string=png,
        )
        summary = Summary(value=[Summary.Value(tag="samples", image=image)])
        event = Event(wall_time=time.time(), step=step, summary=summary)
        self._writer.add_event(event)
        self._writer.flush()


def _is_range(value):
    try:
        low, high = value
        return math.isfinite(low) and math.isfinite(high) and low < high
    except (TypeError, ValueError):
        return False


def _require(module, package):
    if importlib.util.find_spec(module) is None:
        raise ImportError(
            f"`SampleGrid` needs the package `{package}`: "
            "`pip install keras-ganloss[examples]`."
        )


def _encode(grid):
    """Returns a grid of shape `(height, width, channels)` as a PNG file."""
    image = keras.utils.array_to_img(
        grid, data_format="channels_last", scale=False
    )
    file = io.BytesIO()
    image.save(file, format="PNG")
    return file.getvalue()
