"""EBGAN and BEGAN, whose discriminators return energies, by hand."""

import numpy as np
import pytest
from keras import ops

from keras_ganloss import losses

REAL = np.array([0.5, 1.5], "float32")
FAKE = np.array([1.25, 4.0], "float32")


def test_energy_based_by_hand():
    # 1 + (0.75 + 0) / 2; the generator pays its energy.
    loss = losses.EnergyBased(margin=2.0)
    assert float(loss.d_loss(REAL, FAKE)) == 1.375
    assert float(loss.g_loss(REAL, FAKE)) == 2.625


def test_pulling_away_by_hand():
    # Cosines: of the first two 0, of both with the third 0.6 and 0.8.
    features = ops.convert_to_tensor([[2.0, 0.0], [0.0, 5.0], [0.3, 0.4]])
    found = float(losses.pulling_away(features))
    assert found == pytest.approx(2 * (0.36 + 0.64) / 6, rel=1e-6)


def test_pulling_away_of_equal_orthogonal_and_single_samples():
    ones = ops.ones((4, 3))
    assert float(losses.pulling_away(ones)) == pytest.approx(1.0, rel=1e-6)
    assert float(losses.pulling_away(ops.eye(4))) == 0.0
    assert float(losses.pulling_away(ones[:1])) == 0.0
    assert float(losses.pulling_away(ops.zeros((4, 3)))) == 0.0


def test_began_by_hand():
    loss = losses.BEGAN(diversity=0.5, rate=0.1)
    assert float(loss.d_loss(REAL, FAKE)) == 1.0  # Fakes have no share yet.
    assert float(loss.g_loss(REAL, FAKE)) == 2.625
    # 0.5 * 4 - 1 = 1: the balance rises by a tenth of it.
    loss.update_state(ops.full((2,), 4.0), ops.ones((2,)))
    assert float(loss.balance) == pytest.approx(0.1)
    assert float(loss.d_loss(REAL, FAKE)) == pytest.approx(1.0 - 0.2625)
    # 0.5 * 2 - 1.5 = -0.5.
    loss.update_state(ops.full((2,), 2.0), ops.full((2,), 1.5))
    assert float(loss.balance) == pytest.approx(0.05)


def test_balance_stays_between_zero_and_one():
    low, high = ops.convert_to_tensor(1.0), ops.convert_to_tensor(10.0)
    assert float(losses.began_balance(0.9, high, low, 0.5, 0.1)) == 1.0
    assert float(losses.began_balance(0.1, low, high, 0.5, 0.1)) == 0.0


def test_convergence_by_hand():
    assert float(losses.began_convergence(2.0, 0.25, 0.5)) == 2.75
    assert float(losses.began_convergence(2.0, 1.0, 0.5)) == 2.0


@pytest.mark.parametrize(
    "create",
    [
        lambda: losses.EnergyBased(margin=0.0),
        lambda: losses.BEGAN(diversity=1.5),
        lambda: losses.BEGAN(rate=-1.0),
    ],
)
def test_arguments_out_of_range(create):
    with pytest.raises(ValueError, match="Received: "):
        create()
