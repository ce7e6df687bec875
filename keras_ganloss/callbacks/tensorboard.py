"""A run in TensorBoard, on every backend."""

import collections
import pathlib
from typing import Any

import keras
import numpy as np

from keras_ganloss.callbacks.event_file import EventFile
from keras_ganloss.callbacks.picture import Picture
from keras_ganloss.game.game import Game
from keras_ganloss.report import curves
from keras_ganloss.report import settings
from keras_ganloss.utils import arguments
from keras_ganloss.utils import packages
from keras_ganloss.utils.typing import Logs
from keras_ganloss.utils.typing import Nest


class TensorBoard(keras.callbacks.Callback):
    """Writes scalars, histograms, pictures and settings for TensorBoard.

    `keras.callbacks.TensorBoard` imports TensorFlow and knows nothing of two
    players. This one needs the package `tensorboard` alone, and writes after
    each epoch:

    * all logs, those of validation data as a run of their own, so that both
      are in one chart; the numbers of a `GameMonitor` are a group of their
      own, `monitor`;
    * histograms of the weights of both players' networks, named by the
      network's name in the game and the weight's path;
    * with `data`, histograms of the discriminator's outputs on real and on
      generated samples: as far as they overlap, it cannot tell them apart;
    * the pictures that are passed, and the sounds of a `SoundGrid`;
    * once, the settings of the game, as a text.

    A run with this callback trains bit for bit as one without. Put it behind
    callbacks that add logs.

    Args:
        directory: Path of the log directory.
        pictures: List of picture callbacks, such as `SampleGrid()`; they need
            not be in the list of callbacks of `fit`. Defaults to none.
        data: A batch of data as `fit` gets them: real samples, or a tuple of
            samples and conditions. Defaults to `None`.
        every: Integer, the number of epochs from histogram to histogram.
            Defaults to 1.

    Raises:
        ValueError: If an argument is not what is described here, or, when
            `fit` begins, if the model is no game of this package.
        ImportError: If a package that is needed is missing.

    Example:

    ```python
    board = TensorBoard("logs", pictures=[SampleGrid()], data=images[:256])
    gan.fit(images, epochs=10, callbacks=[board])
    ```

    Then `tensorboard --logdir logs`.
    """

    def __init__(
        self,
        directory: Any,
        pictures: Any = None,
        data: Nest = None,
        every: int = 1,
    ) -> None:
        super().__init__()
        packages.require("TensorBoard", packages.TENSORBOARD)
        pictures = arguments.as_list("pictures", pictures)
        wrong = [p for p in pictures if not isinstance(p, Picture)]
        if wrong:
            raise ValueError(
                "`pictures` must be picture callbacks, such as "
                f"`[SampleGrid()]`. Received: {wrong[0]!r}"
            )
        arguments.positive_int("every", every, "It counts epochs.")
        self.directory: pathlib.Path = pathlib.Path(directory)
        self.pictures = pictures
        self.data = data
        self.every = every
        self._files = {}

    def on_train_begin(self, logs: Logs = None) -> None:
        game = self.model
        if not isinstance(game, Game):
            raise ValueError(
                "`TensorBoard` tells of a game of this package, such as "
                "`GAN`; for other models there is "
                f"`keras.callbacks.TensorBoard`. Received: model={game!r}"
            )
        for picture in self.pictures:
            picture.begin(game)
        rows = [f"| {k} | {v} |" for k, v in settings(game).items()]
        text = "\n".join(["| setting | value |", "|---|---|", *rows])
        self._file("train").add_text("settings", text, 0)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        epoch += 1
        logs = logs or {}
        measured = curves.measured_by_monitors(logs)
        for name, value in logs.items():
            stem = curves.stem(name)
            run = "train" if name == stem else "validation"
            # Charts of one panel are a group in TensorBoard.
            title = "monitor" if name in measured else curves.panel_title(stem)
            self._file(run).add_scalar(f"{title}/{stem}", value, epoch)
        for picture in self.pictures:
            if picture.is_due(epoch):
                png = picture.png(epoch)
                self._file("train").add_image(picture.tag, png, epoch)
                for name, wav in picture.sounds(epoch).items():
                    tag = f"{picture.tag}/{name}"
                    self._file("train").add_audio(tag, wav, epoch)
        if epoch % self.every == 0:
            for tag, values in self._distributions().items():
                self._file("train").add_histogram(tag, values, epoch)

    def on_train_end(self, logs: Logs = None) -> None:
        for file in self._files.values():
            file.close()
        self._files = {}

    def _distributions(self):
        game = self.model
        found = {}
        for tag, variable in tagged_variables(game):
            found[tag] = keras.ops.convert_to_numpy(variable)
        if self.data is not None:
            for name, values in outputs(game, self.data).items():
                found[f"outputs/{name}"] = values
        return found

    def _file(self, run):
        if run not in self._files:
            self._files[run] = EventFile(self.directory / run)
        return self._files[run]


def tagged_variables(game: Game) -> list[Any]:
    """Returns the trained variables of a game, each with a tag of its own.

    A tag is the name of the network in the game and the path in the network:
    two networks that one function has built have equal paths.

    Args:
        game: A `Game`.

    Returns:
        List of pairs of a string and a `keras.Variable`.
    """
    seen = collections.Counter()
    tagged = {}
    for network in (*game.generators, *game.discriminators):
        for variable in getattr(game, network).trainable_variables:
            if id(variable) in tagged:
                continue
            tag = f"{network}/{variable.path}"
            seen[tag] += 1
            # Layers of one name in a subclassed network.
            number = f" ({seen[tag]})" if seen[tag] > 1 else ""
            tagged[id(variable)] = (tag + number, variable)
    return list(tagged.values())


def outputs(game: Game, data: Nest) -> Nest:
    """Returns the discriminators' outputs on a batch, and on fakes.

    Args:
        game: A `Game`.
        data: Real samples, or a tuple of samples and conditions.

    Returns:
        Dictionary of `"real"` and `"fake"` to flat arrays. All discriminators
        of a game are in one.
    """

    with game.random_state_kept():
        turn = game.turn("discriminator", "generator", training=False)
        duels = game.duels(turn.draw(data), turn)
        found = {
            "real": [duel.judge.outputs(duel.real) for duel in duels],
            "fake": [duel.judge.outputs(duel.fake) for duel in duels],
        }
    return {
        name: np.concatenate(
            [
                keras.ops.convert_to_numpy(output).ravel()
                for output in keras.tree.flatten(answers)
            ]
        )
        for name, answers in found.items()
    }
