"""Saves a game, and goes on with one; `test_saving_across_backends.py` looks.

Usage:
`KERAS_BACKEND=... python -m tests.helpers.across_backends save|load DIRECTORY`
"""

import pathlib
import sys

import keras
import numpy as np
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss.penalties import R1
from keras_ganloss.utils.variables import seed_states
from tests.helpers.same_noise import same_noise

BACKENDS = ("jax", "tensorflow", "torch")
SAMPLES = np.random.default_rng(0).normal(size=(20, 6, 6, 1)).astype("float32")
LABELS = np.arange(20, dtype="int32") % 3


def make_gan():
    """A conditional game with everything that has a state.

    Dropout is there for its random state alone: of its units it drops none.
    """
    keras.utils.set_random_seed(1)
    latent, label = keras.Input((3,)), keras.Input((), dtype="int32")
    x = layers.Concatenate()([latent, layers.Embedding(3, 2)(label)])
    x = layers.Dense(3 * 3 * 2, use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.5)(x)
    x = layers.Reshape((3, 3, 2))(layers.LeakyReLU(0.2)(x))
    x = layers.Conv2DTranspose(1, 4, strides=2, padding="same")(x)
    generator = keras.Model([latent, label], x)

    sample, label = keras.Input((6, 6, 1)), keras.Input((), dtype="int32")
    x = layers.Conv2D(4, 3, strides=2, kernel_regularizer="l2")(sample)
    x = layers.Dropout(1e-12, seed=5)(layers.LeakyReLU(0.2)(x))
    x = layers.Concatenate()(
        [layers.Flatten()(x), layers.Embedding(3, 2)(label)]
    )
    discriminator = keras.Model([sample, label], layers.Dense(1)(x))

    gan = GAN(generator, discriminator, seed=7)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(0.01, beta_1=0.5),
        g_optimizer=keras.optimizers.RMSprop(
            keras.optimizers.schedules.ExponentialDecay(0.01, 2, 0.5)
        ),
        d_loss="hinge",
        penalties=[R1(0.5)],
        d_steps=2,
        ema=0.9,
    )
    return gan


def train(gan):
    """Five batches, so that the next one is the generator's turn."""
    gan.fit(SAMPLES, LABELS, batch_size=4, shuffle=False, verbose=0)


def state(gan):
    """Returns a dict of all that a file holds, as arrays."""
    groups = {
        "network": gan.generator.weights + gan.discriminator.weights,
        "average": gan.weight_average.averages,
        "turns": [gan.turns],
        "d_optimizer": gan.d_optimizer.variables,
        "g_optimizer": gan.g_optimizer.variables,
        "random": seed_states(gan),
    }
    return {
        f"{group}_{index}": ops.convert_to_numpy(variable.value)
        for group, variables in groups.items()
        for index, variable in enumerate(variables)
    }


def save(directory):
    """Trains a game, and saves it and what it is."""
    backend = keras.backend.backend()
    gan = make_gan()
    train(gan)
    gan.save(directory / f"{backend}.keras")
    np.savez(directory / f"{backend}.npz", **state(gan))


def load(directory):
    """Goes on with the game of every backend, with the same latents."""
    backend = keras.backend.backend()
    for writer in BACKENDS:
        path = directory / f"{writer}.keras"
        if not path.exists():
            continue  # That backend is not installed.
        gan = keras.saving.load_model(path)
        np.savez(directory / f"{writer}_in_{backend}.npz", **state(gan))
        with same_noise():
            train(gan)
        np.savez(directory / f"{writer}_on_{backend}.npz", **state(gan))


if __name__ == "__main__":
    {"save": save, "load": load}[sys.argv[1]](pathlib.Path(sys.argv[2]))
