"""TF-GAN's losses as `d_loss` and `g_loss` of a game."""

import math

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import backend
from keras_ganloss import tfgan
from tests.helpers.dirac import dirac_gan
from tests.helpers.dirac import sgd
from tests.helpers.dirac import state


def softplus(x):
    return math.log1p(math.exp(x))


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


# theta = 2 and psi = 1/2, so a fake sample has the output 1, and the data, 3,
# have 1.5. Both losses, and the slope of the generator's.
GAMES = {
    "wasserstein": (-0.5, -1.0, -1.0),
    "wasserstein_hinge": (2.0, -1.0, -1.0),
    "minimax": (
        softplus(1.5) - 0.875 * 1.5 + softplus(1.0),
        -softplus(-1.0) - softplus(1.0),
        -sigmoid(1.0),
    ),
    "modified": (
        softplus(1.5) - 0.875 * 1.5 + softplus(1.0),
        softplus(-1.0),
        -sigmoid(-1.0),
    ),
    "least_squares": (0.125 + 0.5, 0.0, 0.0),
    "relativistic": (
        2 * softplus(-0.5),
        2 * softplus(0.5),
        -2 * sigmoid(0.5),
    ),
}


def compiled(name):
    gan = dirac_gan(theta=2.0, psi=0.5)
    gan.compile(
        d_optimizer=sgd(0.0),
        g_optimizer=sgd(0.1),
        d_loss=getattr(tfgan, f"{name}_discriminator_loss"),
        g_loss=getattr(tfgan, f"{name}_generator_loss"),
    )
    return gan


@pytest.mark.parametrize("name", GAMES)
def test_one_step_by_hand(name):
    d_loss, g_loss, slope = GAMES[name]
    gan = compiled(name)
    data = np.full((2, 1), 3.0, "float32")
    history = gan.fit(data, batch_size=2, verbose=0).history
    found = history["d_loss"][0], history["g_loss"][0]
    assert found == pytest.approx((d_loss, g_loss), abs=1e-6)
    theta, psi = state(gan)
    assert psi == 0.5
    assert theta == pytest.approx(2.0 - 0.1 * slope * 0.5, abs=1e-6)


@pytest.mark.parametrize("name", GAMES)
def test_saved_games_keep_them(name, tmp_path):
    gan = compiled(name)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    for side in ("d_loss", "g_loss"):
        ours = getattr(gan, side).loss, getattr(again, side).loss
        assert ours[0].get_config() == ours[1].get_config()
    functions = again.d_loss.loss.d_function, again.g_loss.loss.g_function
    assert functions == (
        getattr(tfgan, f"{name}_discriminator_loss"),
        getattr(tfgan, f"{name}_generator_loss"),
    )


@pytest.mark.parametrize("name", GAMES)
def test_slopes_at_zero(name):
    # Where networks begin: `relu` and `abs` have no slope there.
    loss = getattr(tfgan, f"{name}_discriminator_loss")
    _, _, slopes = backend.value_and_input_gradients(
        lambda outputs: (loss(*outputs), None),
        [ops.zeros((1,)), ops.zeros((1,))],
    )
    real, fake = {
        "wasserstein": (-1.0, 1.0),
        "wasserstein_hinge": (-1.0, 1.0),
        "minimax": (0.5 - 0.875, 0.5),
        "modified": (0.5 - 0.875, 0.5),
        "least_squares": (-1.0, 0.0),
        "relativistic": (-1.0, 1.0),
    }[name]
    found = [float(slope[0]) for slope in slopes]
    assert found == pytest.approx([real, fake])
