"""Tricks at `generate`: truncation and standing statistics."""

import math

import keras
import numpy as np
import pytest
from keras import layers

from keras_ganloss.models.standing_statistics import set_standing_statistics
from tests.helpers.networks import LATENT
from tests.helpers.networks import begin_average
from tests.helpers.networks import conditional
from tests.helpers.networks import data
from tests.helpers.networks import game
from tests.helpers.networks import linear
from tests.helpers.networks import raises
from tests.helpers.networks import train
from tests.helpers.networks import vectors


def identity_game():
    """The generator gives back its latent."""
    generator = keras.Sequential(
        [
            keras.Input((1,)),
            layers.Dense(1, use_bias=False, kernel_initializer="ones"),
        ]
    )
    return game((generator, linear(1)))


@pytest.mark.parametrize("bound", [0.3, 1.0, 2.5, 8.0])
def test_truncated_latents(bound):
    """Against the distribution function of the truncated normal law."""
    gan = identity_game()
    values = np.sort(gan.generate(20_000, seed=0, truncation=bound)[:, 0])
    assert np.abs(values).max() <= bound
    erf = np.vectorize(math.erf)
    law = 0.5 + 0.5 * erf(values / 2**0.5) / math.erf(bound / 2**0.5)
    found = np.arange(1, 20_001) / 20_000
    # Kolmogorov: beyond 1.95 / sqrt(n) once in a thousand.
    assert np.abs(law - found).max() < 1.95 / 20_000**0.5


def test_truncation_and_seed():
    gan = identity_game()
    first, second, other, plain = (
        gan.generate(50, seed=seed, truncation=truncation)
        for seed, truncation in ((0, 0.5), (0, 0.5), (1, 0.5), (0, None))
    )
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)
    np.testing.assert_array_equal(plain, gan.generate(50, seed=0))
    assert np.abs(plain).max() > 0.5


@pytest.mark.parametrize("truncation", [0.0, -1.0])
def test_truncation_must_be_positive(truncation):
    with raises("`truncation` must be positive"):
        identity_game().generate(2, truncation=truncation)


def normalized(ema=None):
    """Latent, times 3, plus 1, normalized: mean 1, variance 9."""
    generator = keras.Sequential(
        [
            keras.Input((1,)),
            layers.Dense(
                1, kernel_initializer=keras.initializers.Constant(3.0),
                bias_initializer="ones",
            ),
            layers.BatchNormalization(momentum=0.9),
        ]
    )  # fmt: skip
    return game((generator, linear(1)), ema=ema)


def statistics(gan):
    layer = gan.generator.layers[1]
    return [
        float(keras.ops.convert_to_numpy(value)[0])
        for value in (layer.moving_mean, layer.moving_variance)
    ]


def test_standing_statistics():
    gan = normalized()
    set_standing_statistics(gan, num_batches=50, batch_size=200, seed=0)
    mean, variance = statistics(gan)
    assert mean == pytest.approx(1.0, abs=5 * 3 / 100)
    # Of 200 the mean variance is 199 / 200 of the law's.
    assert variance == pytest.approx(9.0 * 199 / 200, abs=5 * 9 * 2**0.5 / 100)
    assert gan.generator.layers[1].momentum == 0.9
    again = normalized()
    set_standing_statistics(again, num_batches=50, batch_size=200, seed=0)
    assert statistics(again) == statistics(gan)


def test_standing_statistics_are_of_the_averaged_weights():
    gan = normalized(ema=0.5)
    begin_average(gan)
    gan.generator.layers[0].set_weights([np.array([[0.0]]), np.array([7.0])])
    set_standing_statistics(gan, num_batches=50, batch_size=200, seed=0)
    assert statistics(gan)[0] == pytest.approx(1.0, abs=0.15)
    kernel, bias = gan.generator.layers[0].get_weights()
    assert (kernel.item(), bias.item()) == (0.0, 7.0)


def test_standing_statistics_ask_for_what_they_need():
    with raises("no `BatchNormalization`"):
        set_standing_statistics(game(vectors()))
    with raises("`conditions` are needed"):
        set_standing_statistics(game(conditional()))
    with raises("`conditions` are needed"):
        set_standing_statistics(normalized(), conditions=data(3))
    with raises("`num_batches`"):
        set_standing_statistics(normalized(), num_batches=0)


def test_standing_statistics_of_conditions():
    latent, condition = keras.Input((LATENT,)), keras.Input((1,))
    x = layers.Concatenate()([latent, condition])
    kernel = keras.initializers.Constant([[0.0]] * LATENT + [[2.0]])
    x = layers.Dense(1, use_bias=False, kernel_initializer=kernel)(x)
    generator = keras.Model([latent, condition], layers.BatchNormalization()(x))
    sample, condition = keras.Input((1,)), keras.Input((1,))
    x = layers.Concatenate()([sample, condition])
    gan = game(
        (generator, keras.Model([sample, condition], layers.Dense(1)(x)))
    )
    set_standing_statistics(gan, 20, 100, np.array([[1.0], [3.0]]), seed=0)
    layer = gan.generator.layers[-1]
    mean = keras.ops.convert_to_numpy(layer.moving_mean).item()
    assert mean == pytest.approx(4.0, abs=5 * 2 / 2000**0.5)
    train(gan, data(8, 1), data(8, 1))


@pytest.mark.parametrize("declared", [(), (1,)])
def test_labels_with_and_without_an_axis(declared):
    """One function of `predict` sees both; an embedding is the oracle."""
    latent = keras.Input((2,))
    label = keras.Input(declared, dtype="int32")
    inner = layers.Reshape((3,))(layers.Embedding(5, 3)(label))
    outputs = layers.Concatenate()([layers.Rescaling(0.0)(latent), inner])
    generator = keras.Model([latent, label], outputs)
    x, y = keras.Input((5,)), keras.Input(declared, dtype="int32")
    gan = game((generator, keras.Model([x, y], layers.Dense(1)(x))))
    table = keras.ops.convert_to_numpy(generator.weights[0])
    labels = np.array([4, 0, 2])
    for given in (labels, labels[:, None], labels, list(labels)):
        np.testing.assert_array_equal(
            gan.generate(3, condition=given)[:, 2:], table[labels]
        )
