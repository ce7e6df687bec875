"""Sounds and spectrograms of what a model makes, after each epoch."""

from typing import Any

import numpy as np

from keras_ganloss.callbacks.answer_grid import pick
from keras_ganloss.callbacks.picture import Picture
from keras_ganloss.game.game import Game
from keras_ganloss.utils import arguments
from keras_ganloss.utils import images as image_utils
from keras_ganloss.utils import sounds as sound_utils
from keras_ganloss.utils.typing import Nest

WIDTH = 180  # That spectrograms of few columns are drawn out to, in pixels.


class SoundGrid(Picture):
    """Saves sounds that the model makes, and their spectrograms.

    For games of waveforms. After each epoch a picture, a row for each sample,
    with the spectrograms of "real" and "fake", and for each of them a WAV file
    of 16 bits beside the picture, such as `epoch_0001_fake_1.wav`. A `Report`
    and `TensorBoard` that have it among their `pictures` play the sounds. The
    averaged generator makes them if there is one, of the same latents in
    every picture.

    Levels are those of the samples: what exceeds -1 to 1 is clipped in the
    files, and the heading says how much of all samples was.

    Args:
        directory: See `SampleGrid`; also for the sounds.
        data: A batch of data as `fit` gets them, a row for each sample: real
            samples, or a tuple such as `(samples, conditions)` or `(x, y)`.
            Some four are enough: all are written each time.
        sample_rate: Int, samples a second, such as 22050.
        output: Which part of the samples to draw if they have several: a key
            or an index. Defaults to `None`.
        every, tensorboard: See `SampleGrid`.

    Raises:
        ValueError: If an argument is out of range, or, when `fit` begins, if
            the model is no game of this package, or one whose samples are not
            of shape `(length,)` or `(length, 1)`.
        ImportError: If a package that is needed is missing.

    Example:

    ```python
    sounds = SoundGrid("sounds", waves[:4], sample_rate=22050)
    gan.fit(waves, epochs=10, callbacks=[sounds])
    ```
    """

    tag = "sounds"
    caption = "Sounds, real and made"

    def __init__(
        self,
        directory: Any,
        data: Nest,
        sample_rate: int,
        output: Any = None,
        every: int = 1,
        tensorboard: Any = None,
    ) -> None:
        super().__init__(directory, every, tensorboard)
        self.data = data
        self.sample_rate: int = arguments.positive_int(
            "sample_rate", sample_rate, "It counts samples a second."
        )
        self.output = output

    def prepare(self) -> None:
        if not isinstance(self.model, Game):
            raise ValueError(
                "`SoundGrid` draws samples of a game of this package, such "
                f"as `GAN`. Received: model={self.model!r}"
            )
        self.waves()

    def waves(self) -> dict[str, np.ndarray]:
        """Returns a dict of "real" and "fake" to waveforms `(num, length)`."""
        with self.model.random_state_kept(seed=0):
            turn = self.model.turn("generator", training=False)
            samples = turn.draw(self.data)
        return {
            name: sound_utils.to_waves(
                pick(getattr(samples, name), self.output, "a sample")
            )
            for name in ("real", "fake")
        }

    def draw(self, epoch: int) -> bytes:
        waves = self.waves()
        columns = [
            _widened(sound_utils.spectrograms(part)) for part in waves.values()
        ]
        cells = np.stack(columns, axis=1).reshape(-1, *columns[0].shape[1:])
        shares = map(sound_utils.clipped_share, waves.values())
        headings = [
            f"{name}, {share:.1%} clipped" if share else name
            for name, share in zip(waves, shares)
        ]
        rows = [str(1 + index) for index in range(len(columns[0]))]
        grid = image_utils.tile(cells, len(columns))
        return image_utils.to_png(image_utils.add_labels(grid, rows, headings))

    def sounds(self, epoch: int) -> dict[str, bytes]:
        return {
            f"{name} {1 + index}": sound_utils.to_wav(wave, self.sample_rate)
            for name, waves in self.waves().items()
            for index, wave in enumerate(waves)
        }


def _widened(pixels):
    height, width = pixels.shape[1:3]
    return image_utils.resize(pixels, height, max(width, WIDTH))
