"""Names what goes wrong in a game while it is trained."""

import importlib.util
import logging
import math
from collections.abc import Sequence
from typing import Any

import keras

from keras_ganloss import monitors as monitors_module
from keras_ganloss.callbacks.event_file import EventFile
from keras_ganloss.game.game import Game
from keras_ganloss.monitors.observation import Observation
from keras_ganloss.monitors.observation import Observer
from keras_ganloss.monitors.observation import as_data
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Logs
from keras_ganloss.utils.typing import Nest

# Where nothing is to be printed (`keras.config.disable_interactive_logging`).
LOGGER = logging.getLogger("keras_ganloss")


class GameMonitor(keras.callbacks.Callback):
    """Says what goes wrong, by what it is seen, and what to change.

    At the end of each epoch it looks at the game on a fixed batch of data and
    noise and lets monitors read it: mode collapse, a vanishing gradient of
    the generator, a discriminator that has won or lost, oscillation,
    memorization, an exploding penalty, NaN; and one for good news, the
    equilibrium. `docs/how-to/monitors.md` says how each is measured. What they
    find is printed and kept in `findings`, once for as long as it lasts; their
    numbers are added to the logs of the epoch, for the history and for
    callbacks that come later in the list, such as `HistoryPlot`.

    A run with the monitor trains bit for bit as one without, unless `action`
    interferes. It costs some forward passes over `real` and `held_out` an
    epoch.

    Works with every game of this package, and with samples of any shape.
    Losses and logs alone are watched if `real` is left out.

    Args:
        real: Data that are trained on, as `fit` gets them: samples, or a
            tuple such as `(samples, labels)`; arrays of at least 64 rows. 500
            are a good number; more find rarer modes. Defaults to `None`.
        held_out: Likewise, data that are not trained on. Defaults to `None`.
        monitors: List of `monitors.Monitor` objects. Defaults to one of each
            kind.
        action: Optional `monitors.Action`, such as `Stop()` or `RollBack()`:
            what to do about failures.
        features: Optional function of a batch of samples, as arrays, that
            returns what they are compared by, such as a classifier's
            `predict_on_batch`. Defaults to the samples themselves.
        batch_size: Int, how many samples to look at at a time; what does not
            fill a batch is left out. Take that of `fit` if the discriminator
            looks at a batch as a whole. Defaults to 64.
        seed: Int, the seed of the noise. Defaults to 0.
        tensorboard: Path of a log directory, to also write numbers and
            findings for TensorBoard. Needs the package `tensorboard`.
            Defaults to `None`.
        verbose: 0 to print nothing. Defaults to 1.

    Attributes:
        findings: List of `monitors.Finding`s of the current or last `fit`,
            tuples of `epoch` (from 1), `name`, `evidence`, `remedy`.

    Raises:
        ValueError: If an argument is not what is described here, or, when
            `fit` begins, if the model is no game of this package or `action`
            does not fit it.
        ImportError: If a package that is needed is missing.

    Example:

    ```python
    monitor = GameMonitor(images[:512], held_out=test_images[:512])
    gan.fit(images, epochs=100, callbacks=[monitor])
    for finding in monitor.findings:
        print(finding.epoch, finding.name, finding.remedy)

    # A conditional model, patient about collapse, that goes back and retries.
    monitor = GameMonitor(
        real=(images[:512], labels[:512]),
        monitors=[NotFinite(), ModeCollapse(patience=10)],
        action=RollBack(retries=2),
    )
    ```
    """

    def __init__(
        self,
        real: Nest = None,
        held_out: Nest = None,
        monitors: Any = None,
        action: Any = None,
        features: Any = None,
        batch_size: int = 64,
        seed: int = 0,
        tensorboard: Any = None,
        verbose: Any = 1,
    ) -> None:
        super().__init__()
        _check_arguments(real, held_out, action, features, batch_size)
        if tensorboard is not None:
            _require_tensorboard()
        self.real: Any = as_data("real", real)
        self.held_out: Any = as_data("held_out", held_out)
        self.monitors: Sequence[monitors_module.Monitor] = _as_monitors(
            monitors
        )
        self.action = action
        self.features = features
        self.batch_size = batch_size
        self.seed = seed
        self.tensorboard = tensorboard
        self.verbose = verbose
        self.findings: list[monitors_module.Finding] = []
        self._events = None

    @property
    def limits(self) -> list[tuple[str, str, float, str]]:
        """Where monitors look for trouble, and for which, for a `Report`."""
        return [
            (log, *limit, monitor.name)
            for monitor in self.monitors
            for log, limit in monitor.limits.items()
        ]

    def on_train_begin(self, logs: Logs = None) -> None:
        if not isinstance(self.model, Game):
            raise ValueError(
                "`GameMonitor` watches games of `keras_ganloss`, such as "
                f"`GAN`. Received: model={self.model!r}"
            )
        self.findings = []
        self._observer = Observer(
            self.model, self.batch_size, self.seed, self.features
        )
        terms = (*self.model.penalties, *self.model.g_penalties)
        self._penalties = tuple(term.name for term in terms)
        # Terms of one name are one log.
        self._d_penalties = tuple({p.name for p in self.model.penalties})
        data = {"real": self.real, "held_out": self.held_out}
        missing = {name for name, value in data.items() if value is None}
        self._active = [m for m in self.monitors if not missing & set(m.needs)]
        self._say_what_is_off(missing)
        self._has_begun = False

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        # By now a `Backup` later in the list has restored what it had saved.
        if self._has_begun:
            return
        self._has_begun = True
        before = self._observation(epoch, {})
        for monitor in self._active:
            monitor.start(before)
        if self.action is not None:
            self.action.begin(self.model, self._active, epoch)

    def on_train_batch_end(self, batch: Any, logs: Logs = None) -> None:
        own = self._own(logs or {})
        if any(monitor.stops(own) for monitor in self._active):
            # Keras ends the epoch, which lets the monitor say so.
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = {} if logs is None else logs
        observation = self._observation(epoch + 1, self._own(logs))
        found, numbers = {}, {}
        plays = "d_loss" in observation.logs
        for monitor in self._active:
            if not plays and not monitor.watches_beginning:
                continue
            if monitor.needs and not _is_finite(observation):
                numbers |= dict.fromkeys(monitor.numbers, math.nan)
                continue
            values, finding = monitor.update(observation)
            numbers |= values
            if finding is not None:
                found[monitor] = finding
        logs |= numbers
        for finding in found.values():
            self.findings.append(finding)
            self._say(
                f"Epoch {finding.epoch}: {finding.name}. {finding.evidence}. "
                f"{finding.remedy}"
            )
        if self.tensorboard is not None:
            self._summarize(epoch + 1, numbers, found.values())
        self._act(found, observation)

    def on_train_end(self, logs: Logs = None) -> None:
        if self._events is not None:
            self._events.close()
            self._events = None

    def _act(self, found, observation):
        if self.action is None:
            return
        if any(self.action.applies(monitor) for monitor in found):
            done = self.action.act(self.model, self._active)
            self._say(f"Epoch {observation.epoch}: {done}")
        elif _is_finite(observation):
            self.action.end_epoch(self.model, self._active, observation.epoch)

    def _own(self, logs):
        """Returns those logs that are the game's, and not a user's metric."""
        names = self.model.means.names
        return {name: logs[name] for name in names if name in logs}

    def _observation(self, epoch, logs):
        real, held_out = (
            None if data is None else look(data)
            for look, data in (
                (self._observer.look, self.real),
                (self._observer.score, self.held_out),
            )
        )
        return Observation(
            epoch, logs, self._penalties, real, held_out, self._d_penalties
        )

    def _say_what_is_off(self, missing):
        off = [m.name for m in self.monitors if m not in self._active]
        if off:
            arguments = " and ".join(f"`{name}=`" for name in sorted(missing))
            self._say(
                f"GameMonitor cannot watch for {', '.join(off)}: pass "
                f"{arguments} for that."
            )

    def _say(self, message):
        if not self.verbose:
            return
        if keras.config.is_interactive_logging_enabled():
            print(f"\n{message}")  # Below the progress bar, as Keras does.
        else:
            LOGGER.warning(message)

    def _summarize(self, step, numbers, findings):
        if self._events is None:
            self._events = EventFile(self.tensorboard)
        for name, value in numbers.items():
            self._events.add_scalar(f"monitor/{name}", value, step)
        for finding in findings:
            self._events.add_text(
                f"found/{finding.name}",
                f"{finding.evidence}. {finding.remedy}",
                step,
            )


def _is_finite(observation):
    views = (observation.real, observation.held_out)
    return all(view.is_finite() for view in views if view is not None)


def _check_arguments(real, held_out, action, features, batch_size):
    if held_out is not None and real is None:
        raise ValueError(
            "`held_out` is compared with data that are trained on: pass "
            "`real` too. Received: real=None"
        )
    if action is not None and not isinstance(action, monitors_module.Action):
        raise ValueError(
            "`action` must be a `monitors.Action`, such as `Stop()` or "
            f"`RollBack()`, or `None`. Received: action={action!r}"
        )
    if features is not None and not callable(features):
        raise ValueError(
            "`features` must be a function of samples. Received: "
            f"features={features!r}"
        )
    arguments.positive_int("batch_size", batch_size)


def _as_monitors(monitors):
    if monitors is None:
        return [make() for make in monitors_module.CLASSES]
    monitors = list(monitors)
    wrong = [m for m in monitors if not isinstance(m, monitors_module.Monitor)]
    if wrong or len({type(m) for m in monitors}) < len(monitors):
        raise ValueError(
            "`monitors` must be a list of `monitors.Monitor` objects, at most "
            f"one of each class. Received: monitors={monitors!r}"
        )
    return monitors


def _require_tensorboard():
    if importlib.util.find_spec("tensorboard") is None:
        raise ImportError(
            "`GameMonitor(tensorboard=...)` needs the package `tensorboard`: "
            "`pip install keras-ganloss[examples]`."
        )
