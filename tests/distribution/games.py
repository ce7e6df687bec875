"""Games without chance in them: replicas draw noise of their own."""

import contextlib

import keras
import numpy as np
from keras import layers

from keras_ganloss import GAN
from keras_ganloss.penalties import R1


@keras.saving.register_keras_serializable(package="tests")
class Mute(layers.Layer):
    """Zeros, in the shape of its inputs."""

    def call(self, inputs):
        return 0.0 * inputs


def seeded(seed):
    return keras.initializers.GlorotUniform(seed=seed)


def networks(batch_normalization=False):
    """A conditional pair that does not hear its noise."""
    latent, condition = keras.Input((3,)), keras.Input((2,))
    x = layers.Concatenate()([Mute()(latent), condition])
    x = layers.Dense(4, "tanh", kernel_initializer=seeded(1))(x)
    if batch_normalization:
        x = layers.BatchNormalization(momentum=0.5)(x)
    x = layers.Dense(2, kernel_initializer=seeded(2))(x)
    generator = keras.Model([latent, condition], x)
    sample, condition = keras.Input((2,)), keras.Input((2,))
    x = layers.Concatenate()([sample, condition])
    x = layers.Dense(
        4, "tanh", kernel_initializer=seeded(3), kernel_regularizer="l2"
    )(x)
    x = layers.Dense(1, kernel_initializer=seeded(4))(x)
    return generator, keras.Model([sample, condition], x)


def sgd(**kwargs):
    return keras.optimizers.SGD(0.1, **kwargs)


def adam():
    return keras.optimizers.Adam(0.01)


def scope(strategy):
    return contextlib.nullcontext() if strategy is None else strategy.scope()


def game(strategy=None, optimizer=sgd, pair=networks, metrics=list, **kwargs):
    """A compiled game, on one device or on the replicas of a strategy.

    `metrics` makes them, within the scope.
    """
    kwargs.setdefault("penalties", [R1(1.0)])
    with scope(strategy):
        gan = GAN(*pair(), seed=0)
        gan.compile(optimizer(), optimizer(), metrics=metrics(), **kwargs)
    return gan


def data(num, seed=0):
    """Samples and conditions."""
    values = np.random.default_rng(seed).normal(size=(2, num, 2))
    return tuple(values.astype("float32"))


def train(gan, num=76, batch_size=8, **kwargs):
    """Ten batches, the last of half the size; returns the history."""
    return gan.fit(
        *data(num), batch_size=batch_size, shuffle=False, verbose=0, **kwargs
    ).history


def values(gan):
    """Weights, averages and optimizers' slots, by their order."""
    variables = list(gan.weights)
    for optimizer in (gan.d_optimizer, gan.g_optimizer):
        variables += optimizer.variables
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def largest_difference(first, second):
    """Of the values of two games."""
    return max(
        float(np.abs(one - other).max())
        for one, other in zip(values(first), values(second), strict=True)
    )
