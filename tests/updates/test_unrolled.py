"""Unrolled steps on the Dirac-GAN, against a pencil.

With the Wasserstein loss D minimizes `psi theta` and G `-psi theta`: k steps
of D give `psi_k = psi - k r theta`, so G's gradient of `-psi_k theta` is
`-psi + 2 k r theta`. Without the derivative of the steps it would be half of
the correction.
"""

import math

import keras
import pytest
from keras import ops

from keras_ganloss.penalties import R1
from keras_ganloss.updates import Unrolled
from tests.helpers import dirac
from tests.helpers import networks


def compiled(loss="wasserstein", steps=1, rate=0.3, **options):
    gan = dirac.dirac_gan(1.0, 2.0)
    gan.compile(
        dirac.sgd(0.1),
        dirac.sgd(0.5),
        d_loss=loss,
        updates=Unrolled(rate, steps),
        **options,
    )
    return gan


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_wasserstein(steps):
    theta, psi = dirac.fit(compiled(steps=steps), steps=1)
    assert psi == pytest.approx(2.0 - 0.1 * 1.0)
    gradient = -2.0 + 2 * steps * 0.3 * 1.0
    assert theta == pytest.approx(1.0 - 0.5 * gradient)


def unrolled_minimax(theta, psi, steps, rate, weight=0.0):
    """G's loss after the steps; D minimizes softplus(psi theta) + log 2."""
    for _ in range(steps):
        slope = dirac.sigmoid(psi * theta) * theta + weight * psi
        psi = psi - rate * slope
    return -math.log1p(math.exp(psi * theta))


@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize("weight", [0.0, 0.7])
def test_minimax_by_finite_differences(steps, weight):
    gan = compiled("minimax", steps, penalties=[R1(weight)])
    theta, psi = dirac.fit(gan, steps=1)
    slope = dirac.D_GRADIENTS["minimax"](1.0, 2.0) + weight * 2.0
    assert psi == pytest.approx(2.0 - 0.1 * slope)
    left, right = (
        unrolled_minimax(1.0 + h, 2.0, steps, 0.3, weight)
        for h in (-1e-5, 1e-5)
    )
    gradient = (right - left) / 2e-5
    assert theta == pytest.approx(1.0 - 0.5 * gradient, abs=1e-5)


def test_every_turn_of_the_generator_looks_ahead():
    theta, psi = dirac.fit(compiled(steps=2, g_steps=2), steps=1)
    expected = 1.0 - 0.5 * (-2.0 + 4 * 0.3 * 1.0)
    expected -= 0.5 * (-1.9 + 4 * 0.3 * expected)
    assert (theta, psi) == pytest.approx((expected, 1.9))


def test_statistics_move_as_in_one_step():
    """Batch normalization sees the unrolled steps, but does not keep them."""
    found = {}
    for updates in ("simultaneous", Unrolled(0.1, 3)):
        gan = networks.game(
            networks.vectors(batch_normalization=True), 0.0, updates=updates
        )
        networks.train(gan, networks.data(4))
        found[str(updates)] = [
            ops.convert_to_numpy(variable)
            for network in (gan.generator, gan.discriminator)
            for variable in network.non_trainable_variables
        ]
    first, second = found.values()
    for one, other in zip(first, second, strict=True):
        assert one == pytest.approx(other, abs=1e-6)


def test_dice_are_rolled_at_each_step():
    gans = {}
    for steps in (1, 3):
        gans[steps] = networks.game(
            networks.vectors(dropout=0.5), updates=Unrolled(0.1, steps)
        )
        networks.train(gans[steps], networks.data(4))
    rolled = {
        steps: int(
            ops.convert_to_numpy(
                gan.discriminator.layers[1].seed_generator.state
            )[1]
        )
        for steps, gan in gans.items()
    }
    # Real and fake in each unrolled step, fake in the generator's turn.
    if keras.backend.backend() != "jax":
        assert rolled == {1: 3, 3: 7}
    assert rolled[3] != rolled[1]


def test_config_round_trip():
    config = keras.saving.serialize_keras_object(Unrolled(0.2, 3))
    again = keras.saving.deserialize_keras_object(config)
    assert (again.learning_rate, again.steps) == (0.2, 3)


@pytest.mark.parametrize(
    "arguments", [(0.0,), (0.1, 0), (0.1, 2.0), (0.1, True)]
)
def test_arguments(arguments):
    with pytest.raises(ValueError, match="Received: "):
        Unrolled(*arguments)
