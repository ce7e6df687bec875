import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.penalties import R1
from keras_ganloss.penalties import R2
from keras_ganloss.penalties import GradientPenalty
from tests.helpers.networks import LATENT
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import game
from tests.helpers.networks import linear
from tests.helpers.networks import train
from tests.helpers.networks import vectors

X = data(4)
UPDATES = pytest.mark.parametrize("updates", ["alternating", "simultaneous"])


def constant_generator(value=1.0, **kwargs):
    """Always makes `value`; its bias learns."""
    return keras.Sequential(
        [
            keras.Input((LATENT,)),
            keras.layers.Dense(
                1,
                kernel_initializer="zeros",
                bias_initializer=keras.initializers.Constant(value),
                **kwargs,
            ),
        ]
    )


# Batch normalization.


@UPDATES
@pytest.mark.parametrize("g_steps, momentum", [(1, 0.5), (3, 0.75)])
def test_moving_mean_of_the_discriminator(updates, g_steps, momentum):
    """Two updates a step, real then fake; the generator's turn has none."""
    discriminator = keras.Sequential(
        [
            keras.Input((1,)),
            keras.layers.BatchNormalization(momentum=momentum),
            keras.layers.Dense(1),
        ]
    )
    gan = game(
        (constant_generator(-4.0), discriminator),
        0.0,
        updates=updates,
        g_steps=g_steps,
    )
    train(gan, np.full((8, 1), 3.0, "float32"))
    mean, number = 0.0, 0
    for _ in range(2):  # Two batches.
        for batch_mean in (3.0, -4.0):
            mean = momentum * mean + (1.0 - momentum) * batch_mean
            number += 1
    moving_mean, moving_variance = discriminator.layers[0].get_weights()[2:]
    order = sorted([3.0, -4.0])
    assert moving_variance.item() == pytest.approx(momentum**number)
    other = 0.0
    for _ in range(2):
        for batch_mean in order:
            other = momentum * other + (1.0 - momentum) * batch_mean
    # Which of the two goes first is not promised.
    assert moving_mean.item() == pytest.approx(mean) or (
        moving_mean.item() == pytest.approx(other)
    )


def test_real_and_fake_are_normalized_apart():
    """In one call the two constants would become +-1, apart they are 0."""
    discriminator = keras.Sequential(
        [
            keras.Input((1,)),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(1, kernel_initializer="ones"),
        ]
    )
    gan = game((constant_generator(-4.0), discriminator), 0.0)
    history = train(gan, np.full((4, 1), 3.0, "float32"))
    assert history["real_output"] == pytest.approx([0.0], abs=1e-5)
    assert history["fake_output"] == pytest.approx([0.0], abs=1e-5)


@UPDATES
def test_moving_mean_of_the_generator_moves_once_a_step(updates):
    normalization = keras.layers.BatchNormalization(momentum=0.5)
    generator = keras.Sequential(
        [constant_generator(2.0), normalization, keras.layers.Dense(1)]
    )
    gan = game((generator, linear(1)), 0.0, updates=updates)
    train(gan, X[:, :1])
    moving_mean, moving_variance = normalization.get_weights()[2:]
    assert moving_mean.item() == pytest.approx(0.5 * 2.0)
    assert moving_variance.item() == pytest.approx(0.5)
    gan.evaluate(X[:, :1], verbose=0)
    gan.generate(3)
    assert normalization.get_weights()[2].item() == moving_mean.item()


# Dropout.


def test_dropout_masks_of_the_discriminator_are_never_the_same():
    """Real, fake, and fake in the generator's turn: three masks a step."""
    dropout = keras.layers.Dropout(0.5, seed=1)
    discriminator = keras.Sequential(
        [
            keras.Input((64,)),
            dropout,
            # No two masks leave the same sum.
            keras.layers.Dense(
                1,
                use_bias=False,
                kernel_initializer=keras.initializers.RandomUniform(
                    0.9, 1.1, seed=0
                ),
            ),
        ]
    )
    generator = keras.Sequential(
        [
            keras.Input((LATENT,)),
            keras.layers.Dense(
                64, kernel_initializer="zeros", bias_initializer="ones"
            ),
        ]
    )
    gan = game((generator, discriminator), 0.0, d_loss="wasserstein")
    before = ops.convert_to_numpy(dropout.seed_generator.state)
    history = train(gan, np.ones((8, 64), "float32"), epochs=2)
    after = ops.convert_to_numpy(dropout.seed_generator.state)
    assert after[1] - before[1] == 3 * 2 * 2
    outputs = [history["real_output"], history["fake_output"]]
    outputs.append([-loss for loss in history["g_loss"]])
    assert len({value for values in outputs for value in values}) == 6
    # Each is a mean of 8 sums of 64 zeros and numbers near two.
    assert all(40 < value < 88 for values in outputs for value in values)


# Losses of layers, by one step of SGD with the rate 0.1.


def test_weight_decay_is_counted_once_a_step():
    """Hinge far inside the margin has no gradient: decay is all there is."""
    decay = keras.regularizers.L2(0.5)
    discriminator = linear(1, kernel=2.0, kernel_regularizer=decay)
    generator = keras.Sequential(
        [
            keras.Input((LATENT,)),
            keras.layers.Dense(
                1,
                kernel_initializer="zeros",
                bias_initializer=keras.initializers.Constant(-5.0),
                bias_regularizer=decay,
            ),
        ]
    )
    gan = game((generator, discriminator), d_loss="hinge", g_loss=no_loss)
    history = train(gan, np.full((4, 1), 5.0, "float32"))
    # The derivative of 0.5 w^2 is w.
    assert discriminator.get_weights()[0].item() == pytest.approx(2.0 * 0.9)
    assert generator.get_weights()[1].item() == pytest.approx(-5.0 * 0.9)
    assert history["d_loss"] == pytest.approx([0.5 * 4.0])
    assert history["g_loss"] == pytest.approx([0.5 * 25.0])


@keras.saving.register_keras_serializable(package="tests")
def no_loss(fake_output):
    return 0.0 * fake_output


def test_activity_regularizers_belong_to_their_player():
    """L2(0.5) of the mean output, as Keras divides by the batch size."""
    activity = keras.regularizers.L2(0.5)
    discriminator = linear(1, kernel=2.0, activity_regularizer=activity)
    generator = constant_generator(-5.0, activity_regularizer=activity)
    gan = game(
        (generator, discriminator),
        d_loss="hinge",
        g_loss=no_loss,
        updates="simultaneous",
    )
    history = train(gan, np.full((4, 1), 3.0, "float32"))
    # D: 0.5 (3 w)^2 + 0.5 (5 w)^2, with the derivative 34 w.
    assert history["d_loss"] == pytest.approx([0.5 * 36.0 + 0.5 * 100.0])
    kernel = discriminator.get_weights()[0].item()
    assert kernel == pytest.approx(2.0 - 0.1 * 34.0 * 2.0)
    # G: 0.5 v^2, and nothing of D's 0.5 (2 v)^2.
    assert history["g_loss"] == pytest.approx([0.5 * 25.0])
    assert generator.get_weights()[1].item() == pytest.approx(-5.0 * 0.9)


@pytest.mark.parametrize("ema", [None, 0.0])
def test_evaluate_counts_the_losses_of_layers(ema):
    generator = constant_generator(
        -5.0, activity_regularizer=keras.regularizers.L2(0.5)
    )
    gan = game((generator, linear(1)), 0.0, g_loss=no_loss, ema=ema,
               d_loss="hinge")  # fmt: skip
    logs = gan.evaluate(X[:, :1], verbose=0, return_dict=True)
    assert logs["g_loss"] == pytest.approx(12.5)


# Frozen layers.


def test_frozen_layers_stay_frozen():
    generator, discriminator = vectors(batch_normalization=True)
    frozen = [generator.layers[0], discriminator.layers[0]]
    for layer in frozen:
        layer.trainable = False
    flags = [
        layer.trainable for layer in generator.layers + discriminator.layers
    ]
    before = [layer.get_weights() for layer in frozen]
    gan = game((generator, discriminator))
    moving = generator.get_weights()
    train(gan, data(8))
    gan.evaluate(data(8), verbose=0)
    assert not equal(generator.get_weights(), moving)
    for layer, expected in zip(frozen, before):
        assert equal(layer.get_weights(), expected)
    assert flags == [
        layer.trainable for layer in generator.layers + discriminator.layers
    ]


# Penalties.


@pytest.mark.parametrize("penalty", [R1, R2, GradientPenalty])
def test_penalties_give_the_generator_no_gradient(penalty):
    results = []
    for penalties in ([], [penalty(3.0)]):
        gan = game(
            penalties=penalties, updates="simultaneous", run_eagerly=True
        )
        if not penalties:  # The penalty that mixes draws a random number.
            moved = gan.discriminator.get_weights()
        train(gan, X)
        results.append(
            (gan.generator.get_weights(), gan.discriminator.get_weights())
        )
    for one, other in zip(results[0][0], results[1][0]):
        np.testing.assert_allclose(one, other, atol=1e-7)
    assert not np.allclose(results[0][1][0], results[1][1][0], atol=1e-4)
    assert not np.allclose(results[0][1][0], moved[0], atol=1e-4)
