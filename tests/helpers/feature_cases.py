"""Features, networks and games for the tests of metrics."""

import keras
import numpy as np

from keras_ganloss import GAN

RANDOM = np.random.default_rng(0)
REAL = RANDOM.normal(1.0, 1.0, size=(60, 3)).astype("float32")
FAKE = RANDOM.normal(1.2, 1.5, size=(60, 3)).astype("float32")


def shown(metric, real=REAL, fake=FAKE, batch_size=17):
    """Returns a metric that has seen samples in batches, the last partial."""
    for start in range(0, max(len(real), len(fake)), batch_size):
        part = slice(start, start + batch_size)
        metric.update_state(real[part], fake[part])
    return metric


def make_network(num=2, seed=0):
    """Returns a small network of somebody's own, for samples `(3,)`."""
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(8, "tanh"),
            keras.layers.Dense(num),
        ]
    )


def make_gan(metrics, shape=(3,), **settings):
    """Returns a compiled game whose samples have some shape."""
    size = int(np.prod(shape))
    generator = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(size, "tanh"),
            keras.layers.Reshape(shape),
        ]
    )
    discriminator = keras.Sequential(
        [keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    gan = GAN(generator, discriminator, seed=0)
    gan.compile(metrics=metrics, **settings)
    return gan
