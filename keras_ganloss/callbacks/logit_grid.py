"""Pictures covered with what a patch discriminator says of their parts."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_ganloss.callbacks.answer_grid import COLUMN
from keras_ganloss.callbacks.answer_grid import pick
from keras_ganloss.callbacks.picture import ImageGrid
from keras_ganloss.game.game import Game
from keras_ganloss.report.curves import COLORS
from keras_ganloss.utils import arguments
from keras_ganloss.utils import images as image_utils
from keras_ganloss.utils.typing import Nest

OPACITY = 0.75  # Of what covers a picture, at `limit`.


def cover(
    pixels: np.ndarray, logits: np.ndarray, limit: float = 1.0
) -> np.ndarray:
    """Covers pictures with colors, the stronger the larger the logits are.

    Green is above zero, which a discriminator says of real samples, purple
    below; at zero the picture is seen as it is.

    Args:
        pixels: `uint8` array of shape `(num, height, width, channels)`.
        logits: Array of shape `(num, rows, columns)`, each spread over its
            part of the picture.
        limit: Float, from which on the color is no stronger. Defaults to 1.

    Returns:
        `uint8` array of shape `(num, height, width, 3)`, or of 4 channels
        where `pixels` has them.

    Example:

    >>> gray = np.full((1, 1, 3, 1), 200, "uint8")
    >>> cover(gray, np.array([[[-9.0, 0.0, 0.5]]]))[0, 0]
    array([[170, 102, 145],
           [200, 200, 200],
           [147, 179, 160]], dtype=uint8)
    """
    pixels = image_utils.with_channels(pixels, 3)
    logits = np.nan_to_num(np.asarray(logits, "float64"))[..., None]
    logits = image_utils.resize(logits, *pixels.shape[1:3])
    share = OPACITY * np.clip(np.abs(logits) / limit, 0.0, 1.0)
    real, fake = (_rgb(COLORS[name]) for name in ("real", "fake"))
    colors = np.where(logits > 0.0, real, fake)
    mixed = (1.0 - share) * pixels[..., :3] + share * colors
    covered = pixels.copy()
    covered[..., :3] = np.floor(mixed + 0.5)
    return covered


class LogitGrid(ImageGrid):
    """Shows, after each epoch, which parts of pictures a discriminator doubts.

    For discriminators that answer with one logit a patch, such as
    `networks.PatchDiscriminator` and `UNetDiscriminator`; of one logit a
    picture the whole picture is covered. A row for each sample, with the
    columns "real", the same under the discriminator's logits, "fake", the
    same under its logits. Green parts have logits above zero, purple ones
    below; the heading says at which logit the color is full. A patch sees
    more of the picture than it covers. The averaged generator makes the fakes
    if there is one, of the same latents in every picture.

    Args:
        directory: See `SampleGrid`.
        data: A batch of data as `fit` gets them, a row for each sample: real
            samples, or a tuple such as `(samples, conditions)` or `(x, y)`.
            Some eight are enough.
        output: Which output of the discriminator to draw if it has several:
            its name, or its place. Defaults to `None`.
        discriminator: Which discriminator to ask if the game has several,
            the name of its attribute. Defaults to `None`.
        limit: Float, the logit at which the color is full. Defaults to
            `None`: the largest one of each picture, whatever its sign.
        value_range: See `SampleGrid`; guessed by real samples too.
        every, tensorboard: See `SampleGrid`.

    Raises:
        ValueError: If an argument is out of range, or, when `fit` begins, if
            the model is no game of images with 1, 3 or 4 channels, if its
            discriminator has no such output, or one that is neither a logit a
            patch nor one a sample.
        ImportError: If a package that is needed is missing.

    Example:

    ```python
    grid = LogitGrid("logits", images[:8], limit=2.0)
    gan.fit(images, epochs=10, callbacks=[grid])
    ```
    """

    tag = "logits"
    caption = "What the discriminator says of parts"

    def __init__(
        self,
        directory: Any,
        data: Nest,
        output: Any = None,
        discriminator: str | None = None,
        limit: float | None = None,
        value_range: Sequence[float] | None = None,
        every: int = 1,
        tensorboard: Any = None,
    ) -> None:
        if limit is not None:
            arguments.positive("limit", limit)
        super().__init__(directory, value_range, every, tensorboard)
        self.data = data
        self.output = output
        self.discriminator = discriminator
        self.limit = limit

    def check_model(self) -> None:
        if not isinstance(self.model, Game):
            raise ValueError(
                "`LogitGrid` asks the discriminator of a game of this "
                f"package, such as `GAN`. Received: model={self.model!r}"
            )

    def samples(self) -> Any:
        return self.judged()[0]

    def judged(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns real and then fake samples, and the logits of each.

        Returns:
            Arrays of shape `(2 * num, height, width, channels)` and `(2 *
            num, rows, columns)`.
        """
        game = self.model
        with game.random_state_kept(seed=0):
            turn = game.turn("discriminator", "generator", training=False)
            duels = game.duels(turn.draw(self.data), turn)
            duel = self._chosen(duels)
            pairs = [
                (samples, self._logits(duel.judge, samples))
                for samples in (duel.real, duel.fake)
            ]
        images, logits = (
            np.concatenate([image_utils.channels_last(part) for part in parts])
            for parts in zip(*pairs)
        )
        return images, _as_maps(logits, len(images))

    def draw(self, epoch: int) -> bytes:
        images, logits = self.judged()
        return image_utils.to_png(self.paint(images, logits))

    def paint(self, images: np.ndarray, logits: np.ndarray) -> np.ndarray:
        """Returns the grid, a `uint8` array `(height, width, channels)`.

        Args:
            images, logits: What `judged()` returned.
        """
        limit = self.limit or float(np.max(np.abs(np.nan_to_num(logits)))) or 1
        pixels = image_utils.enlarge(self.pixels(images), 4, COLUMN)
        covered = cover(pixels, logits, limit)
        pixels = image_utils.with_channels(pixels, covered.shape[-1])
        real, fake = zip(*(np.split(part, 2) for part in (pixels, covered)))
        columns = [*real, *fake]
        cells = np.stack(columns, axis=1).reshape(-1, *pixels.shape[1:])
        headings = ["real", f"to {limit:.2g}", "fake", f"to {limit:.2g}"]
        grid = image_utils.tile(cells, len(columns))
        return image_utils.add_labels(grid, columns=headings)

    def _chosen(self, duels):
        """Returns the first duel before the discriminator that is meant."""
        names = self.model.discriminators
        name = self.discriminator
        if name is None and len(names) == 1:
            (name,) = names
        if name not in names:
            raise ValueError(
                "`discriminator` must say which one to ask: the game has "
                f"{list(names)}. Received: discriminator={name!r}"
            )
        network = getattr(self.model, name)
        return next(d for d in duels if d.judge.network is network)

    def _logits(self, judge, samples):
        if keras.tree.is_nested(samples):
            raise ValueError(
                "`LogitGrid` draws samples that are one image each. Received: "
                f"samples of the structure {type(samples).__name__}"
            )
        outputs = keras.tree.flatten(judge.outputs(samples))
        names = judge.output_names(samples)
        if len(set(names)) < len(names):
            names = range(len(names))
        return pick(dict(zip(names, outputs)), self.output, "the discriminator")


def _as_maps(logits, num):
    """Returns logits as `(num, rows, columns)`."""
    if logits.ndim == 4 and logits.shape[-1] == 1:
        logits = logits[..., 0]
    elif logits.ndim < 3 and logits.size == num:
        logits = logits.reshape(num, 1, 1)
    if logits.ndim != 3 or len(logits) != num:
        raise ValueError(
            "`LogitGrid` draws a discriminator's output of one logit a patch, "
            "of shape (num, rows, columns, 1), or of one a sample. Choose "
            f"another `output`. Received: an output of shape {logits.shape} "
            f"for {num} samples"
        )
    return logits


def _rgb(color):
    """Returns the three numbers of a color such as `"#3a8f5c"`."""
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], "float64")
