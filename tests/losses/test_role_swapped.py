"""The discriminator's loss, played by the generator."""

import keras
import numpy as np
import pytest

from keras_ganloss import losses
from keras_ganloss.losses.role_swapped import RoleSwapped

REAL = np.array([[-5.0], [1.4], [12.5], [2.7]], "float32")
FAKE = np.array([[10.0], [4.4], [-5.5], [3.6]], "float32")


def test_hinge_by_hand():
    loss = RoleSwapped(losses.Hinge())
    # The discriminator: (6 + 0 + 0 + 0) / 4 and (11 + 5.4 + 0 + 4.6) / 4.
    assert float(loss.d_loss(REAL, FAKE)) == pytest.approx(6.75)
    # Fakes as if real, 6.5 / 4; real ones as if fake, (2.4 + 13.5 + 3.7) / 4.
    assert float(loss.g_loss(REAL, FAKE)) == pytest.approx(6.525)


@pytest.mark.parametrize("name", ["logistic", "least_squares", "relativistic"])
def test_sides_swap(name):
    loss = RoleSwapped(losses.get(name))
    swapped = float(loss.g_loss(FAKE, REAL))
    assert float(loss.d_loss(REAL, FAKE)) == pytest.approx(swapped)
    twice = RoleSwapped(loss)
    assert float(twice.g_loss(FAKE, REAL)) == swapped
    again = losses.get(keras.saving.serialize_keras_object(loss))
    assert float(again.g_loss(FAKE, REAL)) == swapped
    assert again.g_loss.needs_real_output
