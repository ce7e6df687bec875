"""Backups that a killed run continues from, bit for bit."""

import hashlib
import json
import os
import pathlib
import random
import shutil
import warnings
from typing import Any

import keras
import numpy as np

from keras_ganloss.backend.keras_internals import start_at
from keras_ganloss.data.resumable import ResumableData
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Logs
from keras_ganloss.utils.typing import Nest

WEIGHTS = "model.weights.h5"
STATE = "state.npz"
POSITION = "position.json"


class Backup(keras.callbacks.Callback):
    """Saves a run as it trains, and continues it where it was killed.

    Start the same script again after a crash, a preemption or `kill -9`, and
    `fit` goes on at the batch of the newest complete backup. With a
    `ResumableData` as `data`, it sees exactly the batches that were left, so
    on one device that computes the same twice, such as a CPU, the run ends
    with the very bits it would have had.

    A backup is written beside the others, flushed to the disk and then
    renamed, so that being killed at any moment leaves the previous ones
    whole. The two newest are kept; should the newest be damaged, the older
    one is used, with a warning.

    Restored are the weights, the state of the optimizers and of every seed
    generator of the model, the metrics of the epoch so far, the history (so
    `fit` returns all epochs, not only the last ones), and the global
    generators of `random` and `numpy.random`.

    Not restored are what no public function reads: the memory of other
    callbacks, such as the patience of `EarlyStopping` (a run it has ended
    goes on when started again), and the global generators of TensorFlow,
    torch and unseeded `keras.random` functions. A resumed epoch is not a
    full one to `fit(shuffle=True)`, which draws from `random` for each of its
    batches: pass `shuffle=False` if your own code reads `random` too.

    Put it last in the list of callbacks, so that it saves what the others
    have done. `fit(epochs=...)` is the total, as for
    `keras.callbacks.BackupAndRestore`: a finished run trains nothing more.

    Args:
        directory: Path of a local directory, for the backups of one run by
            one process. Made if missing.
        save_freq: `"epoch"`, or an integer `n`: save once `n` batches have
            been trained on since the last backup. The last epoch is always
            saved. Defaults to `"epoch"`.
        data: `ResumableData`, the very object that `fit` gets. Needed if
            `save_freq` is an integer. Without it the order of the data is
            not restored. Defaults to `None`.
        delete_checkpoint: Boolean, whether to delete the backups at the end
            of `fit`. Defaults to `False`.

    Raises:
        ValueError: If `save_freq` is neither `"epoch"` nor a positive integer,
            if it is an integer without `data`, or if `data` is no
            `ResumableData`. At the beginning of `fit`: if the model is not
            built or is not the one that was saved, if `data` has other
            samples, batches or another seed than it had, if all backups are
            damaged, or if `fit` got `steps_per_epoch`, a conflicting
            `initial_epoch` or other data.

    Example:

    ```python
    data = ResumableArrays(images, batch_size=64, seed=0)
    gan.fit(
        data,
        epochs=100,
        callbacks=[Backup("backup", save_freq=500, data=data)],
    )
    ```
    """

    def __init__(
        self,
        directory: Any,
        save_freq: Any = "epoch",
        data: Nest = None,
        delete_checkpoint: bool = False,
    ) -> None:
        super().__init__()
        if save_freq != "epoch":
            save_freq = arguments.positive_int(
                "save_freq", save_freq, "Or pass 'epoch'."
            )
        if data is not None and not isinstance(data, ResumableData):
            raise ValueError(
                "`data` must be able to start in the middle of an epoch. Wrap "
                "arrays in `keras_ganloss.data.ResumableArrays`, anything "
                "else in `ResumableStream`, and pass the same object to "
                f"`fit`. Received: data={data!r}"
            )
        if save_freq != "epoch" and data is None:
            raise ValueError(
                "To save within an epoch, `Backup` must know the order of the "
                "data, or batches would be trained on twice. Make `data = "
                "keras_ganloss.data.ResumableArrays(...)` (or a "
                "`ResumableStream`), and pass it both to `fit` and as "
                "`Backup(data=data)`; or save by 'epoch'. "
                f"Received: save_freq={save_freq!r}, data=None"
            )
        self.directory: pathlib.Path = pathlib.Path(directory)
        self.save_freq = save_freq
        self.data = data
        self.delete_checkpoint: bool = bool(delete_checkpoint)
        self._filters = None

    def on_train_begin(self, logs: Logs = None) -> None:
        if not self.model.built:
            raise ValueError(
                "`Backup` needs a model that is built. Call it on a batch "
                f"before `fit`. Received: model={self.model!r}"
            )
        steps = self.params.get("steps")
        if self.data is not None and steps != len(self.data):
            raise ValueError(
                "An epoch must be all of `data`, so leave `steps_per_epoch` "
                "out and pass the same `data` to `fit` and to `Backup`. "
                f"Received: steps={steps}, len(data)={len(self.data)}"
            )
        self._epoch = None
        self._batch = 0  # Batches of this epoch trained on so far.
        self._skipped = 0  # Those of them that an earlier process trained on.
        self._unsaved = 0
        self._history = {"epoch": [], "logs": []}
        self._resumed = None
        self._damaged = []
        for leftover in self.directory.glob(".writing-*"):
            shutil.rmtree(leftover)
        self._restore()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        # It was read just after `on_train_begin`, and must not reach the
        # next `fit`.
        start_at(self.model, None)
        start = 0
        if self._resumed is not None:
            position, metrics = self._resumed
            self._resumed = None
            if epoch != position["epoch"]:
                raise ValueError(
                    f"The backup in {str(self.directory)!r} is at epoch "
                    f"{position['epoch']}, counted from 0. Leave "
                    "`initial_epoch` out, or use another directory. "
                    f"Received: initial_epoch={epoch}"
                )
            start = position["batch"]
            if start:  # Else they are those of the epoch before.
                _assign(_metric_variables(self.model), metrics)
            self._restore_history()
        self._epoch = epoch
        self._batch = self._skipped = start
        if self.data is not None:
            self.data.seek(epoch, start)
            self._begun = self.data.epochs_begun

    def on_train_batch_end(self, batch: Any, logs: Logs = None) -> None:
        if self.data is None:
            return
        if self.data.epochs_begun == self._begun:
            raise ValueError(
                "`fit` reads other data than `Backup` knows of. Pass the same "
                f"object to both. Received: data={self.data!r}"
            )
        # With `steps_per_execution` the last index may be past the end.
        done = min(self._skipped + batch + 1, len(self.data))
        self._unsaved += done - self._batch
        self._batch = done
        if done == len(self.data):
            if self._skipped:
                self._end_short_epoch()
        elif self._is_due():
            self._save(self._epoch, done)

    def on_test_begin(self, logs: Logs = None) -> None:
        self._after_short_epoch()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._after_short_epoch()
        if self.data is not None and self._batch < len(self.data):
            # By `stop_training`. Started again, the run completes it.
            self._save(epoch, self._batch)
            return
        self._history["epoch"].append(epoch)
        self._history["logs"].append(
            {name: float(value) for name, value in (logs or {}).items()}
        )
        last = self.model.stop_training or epoch + 1 >= self.params["epochs"]
        if last or self.save_freq == "epoch" or self._is_due():
            self._save(epoch + 1, 0)

    def on_train_end(self, logs: Logs = None) -> None:
        self._after_short_epoch()
        start_at(self.model, None)
        if self._resumed is not None:  # Finished: there was no epoch to begin.
            self._restore_history()
        if self.delete_checkpoint:
            for backup in self._backups():
                shutil.rmtree(backup)

    def _is_due(self):
        return self.save_freq != "epoch" and self._unsaved >= self.save_freq

    def _end_short_epoch(self):
        """Lets Keras find that the epoch it resumed has no more batches.

        It expects a full one. On TensorFlow it would call the train function
        once more, which fails for want of data, but not before it has
        counted a step and drawn random numbers. So this step fails at once,
        and the remark that the data ran out is left out.
        """
        self._train_function = self.model.train_function
        self.model.train_function = _out_of_data
        self._filters = warnings.catch_warnings()
        self._filters.__enter__()
        warnings.filterwarnings("ignore", message="Your input ran out of data")

    def _after_short_epoch(self):
        if self._filters is not None:
            self._filters.__exit__(None, None, None)
            self._filters = None
            self.model.train_function = self._train_function

    def _backups(self):
        """Returns the complete backups, the newest first."""
        return sorted(self.directory.glob("backup_[0-9]*"), reverse=True)

    def _save(self, epoch, batch):
        backups = self._backups()
        number = int(backups[0].name.split("_")[1]) + 1 if backups else 0
        temporary = self.directory / f".writing-{number:08d}"
        temporary.mkdir(parents=True)
        self.model.save_weights(temporary / WEIGHTS)
        np.savez(
            temporary / STATE,
            **_named("seed", _seed_variables(self.model)),
            **_named("metric", _metric_variables(self.model)),
        )
        position = {
            "epoch": epoch,
            "batch": batch,
            "history": self._history,
            "data": None if self.data is None else self.data.fingerprint(),
            "model": _signature(self.model),
            "random": random.getstate(),
            "numpy_random": _numpy_state(),
            "digests": {
                name: _digest(temporary / name) for name in (WEIGHTS, STATE)
            },
        }
        (temporary / POSITION).write_text(json.dumps(position))
        for name in (WEIGHTS, STATE, POSITION, "."):
            _flush(temporary / name)
        os.rename(temporary, self.directory / f"backup_{number:08d}")
        _flush(self.directory)
        self._unsaved = 0
        whole = [backup for backup in backups if backup not in self._damaged]
        for outdated in self._damaged + whole[1:]:
            shutil.rmtree(outdated)
        self._damaged = []

    def _restore(self):
        for backup in self._backups():
            try:
                position, state = _read(backup)
            except (OSError, ValueError, KeyError) as error:
                warnings.warn(
                    f"The backup {str(backup)!r} is damaged and was passed "
                    f"over: {error}",
                    stacklevel=2,
                )
                self._damaged.append(backup)
                continue
            self._restore_from(backup, position, state)
            return
        if self._damaged:
            raise ValueError(
                "All backups are damaged. Delete the directory to begin anew. "
                f"Received: directory={str(self.directory)!r}"
            )

    def _restore_from(self, backup, position, state):
        data = None if self.data is None else self.data.fingerprint()
        # Through JSON, so that tuples and lists compare equal.
        if json.loads(json.dumps(data)) != position["data"]:
            raise ValueError(
                f"{str(self.directory)!r} holds the backup of a run with "
                "other data, batches or another seed. Use another directory "
                f"or the same data. Received: data={data}, saved with "
                f"{position['data']}"
            )
        optimizer = self.model.optimizer
        if optimizer is not None and not optimizer.built:
            # Else Keras would pass over its slots with no more than a warning.
            optimizer.build(self.model.trainable_variables)
        if _signature(self.model) != position["model"]:
            raise ValueError(
                f"{str(self.directory)!r} holds the backup of another model "
                "or optimizer: the shapes of its variables differ. Use "
                f"another directory. Received: model={self.model!r}"
            )
        self.model.load_weights(backup / WEIGHTS)
        _assign(_seed_variables(self.model), _values(state, "seed"))
        version, words, gauss = position["random"]
        random.setstate((version, tuple(words), gauss))
        np.random.set_state(position["numpy_random"])
        self._history = position["history"]
        self._resumed = (position, _values(state, "metric"))
        start_at(self.model, position["epoch"])
        if position["epoch"] >= self.params["epochs"]:
            print(
                f"Backup: the run is complete after {position['epoch']} "
                "epochs, nothing is left to train."
            )
        else:
            print(
                f"Backup: resuming at epoch {position['epoch'] + 1}, after "
                f"{position['batch']} of its batches, from {backup}"
            )

    def _restore_history(self):
        history = getattr(self.model, "history", None)
        if history is None:
            return
        history.epoch[:] = self._history["epoch"]
        history.history.clear()
        for logs in self._history["logs"]:
            for name, value in logs.items():
                history.history.setdefault(name, []).append(value)


def _out_of_data(*args):
    raise StopIteration


def _seed_variables(model):
    """Returns the state of every seed generator, which weights leave out."""
    weights = {id(weight) for weight in model.weights}
    return [v for v in model.variables if id(v) not in weights]


def _metric_variables(model):
    return [v for metric in model.metrics for v in metric.variables]


def _signature(model):
    """Returns shapes and types of all that a backup restores."""
    variables = list(model.variables)
    if model.optimizer is not None:
        variables += model.optimizer.variables
    return [[*variable.shape, str(variable.dtype)] for variable in variables]


def _named(name, variables):
    return {
        f"{name}_{index}": keras.ops.convert_to_numpy(variable.value)
        for index, variable in enumerate(variables)
    }


def _values(state, name):
    count = sum(key.startswith(f"{name}_") for key in state)
    return [state[f"{name}_{index}"] for index in range(count)]


def _assign(variables, values):
    # A metric that Keras makes at the first batch does not exist yet.
    if len(variables) == len(values):
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)


def _numpy_state():
    name, words, *rest = np.random.get_state()
    return [name, words.tolist(), *rest]


def _digest(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _flush(path):
    """Waits until a file, or a directory's list of names, is on the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open a directory, and needs no flush for it.
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(backup):
    """Returns position and state of a backup, or raises if it is damaged."""
    position = json.loads((backup / POSITION).read_text())
    for name, digest in position["digests"].items():
        if _digest(backup / name) != digest:
            raise ValueError(f"{name} has changed since it was written")
    with np.load(backup / STATE) as file:
        return position, dict(file)
