"""
Title: How heavy is R1 on points, on pictures, and with patches?
Description: The squared gradient of the sum of a new discriminator's outputs,
    which `R1` punishes, and the weight at which that is a tenth of the
    logistic loss of who knows nothing, 2 log 2. Larger pictures are computed
    by scaling: a convolution sees each patch alike, so the square grows with
    the number of patches, and so with that of the pixels.
Runs in: a minute on one CPU core.
"""

import math
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

from keras_ganloss.game.judge import Judge
from keras_ganloss.penalties.penalty import squared_norm

SHARE = 0.1
SEEDS = range(5)
NUM = 4


def points():
    return [
        keras.Input((8,)),
        layers.Dense(64, "leaky_relu"),
        layers.Dense(64, "leaky_relu"),
        layers.Dense(1),
    ]


def pictures(size, num_channels, num_layers, patches):
    """Strided convolutions; an output for all, or one for each patch."""
    return [
        keras.Input((size, size, num_channels)),
        *(
            layers.Conv2D(32 * 2**i, 4, 2, "same", activation="leaky_relu")
            for i in range(num_layers)
        ),
        *(
            [layers.Conv2D(1, 3, padding="same")]
            if patches
            else [layers.Flatten(), layers.Dense(1)]
        ),
    ]


CASES = {
    "8 numbers": points,
    "28 x 28 x 1, one output": lambda: pictures(28, 1, 2, False),
    "28 x 28 x 1, 7 x 7 patches": lambda: pictures(28, 1, 2, True),
    "64 x 64 x 3, one output": lambda: pictures(64, 3, 4, False),
    "64 x 64 x 3, 8 x 8 patches": lambda: pictures(64, 3, 3, True),
}
SCALED = {"256 x 256 x 3, 32 x 32 patches": ("64 x 64 x 3, 8 x 8 patches", 16)}


def squared_gradient(make, seed):
    """Mean over normal samples, of a network with new weights."""
    keras.utils.set_random_seed(seed)
    network = keras.Sequential(make())
    samples = np.random.default_rng(seed).normal(
        size=(NUM, *network.input_shape[1:])
    )
    judge = Judge(network, training=True)
    gradients = judge.input_gradients(
        keras.ops.convert_to_tensor(samples, "float32")
    )
    return float(keras.ops.mean(squared_norm(gradients)))


def row(name, square, how):
    weight = SHARE * 2.0 * math.log(2.0) / (0.5 * square)
    print(f"| {name} | {square:.2g} | {weight:.1g} | {how} |", flush=True)


def main():
    print("| samples | squared gradient | first weight | |\n|---|---|---|---|")
    squares = {}
    for name, make in CASES.items():
        found = [squared_gradient(make, seed) for seed in SEEDS]
        squares[name] = float(np.mean(found))
        row(name, squares[name], "measured")
    for name, (base, factor) in SCALED.items():
        row(name, factor * squares[base], f"computed, {factor} times")


if __name__ == "__main__":
    main()
