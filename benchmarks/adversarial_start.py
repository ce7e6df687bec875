"""
Title: Cost of a learned loss that has not begun
Description: Time of `fit` with `adversarial_start` ahead, as a multiple of
    the plain model's `fit`, interleaved in one process.
Runs in: two minutes on two CPU cores; `--rounds 3` for less.
"""

import argparse
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from keras_ganloss import SupervisedGAN
from keras_ganloss.networks import PatchDiscriminator

SIZE = 32


def unet():
    layers = keras.layers
    x = keras.Input((SIZE, SIZE, 3))
    first = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    second = layers.Conv2D(32, 3, 2, padding="same", activation="relu")(first)
    third = layers.Conv2D(32, 3, padding="same", activation="relu")(second)
    back = layers.Conv2DTranspose(16, 4, 2, padding="same")(third)
    both = layers.Concatenate()([first, back])
    return keras.Model(x, layers.Conv2D(3, 3, padding="same")(both))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--batches", type=int, default=25)
    options = parser.parse_args()
    shape = (options.batches * 16, SIZE, SIZE, 3)
    x, y = np.random.default_rng(0).uniform(-1, 1, (2, *shape))
    plain, model = unet(), unet()
    plain.compile("adam", "mae")
    game = SupervisedGAN(
        model,
        PatchDiscriminator(
            (SIZE, SIZE, 3), num_layers=2, condition_shape=(SIZE, SIZE, 3)
        ),
        seed=0,
    )
    game.compile(
        g_optimizer=keras.optimizers.Adam(),
        loss="mae",
        adversarial_start=10**9,
    )

    def seconds(model):
        begin = time.perf_counter()
        model.fit(x, y, batch_size=16, verbose=0)
        return time.perf_counter() - begin

    for one in (plain, game):
        seconds(one)  # Compiling.
    ratios = []
    for _ in range(options.rounds):
        theirs, ours, again = seconds(plain), seconds(game), seconds(plain)
        ratios.append(2.0 * ours / (theirs + again))
    quartiles = statistics.quantiles(ratios, n=4)
    print(
        f"{keras.backend.backend()}: {statistics.median(ratios):.3f} times a "
        f"plain fit (quartiles {quartiles[0]:.3f} to {quartiles[2]:.3f}, "
        f"{options.rounds} rounds)"
    )


if __name__ == "__main__":
    main()
