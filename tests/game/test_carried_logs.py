import warnings

import keras
import numpy as np
import pytest

from keras_ganloss.penalties import R1
from tests.helpers import dirac
from tests.helpers.limits import STEPS_PER_EXECUTION

RATE = 0.1
ZEROS = np.zeros((2, 1), "float32")


class BatchLogs(keras.callbacks.Callback):
    """Notes the logs of every batch."""

    def __init__(self):
        super().__init__()
        self.logs = []

    def on_train_batch_end(self, batch, logs=None):
        self.logs.append(dict(logs))


def wasserstein(d_steps, **options):
    """A game whose generator loses `-psi`, as theta stays at one.

    The discriminator's number falls by 0.1 a step, from 2.
    """
    gan = dirac.dirac_gan(theta=1.0, psi=2.0)
    gan.compile(
        dirac.sgd(RATE),
        dirac.sgd(0.0),
        d_loss="wasserstein",
        d_steps=d_steps,
        **options,
    )
    return gan


def fit(gan, data=ZEROS, epochs=1, **options):
    """One batch a sample; the warning of short epochs has its own test."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The generator plays on every")
        return gan.fit(
            data, batch_size=1, epochs=epochs, verbose=0, **options
        ).history


def test_epochs_without_a_turn_by_hand():
    """Turns are at batches 5 and 10, in the epochs 3 and 5 of two each."""
    history = fit(wasserstein(d_steps=5), epochs=6)
    # Each turn comes after the discriminator's step of its batch.
    assert history["g_loss"] == pytest.approx([-1.5, -1.5, -1.0, -1.0])
    # The mean of both batches of an epoch, before each step.

    means = [1.95, 1.75, 1.55, 1.35, 1.15, 0.95]
    assert history["d_loss"] == pytest.approx(means)


def test_the_least_loss_is_one_that_was_there(tmp_path):
    gan = dirac.dirac_gan(theta=1.0, psi=2.0)
    gan.compile(dirac.sgd(RATE), dirac.sgd(RATE), d_steps=5)
    monitor = {"monitor": "g_loss", "mode": "min"}
    stopping = keras.callbacks.EarlyStopping(patience=9, **monitor)
    checkpoint = keras.callbacks.ModelCheckpoint(
        tmp_path / "best.keras", save_best_only=True, **monitor
    )
    history = fit(gan, epochs=6, callbacks=[stopping, checkpoint])
    assert min(history["g_loss"]) > 0.1
    assert stopping.best == min(history["g_loss"])
    assert checkpoint.best == min(history["g_loss"])


def test_batches_before_the_first_turn():
    noted = BatchLogs()
    fit(wasserstein(d_steps=2), np.zeros((3, 1)), epochs=2, callbacks=[noted])
    losses = [logs.get("g_loss") for logs in noted.logs]
    # The turns are the 2nd, 4th and 6th batch; the first epoch has one.
    assert losses[0] is None
    assert losses[1:] == pytest.approx([-1.8, -1.8, -1.6, -1.6, -1.5])
    assert all("d_loss" in logs for logs in noted.logs)


def test_a_new_fit_knows_in_whose_turn_the_last_one_ended():
    gan = wasserstein(d_steps=3)
    assert "g_loss" not in fit(gan)
    assert fit(gan)["g_loss"] == pytest.approx([-1.7])


def test_saved_and_loaded(tmp_path):
    gan = wasserstein(d_steps=3)
    fit(gan)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert fit(again)["g_loss"] == pytest.approx([-1.7])


def test_validation_has_every_name_and_leaves_no_trace():
    data = ZEROS[:1]
    history = fit(wasserstein(d_steps=2), data, 4, validation_data=ZEROS)
    # Turns in epochs 2 and 4.
    assert history["g_loss"] == pytest.approx([-1.8, -1.8, -1.6])
    assert history["val_g_loss"] == pytest.approx([-1.9, -1.8, -1.7, -1.6])


def test_what_the_discriminator_says_stays():
    gan = wasserstein(d_steps=5, penalties=[R1(0.0)])
    history = fit(gan)
    assert set(history) == {
        "d_loss", "r1", "d_accuracy", "real_output", "fake_output",
    }  # fmt: skip


def test_blocks_of_batches():
    STEPS_PER_EXECUTION.skip()
    gan = wasserstein(d_steps=3, steps_per_execution=2)
    noted = BatchLogs()
    history = fit(gan, np.zeros((4, 1)), epochs=2, callbacks=[noted])
    assert history["g_loss"] == pytest.approx([-1.7, -1.4])
    assert ["g_loss" in logs for logs in noted.logs] == [
        False,
        True,
        True,
        True,
    ]


def test_one_warning_of_short_epochs():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        gan = wasserstein(d_steps=5)
        gan.fit(ZEROS, batch_size=1, epochs=6, verbose=0)
    said = [str(one.message) for one in caught]
    said = [one for one in said if "The generator plays" in one]
    assert len(said) == 1
    assert "Received: d_steps=5, 2 batches in an epoch" in said[0]


def test_no_warning_of_epochs_that_are_long_enough():
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "The generator plays on every")
        wasserstein(d_steps=2).fit(ZEROS, batch_size=1, verbose=0)


def test_a_mean_of_no_turn_is_no_number_outside_of_fit():
    gan = wasserstein(d_steps=2)
    logs = [gan.train_on_batch(ZEROS, return_dict=True) for _ in range(2)]
    assert np.isnan(logs[0]["g_loss"])
    assert logs[1]["g_loss"] == pytest.approx(-1.8)
