"""Top-k: which values stay, what they weigh, and when."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import backend
from keras_ganloss import losses

FAKE = np.array([10.0, 4.4, -5.5, 3.6], "float32")


@pytest.mark.parametrize(
    "fraction, expected",
    [
        (1.0, -3.125),
        (0.75, -6.0),
        (0.5, -7.2),
        (0.25, -10.0),
        (0.01, -10.0),  # One at least.
    ],
)
def test_mean_of_the_best(fraction, expected):
    loss = losses.TopK(losses.Wasserstein(), fraction)
    assert float(loss.g_loss(fake_output=FAKE)) == pytest.approx(expected)


def test_the_discriminator_learns_from_all():
    real = FAKE[::-1]
    base = losses.Hinge()
    loss = losses.TopK(base, 0.25)
    assert float(loss.d_loss(real, FAKE)) == float(base.d_loss(real, FAKE))


def test_the_rest_gets_no_gradient():
    side = losses.TopK(losses.Hinge()).g_loss
    _, _, slopes = backend.value_and_input_gradients(
        lambda x: (side(fake_output=x), None),
        ops.convert_to_tensor(FAKE),
    )
    np.testing.assert_allclose(
        ops.convert_to_numpy(slopes), [-0.5, -0.5, 0.0, 0.0]
    )


def test_ties_stay_together():
    values = losses.keep_lowest(
        ops.convert_to_tensor([1.0, 2.0, 2.0, 5.0]), 0.5
    )
    np.testing.assert_allclose(
        ops.convert_to_numpy(values), [4 / 3, 8 / 3, 8 / 3, 0.0], rtol=1e-6
    )


@pytest.mark.parametrize("size", [1, 3, 10, 64])
def test_whatever_the_batch_size(size):
    values = np.random.default_rng(size).normal(size=size).astype("float32")
    num = max(round(0.7 * size), 1)
    found = losses.keep_lowest(ops.convert_to_tensor(values), 0.7)
    assert float(ops.mean(found)) == pytest.approx(
        np.sort(values)[:num].mean(), rel=1e-4, abs=1e-6
    )


def test_energies_are_better_if_lower():
    energies = np.array([1.0, 5.0, 2.0, 7.0], "float32")
    loss = losses.TopK(losses.EnergyBased())
    assert float(loss.g_loss(fake_output=energies)) == 1.5


def test_schedule_of_the_discriminators_updates():
    schedule = keras.optimizers.schedules.PolynomialDecay(1.0, 4, 0.0)
    loss = losses.TopK(losses.Wasserstein(), schedule, minimum=0.5)
    found = []
    for _ in range(5):
        found.append(float(loss.g_loss(fake_output=FAKE)))
        loss.update_state(
            ops.convert_to_tensor(FAKE), ops.convert_to_tensor(FAKE)
        )
    assert found == pytest.approx([-3.125, -6.0, -7.2, -7.2, -7.2])
    assert int(loss.num_duels) == 5


@pytest.mark.parametrize(
    "arguments",
    [
        {"fraction": 0.0},
        {"fraction": 1.5},
        {"fraction": "half"},
        {"fraction": 0.5, "minimum": 0.6},
        {"minimum": -0.1},
    ],
)
def test_fractions_out_of_range(arguments):
    with pytest.raises(ValueError, match="Received: fraction=.*minimum="):
        losses.TopK(**arguments)
