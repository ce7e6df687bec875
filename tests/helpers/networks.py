"""Tiny networks and games for the tests of the models."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_ganloss import GAN

LATENT = 3


def seeded(seed):
    return keras.initializers.GlorotUniform(seed=seed)


def mlp(num_inputs, num_outputs, seed=0, activation=None, **kwargs):
    """Two dense layers; `kwargs` go to the first."""
    return keras.Sequential(
        [
            keras.Input((num_inputs,)),
            layers.Dense(4, "tanh", kernel_initializer=seeded(seed), **kwargs),
            layers.Dense(
                num_outputs,
                activation,
                kernel_initializer=seeded(seed + 1),
            ),
        ]
    )


def linear(num_inputs, num_outputs=1, kernel=1.0, **kwargs):
    """One dense layer without bias and with a constant kernel."""
    return keras.Sequential(
        [
            keras.Input((num_inputs,)),
            layers.Dense(
                num_outputs,
                use_bias=False,
                kernel_initializer=keras.initializers.Constant(kernel),
                **kwargs,
            ),
        ]
    )


def vectors(dropout=0.0, batch_normalization=False):
    """A generator and a discriminator of vectors of two numbers."""

    def network(num_inputs, num_outputs, seed):
        inner = [layers.Dense(4, "tanh", kernel_initializer=seeded(seed))]
        if batch_normalization:
            inner.append(layers.BatchNormalization(momentum=0.5))
        if dropout:
            inner.append(layers.Dropout(dropout, seed=seed))
        return keras.Sequential(
            [
                keras.Input((num_inputs,)),
                *inner,
                layers.Dense(num_outputs, kernel_initializer=seeded(seed + 1)),
            ]
        )

    return network(LATENT, 2, 10), network(2, 1, 20)


def conditional(condition_shape=(3,), merge=None):
    """A functional pair of vectors that takes a condition of floats."""
    merge = merge or layers.Flatten

    def network(num_inputs, num_outputs, seed):
        inputs = keras.Input((num_inputs,))
        condition = keras.Input(condition_shape)
        x = layers.Concatenate()([inputs, merge()(condition)])
        x = layers.Dense(4, "tanh", kernel_initializer=seeded(seed))(x)
        x = layers.Dense(num_outputs, kernel_initializer=seeded(seed + 1))(x)
        return keras.Model([inputs, condition], x)

    return network(LATENT, 2, 10), network(2, 1, 20)


def labelled(dropout=0.0):
    """A functional pair of vectors that takes int labels in 0, 1, 2."""

    def network(num_inputs, num_outputs, seed):
        inputs = keras.Input((num_inputs,))
        label = keras.Input((), dtype="int32")
        embedding = layers.Embedding(
            3, 2, embeddings_initializer=keras.initializers.Constant(0.5)
        )
        x = layers.Concatenate()([inputs, embedding(label)])
        x = layers.Dense(4, "tanh", kernel_initializer=seeded(seed))(x)
        x = layers.Dropout(dropout, seed=seed)(x)
        x = layers.Dense(num_outputs, kernel_initializer=seeded(seed + 1))(x)
        return keras.Model([inputs, label], x)

    return network(LATENT, 2, 10), network(2, 1, 20)


def of_shape(shape):
    """A pair for samples of any shape."""
    size = int(np.prod(shape))
    generator = keras.Sequential(
        [
            keras.Input((LATENT,)),
            layers.Dense(size, kernel_initializer=seeded(1)),
            layers.Reshape(shape),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input(shape),
            layers.Flatten(),
            layers.Dense(1, kernel_initializer=seeded(2)),
        ]
    )
    return generator, discriminator


@keras.saving.register_keras_serializable(package="tests")
class Subclassed(keras.Model):
    """One dense layer; with a condition the inputs are joined first."""

    def __init__(self, num_outputs, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.num_outputs = num_outputs
        self.seed = seed
        self.dense = layers.Dense(num_outputs, kernel_initializer=seeded(seed))

    def call(self, inputs, training=False):
        if isinstance(inputs, (list, tuple)):
            inputs = keras.ops.concatenate(inputs, axis=-1)
        return self.dense(inputs)

    def get_config(self):
        return {
            "num_outputs": self.num_outputs,
            "seed": self.seed,
            "name": self.name,
        }


def sgd(learning_rate=0.1):
    return keras.optimizers.SGD(learning_rate)


def game(networks=None, rate=0.1, seed=0, gan_kwargs=None, **compile_kwargs):
    """A compiled GAN with SGD for both players, unless told otherwise."""
    gan = GAN(*(networks or vectors()), seed=seed, **(gan_kwargs or {}))
    compile_kwargs.setdefault("d_optimizer", sgd(rate))
    compile_kwargs.setdefault("g_optimizer", sgd(rate))
    gan.compile(**compile_kwargs)
    return gan


def data(num=10, size=2, seed=0):
    values = np.random.default_rng(seed).normal(size=(num, size))
    return values.astype("float32")


def labels(num=10):
    return (np.arange(num) % 3).astype("int32")


def train(gan, *args, **kwargs):
    """`fit` without noise on the screen and in the order of the data."""
    kwargs = {"batch_size": 4, "verbose": 0, "shuffle": False, **kwargs}
    return gan.fit(*args, **kwargs).history


def weights(model):
    """Copies of all variables, random states and optimizers included."""
    variables = list(model.variables)
    for name in ("d_optimizer", "g_optimizer"):
        optimizer = getattr(model, name, None)
        variables += [] if optimizer is None else optimizer.variables
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def begin_average(gan):
    """Lets averages stand for the generator, as after a first update."""
    num_updates = gan.weight_average.num_updates
    num_updates.assign(np.ones(num_updates.shape, "int32"))


def equal(first, second):
    """Whether two lists of arrays agree bit for bit."""
    return len(first) == len(second) and all(
        np.array_equal(one, other) for one, other in zip(first, second)
    )


def _variables(gan):
    variables = [*gan.variables, *gan.metrics_variables]
    for optimizer in (gan.d_optimizer, gan.g_optimizer):
        variables += optimizer.variables
    return variables


class Shared:
    """A compiled game for many tests: each begins where it began.

    Compiling a step takes longer than all else in these tests.
    """

    def __init__(self, gan):
        self.gan = gan
        self._start = [
            keras.ops.convert_to_numpy(variable) for variable in _variables(gan)
        ]

    def __call__(self):
        """Returns the game, as it was at first."""
        for variable, value in zip(_variables(self.gan), self._start):
            variable.assign(value)
        return self.gan


def raises(*parts):
    """Expects a ValueError with these parts, in order, and `Received:`."""
    return pytest.raises(
        ValueError, match="(?s)" + ".*".join([*parts, "Received: "])
    )
