"""
Title: One machine, several devices
Description: `fit` under `tf.distribute.MirroredStrategy` equals one device.
Runs in: a minute on two CPU cores; `--smoke` for some seconds, as in CI.
"""

import argparse
import os

# TensorFlow says a lot about graphics cards before it begins.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from keras_ganloss import GAN
from keras_ganloss.penalties import R1

NUM_REPLICAS = 2
BATCH_SIZE = 64

"""
## The devices

On a machine with several GPUs, `tf.distribute.MirroredStrategy()` finds them
by itself. Here one CPU is made to look like two, which must happen before
TensorFlow does anything else.
"""


def make_strategy():
    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0],
        [tf.config.LogicalDeviceConfiguration()] * NUM_REPLICAS,
    )
    return tf.distribute.MirroredStrategy(
        [f"CPU:{index}" for index in range(NUM_REPLICAS)]
    )


"""
## The data

Points near a circle, each with the direction in which it lies: the generator
learns to go where it is told.
"""


def make_data(num):
    """Returns points and directions, each of shape `(num, 2)`."""
    random = np.random.default_rng(0)
    angle = random.uniform(0.0, 2.0 * np.pi, size=num)
    directions = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = directions + 0.1 * random.normal(size=(num, 2))
    return points.astype("float32"), directions.astype("float32")


"""
## The game

`noise` is how much the generator hears of its latent. Replicas draw latents
of their own, or every one would train on the same fakes; so a run on two
devices can only be compared with a run on one if latents do not matter.
"""


def make_gan(noise):
    latent, direction = keras.Input((4,)), keras.Input((2,))
    x = layers.Concatenate()([layers.Rescaling(noise)(latent), direction])
    x = layers.Dense(64, "relu")(x)
    generator = keras.Model([latent, direction], layers.Dense(2)(x))

    point, direction = keras.Input((2,)), keras.Input((2,))
    x = layers.Concatenate()([point, direction])
    x = layers.Dense(64, "relu")(x)
    discriminator = keras.Model([point, direction], layers.Dense(1)(x))

    gan = GAN(generator, discriminator, seed=0)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.5),
        g_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.5),
        penalties=[R1(0.1)],
        ema=0.99,
    )
    return gan


"""
## Training

The networks, the optimizers and the game are made, and `compile` is called,
within the scope of the strategy. `fit` needs no scope. `batch_size` is that of
all replicas together.
"""


def train(strategy, epochs, points, directions):
    with strategy.scope():
        gan = make_gan(noise=0.1)
    gan.fit(points, directions, batch_size=BATCH_SIZE, epochs=epochs, verbose=2)
    made = gan.generate(256, condition=directions[:256], seed=0)
    distance = np.linalg.norm(made - directions[:256], axis=1).mean()
    print(f"Mean distance from where the samples should be: {distance:.2f}")


"""
## Two devices equal one

The same ten steps twice, the last one on half a batch. What differs is
rounding: a sum of two halves is not added up in the order of the whole.
"""


def compare(strategy, points, directions):
    num = 9 * BATCH_SIZE + BATCH_SIZE // 2
    results = []
    for replicas in (None, strategy):
        keras.utils.set_random_seed(0)  # The same weights to begin with.
        scope = (replicas or tf.distribute.get_strategy()).scope()
        with scope:
            gan = make_gan(noise=0.0)
        gan.fit(
            points[:num],
            directions[:num],
            batch_size=BATCH_SIZE,
            shuffle=False,
            verbose=0,
        )
        results.append(gan.get_weights())
    difference = max(np.abs(a - b).max() for a, b in zip(*results))
    print(f"Largest difference of a weight from one device: {difference:.1e}")
    return difference


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true")
    arguments = parser.parse_args()
    strategy = make_strategy()
    points, directions = make_data(2048)
    train(strategy, 1 if arguments.smoke else 40, points, directions)
    if compare(strategy, points, directions) > 1e-6:
        raise SystemExit("Two devices should equal one.")


if __name__ == "__main__":
    main()
