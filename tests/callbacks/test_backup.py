"""A run that is broken off and started again ends as if it had not been.

Most tests break a run off by an error and start it again with new objects;
the last one kills processes.
"""

import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_ganloss.callbacks import Backup
from keras_ganloss.callbacks import HistoryPlot
from keras_ganloss.data import ResumableArrays
from keras_ganloss.data import ResumableStream
from tests.helpers import limits

ROOT = pathlib.Path(__file__).parents[2]
X = np.random.default_rng(0).normal(size=(15, 2)).astype("float32")
Y = X.sum(axis=1, keepdims=True)
NUM_BATCHES = 5  # Of three samples.


class Kill(Exception):
    pass


class KillAfter(keras.callbacks.Callback):
    """Breaks off once so many batches have been trained on."""

    def __init__(self, num_batches, steps_per_execution=1):
        super().__init__()
        self.left = num_batches // steps_per_execution

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if self.left == 0:
            raise Kill


def make_model(units=3, steps_per_execution=1):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(units, "tanh"),
            keras.layers.Dropout(0.4, seed=2),
            keras.layers.Dense(1),
        ]
    )
    model.compile(
        keras.optimizers.SGD(0.1, momentum=0.5),
        "mse",
        steps_per_execution=steps_per_execution,
    )
    return model


def make_data(**arguments):
    return ResumableArrays(X, Y, **{"batch_size": 3, "seed": 4, **arguments})


def run(directory, save_freq=2, kill_after=None, epochs=3, spe=1, data=None):
    """Trains in new objects, to the end or until it is killed."""
    model = make_model(steps_per_execution=spe)
    data = data or make_data()
    callbacks = [Backup(directory, save_freq, data)]
    if kill_after is not None:
        callbacks.insert(0, KillAfter(kill_after, spe))
    try:
        history = model.fit(data, epochs=epochs, verbose=0, callbacks=callbacks)
    except Kill:
        return None
    return model, history


def everything(result):
    """Returns a digest of all variables, and the history."""
    model, history = result
    digest = hashlib.sha256()
    for variable in model.variables + model.optimizer.variables:
        digest.update(keras.ops.convert_to_numpy(variable.value).tobytes())
    return digest.hexdigest(), history.epoch, history.history


@pytest.fixture(autouse=True, scope="module")
def no_waiting_for_the_disk():
    """A killed process leaves what it has written to the system."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return everything(run(tmp_path_factory.mktemp("alone")))


@pytest.fixture(scope="module")
def killed_once(tmp_path_factory):
    directory = tmp_path_factory.mktemp("killed")
    run(directory, kill_after=8)
    return directory


@pytest.fixture
def killed(killed_once, tmp_path):
    """The backups of a run killed in its eighth batch.

    They were made after batches 4 and 6: the last but one of the first
    epoch, and the first one of the second epoch.
    """
    shutil.copytree(killed_once, tmp_path, dirs_exist_ok=True)
    return tmp_path


def names(directory):
    return sorted(path.name for path in directory.iterdir())


@pytest.mark.parametrize(
    "save_freq, kills, spe",
    [
        ("epoch", [7], 1),
        (2, [1, 5, 6], 1),  # Before a backup, at the end of an epoch, within.
        (4, [9], 3),
    ],
)
@pytest.mark.filterwarnings("error::UserWarning")
def test_ends_with_the_same_bits(tmp_path, expected, save_freq, kills, spe):
    if limits.STEPS_PER_EXECUTION.applies:
        spe = 1
    for kill_after in kills:
        assert run(tmp_path, save_freq, kill_after, spe=spe) is None
    result = everything(run(tmp_path, save_freq, spe=spe))
    assert result == expected


def test_stream(tmp_path):
    def make(epoch):
        order = np.random.default_rng([4, epoch]).permutation(len(X))
        for low in range(0, len(X), 3):
            chosen = order[low : low + 3]
            yield X[chosen], Y[chosen]

    def stream():
        return ResumableStream(make, num_batches=NUM_BATCHES, name=4)

    alone = everything(run(tmp_path / "alone", data=stream()))
    run(tmp_path / "killed", kill_after=8, data=stream())
    assert everything(run(tmp_path / "killed", data=stream())) == alone


def test_says_where_it_resumes(killed, capsys):
    run(killed, kill_after=1)
    (line,) = capsys.readouterr().out.splitlines()
    assert "resuming at epoch 2, after 1 of its batches" in line


def test_keeps_the_two_newest(killed):
    assert names(killed) == ["backup_00000001", "backup_00000002"]
    assert names(killed / "backup_00000002") == [
        "model.weights.h5",
        "position.json",
        "state.npz",
    ]


def test_killed_while_writing(killed, expected, monkeypatch):
    def kill(source, target):
        raise Kill

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", kill)
        assert run(killed) is None
    assert ".writing-00000003" in names(killed)
    assert everything(run(killed)) == expected
    assert all(name.startswith("backup_") for name in names(killed))


def test_killed_between_rename_and_cleanup(killed, expected, monkeypatch):
    def kill(path):
        raise Kill

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", kill)
        assert run(killed) is None
    assert len(names(killed)) == 3
    assert everything(run(killed)) == expected
    assert len(names(killed)) == 2


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "name, damage",
    [
        ("model.weights.h5", cut),
        ("model.weights.h5", flip),
        ("state.npz", flip),
        ("position.json", cut),
        ("state.npz", pathlib.Path.unlink),
    ],
)
def test_damaged_backup(killed, name, damage):
    older, newest = sorted(killed.iterdir())
    damage(newest / name)
    with pytest.warns(UserWarning, match=f"{newest.name}.* is damaged"):
        run(killed, kill_after=3)
    # The damaged one has not pushed out the older one.
    assert older.exists() and not newest.exists()
    assert len(names(killed)) == 2


def test_older_backup_leads_to_the_same_bits(killed, expected):
    cut(killed / "backup_00000002" / "model.weights.h5")
    with pytest.warns(UserWarning, match="damaged"):
        assert everything(run(killed)) == expected


def test_all_damaged(killed):
    for backup in killed.iterdir():
        cut(backup / "model.weights.h5")
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="All"):
        run(killed)


def test_finished_run_trains_nothing_but_more_epochs(
    tmp_path, expected, capsys
):
    first = everything(run(tmp_path, epochs=2))
    capsys.readouterr()
    assert everything(run(tmp_path, epochs=2)) == first
    assert "complete after 2 epochs" in capsys.readouterr().out
    model, history = run(tmp_path)
    assert everything((model, history)) == expected
    # The position does not reach a `fit` that has nothing to do with it.
    assert model.fit(X, Y, epochs=2, verbose=0).epoch == [0, 1]


def test_last_epoch_is_saved_even_if_not_due(tmp_path):
    run(tmp_path, save_freq=1000)
    (backup,) = tmp_path.iterdir()
    position = json.loads((backup / "position.json").read_text())
    assert (position["epoch"], position["batch"]) == (3, 0)


def test_epoch_broken_off_by_stop_training(tmp_path, expected):
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 2

    model, data = make_model(), make_data()
    model.fit(
        data,
        epochs=3,
        verbose=0,
        callbacks=[Stop(), Backup(tmp_path, data=data)],
    )
    assert everything(run(tmp_path)) == expected


def test_without_data_epochs_are_resumed(tmp_path):
    def fit(kill_after=None):
        model = make_model()
        callbacks = [Backup(tmp_path)]
        if kill_after:
            callbacks.insert(0, KillAfter(kill_after))
        history = model.fit(
            X,
            Y,
            batch_size=3,
            shuffle=False,
            epochs=3,
            verbose=0,
            callbacks=callbacks,
        )
        return everything((model, history))

    with pytest.raises(Kill):
        fit(kill_after=8)
    resumed = fit()
    shutil.rmtree(tmp_path)
    assert resumed == fit()


def test_validation_and_plot_of_a_resumed_epoch(tmp_path):
    def fit(directory, kill_after=None):
        model, data = make_model(), make_data()
        callbacks = [
            HistoryPlot(directory / "history.png"),
            Backup(directory / "backup", 1, data),
        ]
        if kill_after:
            callbacks.insert(0, KillAfter(kill_after))
        history = model.fit(
            data,
            epochs=2,
            verbose=0,
            validation_data=(X, Y),
            callbacks=callbacks,
        )
        return everything((model, history))

    alone = fit(tmp_path / "alone")
    with pytest.raises(Kill):
        fit(tmp_path / "killed", kill_after=8)
    assert fit(tmp_path / "killed") == alone
    pictures = [
        (tmp_path / name / "history.png").read_bytes()
        for name in ("alone", "killed")
    ]
    assert pictures[0] == pictures[1]


def test_global_generators(tmp_path):
    draws = []

    class Draw(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            draws.append((epoch, random.random(), np.random.rand()))

    def fit(kill_after=None):
        model = make_model()
        callbacks = [Draw(), Backup(tmp_path)]
        if kill_after:
            callbacks.append(KillAfter(kill_after))
        model.fit(X, Y, epochs=3, shuffle=False, verbose=0, callbacks=callbacks)

    with pytest.raises(Kill):
        fit(kill_after=2)
    fit()
    # The second epoch was begun twice, and drew the same both times.
    assert [epoch for epoch, *_ in draws] == [0, 1, 1, 2]
    assert draws[1] == draws[2]


def test_delete_checkpoint(tmp_path):
    model, data = make_model(), make_data()
    backup = Backup(tmp_path, data=data, delete_checkpoint=True)
    model.fit(data, verbose=0, callbacks=[backup])
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"save_freq": 0}, "save_freq=0"),
        ({"save_freq": True}, "save_freq=True"),
        ({"save_freq": "batch"}, "save_freq='batch'"),
        ({"save_freq": 5}, "ResumableArrays"),
        ({"data": X}, "Wrap arrays"),
    ],
)
def test_errors(tmp_path, arguments, message):
    with pytest.raises(ValueError, match=message):
        Backup(tmp_path, **arguments)


@pytest.mark.parametrize(
    "other, message",
    [
        ({"data": make_data(seed=5)}, "other data"),
        ({"data": make_data(batch_size=4)}, "other data"),
        ({"model": make_model(units=4)}, "another model"),
        ({"optimizer": "adam"}, "another model"),
        ({"steps_per_epoch": 3}, "steps=3"),
        ({"fit_data": make_data()}, "other data"),
    ],
)
def test_what_does_not_fit_the_backup(killed, other, message):
    other = dict(other)
    model = other.pop("model", None) or make_model()
    if "optimizer" in other:
        model.compile(other.pop("optimizer"), "mse")
    data = other.pop("data", None) or make_data()
    with pytest.raises(ValueError, match=message):
        model.fit(
            other.pop("fit_data", data),
            epochs=3,
            verbose=0,
            callbacks=[Backup(killed, 2, data)],
            **other,
        )


def test_conflicting_initial_epoch(tmp_path):
    run(tmp_path, kill_after=3)
    data = make_data()
    with pytest.raises(ValueError, match="initial_epoch=2"):
        make_model().fit(
            data,
            initial_epoch=2,
            epochs=3,
            verbose=0,
            callbacks=[Backup(tmp_path, 2, data)],
        )


def test_model_that_is_not_built(tmp_path):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="built"):
        callback = Backup(tmp_path)
        callback.set_model(model)
        callback.on_train_begin()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs `fork`")
def test_killed_by_the_system():
    """Three times SIGKILL at random moments of one run of a GAN."""
    result = subprocess.run(
        [
            sys.executable,
            str(ROOT / "benchmarks" / "kill_and_resume.py"),
            "--kills=3",
            "--kills-per-run=3",
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert "3 of 3 kills" in result.stdout, result.stdout + result.stderr
