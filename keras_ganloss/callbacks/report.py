"""A page that tells a run, for a browser."""

import pathlib
import time
from typing import Any

import keras

from keras_ganloss import report as report_module
from keras_ganloss.callbacks.picture import Picture
from keras_ganloss.callbacks.sample_grid import SampleGrid
from keras_ganloss.game.game import Game
from keras_ganloss.models.latent_model import LatentModel
from keras_ganloss.report import curves
from keras_ganloss.report import explanations
from keras_ganloss.utils import arguments
from keras_ganloss.utils import files
from keras_ganloss.utils import images as image_utils
from keras_ganloss.utils import packages
from keras_ganloss.utils.typing import Logs


class Report(keras.callbacks.Callback):
    """Writes a page about the run, anew after each epoch.

    One HTML file with everything in it: what a monitor found, pictures from
    the first epoch to the last under a slider, with the sounds of a
    `SoundGrid`, curves of all logs, each with what it shows and where the
    monitor looks for trouble (point at a curve for its values), their lowest
    and highest values, the time of each epoch, the settings of the game and
    the versions. It needs no network and no server, may be sent by mail, and
    can be printed. Reload it to see how far the run is. Needs the package
    `matplotlib`.

    Put it last in the list of callbacks, so that it has the logs that others
    add. Epochs that a `Backup` has restored are in the curves, if `Backup` is
    in the list of callbacks too; pictures begin where the process began.

    Args:
        path: Path of the page, ending in `.html`. It is renamed into place
            when it is complete.
        pictures: List of picture callbacks, such as `SampleGrid(condition=
            labels)`, `LatentGrid()` or `ScatterPlot(None, points)`, to show;
            they need not be in the list of callbacks of `fit`, and without a
            directory they write no files. Defaults to `None`: a `SampleGrid`
            if the model makes images without a condition.
        monitor: Optional object with a list `findings` of tuples `(epoch,
            name, evidence, remedy)`, such as a `GameMonitor` that is earlier
            in the list of callbacks.
        title: Optional string. Defaults to the name of the model.
        num_frames: Integer, at least 2, how many pictures of each kind to
            keep: the first, the last, and some in between. Defaults to 12.

    Raises:
        ValueError: If an argument is not what is described here, or, when
            `fit` begins, if the model is no game of this package, or does not
            make what a picture draws.
        ImportError: If a package that is needed is missing.

    Example:

    ```python
    monitor = GameMonitor(images[:512])
    report = Report("report.html", monitor=monitor)
    gan.fit(images, epochs=10, callbacks=[monitor, report])
    ```
    """

    def __init__(
        self,
        path: Any,
        pictures: Any = None,
        monitor: Any = None,
        title: str | None = None,
        num_frames: int = 12,
    ) -> None:
        super().__init__()
        packages.require("Report", packages.PILLOW, packages.MATPLOTLIB)
        self.path: pathlib.Path = pathlib.Path(path)
        if self.path.suffix not in (".html", ".htm"):
            raise ValueError(
                f"`path` must end in `.html`. Received: path={str(path)!r}"
            )
        wrong = [p for p in pictures or () if not isinstance(p, Picture)]
        if wrong:
            raise ValueError(
                "`pictures` must be picture callbacks, such as "
                f"`[SampleGrid()]`. Received: {wrong[0]!r}"
            )
        if monitor is not None and not hasattr(monitor, "findings"):
            raise ValueError(
                "`monitor` must have a list `findings`, such as a "
                f"`GameMonitor`. Received: monitor={monitor!r}"
            )
        arguments.int_of_at_least(
            2, "num_frames", num_frames, "There are a first and a last one."
        )
        self.pictures = pictures
        self.monitor = monitor
        self.title = title
        self.num_frames = num_frames

    def on_train_begin(self, logs: Logs = None) -> None:
        game = self.model
        if not isinstance(game, Game):
            raise ValueError(
                "`Report` tells of a game of this package, such as `GAN`. "
                f"Received: model={game!r}"
            )
        self._pictures = (
            _default_pictures(game)
            if self.pictures is None
            else list(self.pictures)
        )
        for picture in self._pictures:
            picture.begin(game)
        self._frames = [[] for _ in self._pictures]
        self._logs = None
        self._seconds = {}
        self._epoch = 0
        self._settings = report_module.settings(game)
        self._networks = report_module.networks(game)
        self._texts = explanations.of_game(game)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self._logs is None:
            self._logs = curves.recorded(self.model.history)
        self._logs[epoch] = dict(logs or {})
        self._seconds[epoch] = time.perf_counter() - self._start
        self._epoch = epoch + 1
        for picture, frames in zip(self._pictures, self._frames):
            if picture.is_due(self._epoch):
                png = picture.png(self._epoch)
                sounds = picture.sounds(self._epoch)
                frames.append((self._epoch, png, sounds))
                thin(frames, self.num_frames)
        self._write("Running")

    def on_train_end(self, logs: Logs = None) -> None:
        is_complete = self._epoch == self.params["epochs"]
        self._write("Finished" if is_complete else "Stopped")

    def _write(self, state):
        page = report_module.page(
            report_module.Run(
                title=self.title or f"A run of {self.model.name}",
                status=f"{state}: epoch {self._epoch} of "
                f"{self.params['epochs']}. Written on "
                f"{time.strftime('%Y-%m-%d at %H:%M:%S')}.",
                logs=self._logs or {},
                seconds=self._seconds,
                findings=getattr(self.monitor, "findings", None),
                pictures=[
                    (picture.caption, frames)
                    for picture, frames in zip(self._pictures, self._frames)
                    if frames
                ],
                settings=self._settings,
                networks=self._networks,
                versions=report_module.versions(),
                texts=self._texts,
                limits=getattr(self.monitor, "limits", []),
            )
        )
        files.replace(self.path, page.encode())


def thin(frames: Any, num: int) -> None:
    """Takes frames out of a list until there are no more than `num`.

    The first and the last one stay; of the others goes the one whose
    neighbors are nearest to each other.

    Args:
        frames: List of tuples `(epoch, picture, ...)`.
        num: Integer, at least 2.

    Example:

    >>> frames = [(1, "a"), (2, "b"), (3, "c"), (9, "d")]
    >>> thin(frames, 3)
    >>> frames
    [(1, 'a'), (3, 'c'), (9, 'd')]
    """
    while len(frames) > num:
        gaps = [
            frames[i + 1][0] - frames[i - 1][0]
            for i in range(1, len(frames) - 1)
        ]
        del frames[1 + gaps.index(min(gaps))]


def _default_pictures(game):
    if not isinstance(game, LatentModel) or game.conditional:
        return []
    samples = game.generate(1, seed=0)
    if not hasattr(samples, "ndim"):  # Several outputs.
        return []
    is_image = image_utils.are_images(image_utils.channels_last(samples))
    return [SampleGrid()] if is_image else []
