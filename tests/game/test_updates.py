"""Schedules count the updates that a player has made in the game."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import SupervisedGAN
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import LeCam
from tests.helpers import dirac
from tests.helpers.networks import linear


def switch(after, before=0.0, then=1.0):
    """A schedule that changes after a number of updates."""
    return keras.optimizers.schedules.PiecewiseConstantDecay(
        [after - 1], [before, then]
    )


def pretrained(rate):
    """An optimizer that has made a thousand updates of something else."""
    optimizer = dirac.sgd(rate)
    optimizer.iterations.assign(1000)
    return optimizer


def compiled(gan=None, **options):
    gan = gan or dirac.dirac_gan(theta=1.0, psi=1.0)
    gan.compile(pretrained(0.1), pretrained(0.1), "wasserstein", **options)
    return gan


def counts(gan):
    return int(ops.convert_to_numpy(gan.d_updates)), int(
        ops.convert_to_numpy(gan.g_updates)
    )


def test_a_weight_by_hand():
    """Two updates of nothing, and then one by 0.1 times psi = 0.7."""
    gan = compiled(loss_weights={"adversarial": switch(2)})
    assert dirac.fit(gan, 2) == pytest.approx((1.0, 0.8))
    assert dirac.fit(gan, 1) == pytest.approx((1.07, 0.7))


@pytest.mark.parametrize(
    ("d_steps", "g_steps", "batches", "expected"),
    [
        (1, 1, 3, (3, 3)),
        (2, 1, 5, (5, 2)),
        (1, 3, 2, (2, 6)),
        (2, 2, 4, (4, 4)),
    ],
)
def test_counts(d_steps, g_steps, batches, expected):
    gan = compiled(d_steps=d_steps, g_steps=g_steps)
    dirac.fit(gan, batches)
    assert counts(gan) == expected


def test_a_weight_counts_turns_of_the_generator():
    """With two turns a batch, the third one is in the second batch."""
    gan = compiled(
        g_steps=2, d_steps=2, loss_weights={"adversarial": switch(3)}
    )
    theta, _ = dirac.fit(gan, 2)
    assert theta == 1.0
    psi = 1.0 - 0.4  # Four updates by the fake at one.
    assert dirac.fit(gan, 2)[0] == pytest.approx(1.0 + 0.1 * psi)


def test_the_weight_of_a_penalty():
    """R1 of D(x) = psi x is half of psi squared."""
    gan = compiled(penalties=[R1(switch(2))])
    zeros = np.zeros((1, 1), "float32")
    logs = [gan.train_on_batch(zeros, return_dict=True) for _ in range(2)]
    assert logs[1]["r1"] == 0.0
    _, psi = dirac.state(gan)
    gan.reset_metrics()
    logs = gan.train_on_batch(zeros, return_dict=True)
    assert logs["r1"] == pytest.approx(0.5 * psi**2)


def test_the_start_of_le_cam():
    gan = compiled(
        dirac.dirac_gan(theta=-1.0, psi=1.0), penalties=[LeCam(1.0, start=2)]
    )
    zeros = np.zeros((1, 1), "float32")
    values = []
    for _ in range(4):
        gan.reset_metrics()
        logs = gan.train_on_batch(zeros, return_dict=True)
        values.append(float(logs["le_cam"]))
    assert values[:2] == [0.0, 0.0]
    assert min(values[2:]) > 0.0


def test_saved_and_resumed(tmp_path):
    weights = {"adversarial": switch(3)}
    straight = dirac.fit(compiled(loss_weights=weights), 5)
    gan = compiled(loss_weights=weights)
    dirac.fit(gan, 2)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert counts(again) == (2, 2)
    assert dirac.fit(again, 3) == pytest.approx(straight)


def test_weights_alone_hold_the_counts(tmp_path):
    gan = compiled()
    dirac.fit(gan, 2)
    gan.save_weights(tmp_path / "gan.weights.h5")
    again = compiled()
    again.load_weights(tmp_path / "gan.weights.h5")
    assert counts(again) == (2, 2)


def test_compiled_again_it_counts_on():
    """As `turns` does: what was played was played."""
    gan = compiled()
    dirac.fit(gan, 2)
    gan = compiled(gan, loss_weights={"adversarial": switch(3)})
    theta, _ = dirac.state(gan)
    assert dirac.fit(gan, 1)[0] == theta
    assert dirac.fit(gan, 1)[0] > theta


def supervised(between):
    """A model that is trained for 10 steps before a game takes it over."""
    model = linear(1)
    model.compile(dirac.sgd(0.01), "mse")
    x = np.ones((1, 1), "float32")
    gan = None
    if between:  # Trained by itself when the game is there already.
        gan = taken_over(model)
    model.fit(x, x, epochs=10, verbose=0)
    return gan or taken_over(model)


def taken_over(model):
    return SupervisedGAN.from_compiled(
        model,
        linear(1, kernel=0.5),
        conditional=False,
        d_optimizer=dirac.sgd(0.0),
        d_loss="wasserstein",
        loss_weights={"adversarial": switch(2)},
    )


@pytest.mark.parametrize("between", [False, True])
def test_an_optimizer_that_is_taken_over(between):
    """The target is met, so that the learned loss alone moves the weight."""
    gan = supervised(between)
    x = np.ones((1, 1), "float32")
    gan.fit(x, x, epochs=2, verbose=0)
    assert gan.generator.get_weights()[0].item() == pytest.approx(1.0)
    gan.fit(x, x, verbose=0)
    expected = 1.0 + 0.01 * 0.5
    assert gan.generator.get_weights()[0].item() == pytest.approx(expected)
