"""What all callbacks that draw have in common."""

import inspect
import math
import pathlib
from collections.abc import Sequence
from typing import Any

import keras

from keras_ganloss.callbacks.event_file import EventFile
from keras_ganloss.utils import arguments
from keras_ganloss.utils import files
from keras_ganloss.utils import images as image_utils
from keras_ganloss.utils import notebook
from keras_ganloss.utils import packages
from keras_ganloss.utils.typing import Logs
from keras_ganloss.utils.typing import Nest


class Picture(keras.callbacks.Callback):
    """Abstract: draws a picture after each epoch, and saves it.

    Pictures are named `epoch_0001.png` and so on; each file is renamed into
    place when it is complete. Subclasses fill `prepare` and `draw`. Drawing
    does not disturb training: a run with pictures has the history of one
    without, bit for bit. In Jupyter the newest appears under the cell, too.

    Args:
        directory: Path of the directory for the pictures, made if missing,
            or `None` for a picture that only a `Report` or `TensorBoard`
            shows.
        every: Integer, the number of epochs from picture to picture.
        tensorboard: Optional path of a log directory, to show the picture in
            TensorBoard too. Needs the package `tensorboard`.
    """

    tag = "samples"  # Its name in TensorBoard.
    caption = "Samples"  # What a report says of it.

    def __init__(
        self, directory: Any = None, every: int = 1, tensorboard: Any = None
    ) -> None:
        super().__init__()
        arguments.positive_int("every", every, "It counts epochs.")
        packages.require(type(self).__name__, packages.PILLOW)
        if tensorboard is not None:
            packages.require(type(self).__name__, packages.TENSORBOARD)
        self.directory: pathlib.Path | None = (
            None if directory is None else pathlib.Path(directory)
        )
        self.every = every
        self.tensorboard = tensorboard
        self._events = None
        self._latest = (None, None)

    def prepare(self) -> None:
        """Checks, before the first epoch, that the model can be drawn."""
        raise NotImplementedError(self._must_fill("prepare"))

    def draw(self, epoch: int) -> bytes:
        """Returns the bytes of a PNG file.

        Args:
            epoch: Integer, counted from 1.
        """
        raise NotImplementedError(self._must_fill("draw"))

    def sounds(self, epoch: int) -> dict[str, bytes]:
        """Returns what is to be heard beside the picture, if anything.

        Args:
            epoch: Integer, counted from 1.

        Returns:
            Dict of name to the bytes of a WAV file.
        """
        del epoch
        return {}

    def begin(self, model: keras.Model) -> None:
        """Gets ready to draw a run of a model."""
        self.set_model(model)
        self._latest = (None, None)  # An earlier run had such epochs, too.
        self.prepare()

    def is_due(self, epoch: int) -> bool:
        """Whether an epoch, counted from 1, has a picture."""
        return epoch % self.every == 0

    def png(self, epoch: int) -> bytes:
        """As `draw`, but drawn once however many ask for it."""
        if self._latest[0] != epoch:
            self._latest = (epoch, self.draw(epoch))
        return self._latest[1]

    def on_train_begin(self, logs: Logs = None) -> None:
        self.begin(self.model)
        if self.directory is not None:
            self.directory.mkdir(parents=True, exist_ok=True)
        self._show = notebook.inline()
        if self.tensorboard is not None:
            self._events = EventFile(self.tensorboard)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        epoch += 1
        if not self.is_due(epoch):
            return
        png = self.png(epoch)
        self._show(png)
        sounds = self.sounds(epoch)
        if self.directory is not None:
            stem = f"epoch_{epoch:04d}"
            files.replace(self.directory / f"{stem}.png", png)
            for name, wav in sounds.items():
                path = self.directory / f"{stem}_{name.replace(' ', '_')}.wav"
                files.replace(path, wav)
        if self._events is not None:
            self._events.add_image(self.tag, png, epoch)
            for name, wav in sounds.items():
                self._events.add_audio(f"{self.tag}/{name}", wav, epoch)

    def on_train_end(self, logs: Logs = None) -> None:
        if self._events is not None:
            self._events.close()
            self._events = None

    def _must_fill(self, hook):
        return f"{type(self).__name__} must implement `{hook}`."


class ImageGrid(Picture):
    """Abstract: a grid of images that the model makes.

    Subclasses fill `samples` and `compose`, and `check_model` if they ask
    for samples in another way than by `generate`.

    Args:
        directory, every, tensorboard: See `Picture`.
        value_range: Pair `(low, high)`, the values of black and of white, or
            `None`: `(-1, 1)` if an image from before the first epoch has a
            negative value, `(0, 1)` if none has.
    """

    def __init__(
        self,
        directory: Any = None,
        value_range: Sequence[float] | None = None,
        every: int = 1,
        tensorboard: Any = None,
    ) -> None:
        super().__init__(directory, every, tensorboard)
        check_range("value_range", value_range)
        self.value_range: Sequence[float] | None = value_range

    def check_model(self) -> None:
        """Raises if the model cannot be asked for samples."""
        check_generates(type(self).__name__, self.model)

    def samples(self) -> Any:
        """Returns an array of the model's samples."""
        raise NotImplementedError(self._must_fill("samples"))

    def compose(self, samples: Nest) -> Any:
        """Returns the grid, a `uint8` array `(height, width, channels)`.

        Args:
            samples: What `samples()` returned.
        """
        raise NotImplementedError(self._must_fill("compose"))

    def prepare(self) -> None:
        self.check_model()
        images = image_utils.channels_last(self.samples())
        if not image_utils.are_images(images):
            raise ValueError(
                f"`{type(self).__name__}` draws images of shape (height, "
                "width, channels) with 1, 3 or 4 channels (channels first if "
                "Keras is configured so). Leave it out for other samples; "
                "`ScatterPlot` draws points. "
                f"Received: samples of shape {images.shape[1:]}"
            )
        if self.value_range is None:
            self.value_range = image_utils.guess_range(images)

    def draw(self, epoch: int) -> bytes:
        return image_utils.to_png(self.compose(self.samples()))

    def pixels(self, samples: Nest) -> Any:
        """Returns integers from 0 to 255, the channels at the end."""
        images = image_utils.channels_last(samples)
        return image_utils.to_pixels(images, self.value_range)


def check_generates(name: str, model: keras.Model) -> None:
    """Raises if a model cannot generate.

    Args:
        name: Name of the picture.
        model: What it is to draw.
    """
    generate = getattr(model, "generate", None)
    known = generate and inspect.signature(generate).parameters
    if not known or "condition" not in known:
        raise ValueError(
            f"`{name}` needs a model with `generate(num, condition, "
            f"seed)`, such as `GAN`. Received: model={model!r}"
        )


def check_range(name: str, value: Any) -> None:
    """Raises unless an argument is a pair of numbers, or `None`."""
    if value is not None and not _is_range(value):
        raise ValueError(
            f"`{name}` must be a pair (low, high) of finite numbers, "
            f"the values of black and of white. Received: {name}={value!r}"
        )


def _is_range(value):
    try:
        low, high = value
        return math.isfinite(low) and math.isfinite(high) and low < high
    except (TypeError, ValueError):
        return False
