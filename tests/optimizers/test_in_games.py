"""Optimizers of games in a game."""

import math

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.optimizers import OptimisticAdam
from keras_ganloss.optimizers import OptimisticSGD
from keras_ganloss.optimizers import ScheduledAdam
from tests.helpers import dirac
from tests.helpers import networks

RATE = 0.2
STEPS_PER_EXECUTION = 1 if keras.backend.backend() == "torch" else 50


def bilinear(make, steps):
    gan = dirac.dirac_gan(1.0, 1.0)
    gan.compile(
        make(RATE),
        make(RATE),
        d_loss="wasserstein",
        updates="simultaneous",
        steps_per_execution=STEPS_PER_EXECUTION,
    )
    return dirac.fit(gan, steps)


def test_optimism_reaches_what_plain_descent_circles():
    """The bilinear game `psi theta`: as its recursion says, and inwards."""
    found = bilinear(OptimisticSGD, 300)
    theta, psi = 1.0, 1.0
    before = None
    for _ in range(300):
        slopes = (-psi, theta)
        before = before or slopes
        theta -= RATE * (2 * slopes[0] - before[0])
        psi -= RATE * (2 * slopes[1] - before[1])
        before = slopes
    assert found == pytest.approx((theta, psi), abs=1e-5)
    assert math.hypot(*found) < 0.01
    # Plain descent: the radius grows by sqrt(1 + h^2) a step.
    radius = math.hypot(*bilinear(keras.optimizers.SGD, 100))
    assert radius == pytest.approx(math.sqrt(2) * 1.04**50, rel=1e-3)


MAKERS = {
    "optimistic_sgd": lambda: OptimisticSGD(0.05),
    "optimistic_adam": lambda: OptimisticAdam(0.01),
    "scheduled_adam": lambda: ScheduledAdam(
        0.01, beta_2=keras.optimizers.schedules.PolynomialDecay(0.5, 6, 0.9)
    ),
}


@pytest.mark.parametrize("name", MAKERS)
def test_resumed_is_uninterrupted(name, tmp_path):
    make, x = MAKERS[name], networks.data(8)
    gan = networks.game(d_optimizer=make(), g_optimizer=make())
    networks.train(gan, x)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert type(again.d_optimizer) is type(make())
    networks.train(gan, x)
    networks.train(again, x)
    assert networks.equal(networks.weights(gan), networks.weights(again))


@pytest.mark.parametrize("name", MAKERS)
def test_with_loss_scaling(name):
    """A game in float32 and one whose gradients are scaled are the same."""
    found = []
    for wrap in (lambda optimizer: optimizer, scaled):
        gan = networks.game(
            d_optimizer=wrap(MAKERS[name]()), g_optimizer=wrap(MAKERS[name]())
        )
        networks.train(gan, networks.data(8), epochs=2)
        found.append(gan.get_weights())
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def scaled(optimizer):
    return keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=2.0**6)


def test_accumulated_gradients_are_those_of_the_large_batch():
    """For players that move at once; one number a batch, so no noise."""
    found = []
    for batch_size, steps in ((4, None), (2, 2)):
        gan = networks.game(
            (constant_generator(), networks.mlp(2, 1)),
            d_optimizer=accumulating(steps),
            g_optimizer=accumulating(steps),
            updates="simultaneous",
        )
        networks.train(gan, networks.data(8), batch_size=batch_size)
        found.append(
            gan.generator.get_weights() + gan.discriminator.get_weights()
        )
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    start = networks.mlp(2, 1).get_weights()
    assert not any(np.array_equal(start[0], weight) for weight in found[0])


def accumulating(steps):
    return keras.optimizers.SGD(0.1, gradient_accumulation_steps=steps)


def constant_generator():
    """Makes its bias, whatever the latent."""
    return keras.Sequential(
        [
            keras.Input((networks.LATENT,)),
            Mute(),
            keras.layers.Dense(
                2, kernel_initializer="zeros", bias_initializer="ones"
            ),
        ]
    )


class Mute(keras.layers.Layer):
    def call(self, inputs):
        return ops.zeros_like(inputs)
