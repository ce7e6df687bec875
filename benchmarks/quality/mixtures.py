"""Mixtures of normal laws in the plane, and the networks that learn them."""

import math
from typing import NamedTuple

import keras
import numpy as np
from keras import initializers
from keras import layers

from keras_ganloss.metrics import mode_coverage

LATENT_SIZE = 64


class Mixture(NamedTuple):
    """Equally likely, round components of one width.

    Attributes:
        centers: Array of shape `(num_modes, 2)`.
        stddev: Float, the width of a mode.
    """

    centers: np.ndarray
    stddev: float

    def draw(self, num, seed):
        """Returns samples of shape `(num, 2)`."""
        random = np.random.default_rng(seed)
        mode = random.integers(len(self.centers), size=num)
        noise = self.stddev * random.standard_normal((num, 2))
        return (self.centers[mode] + noise).astype("float32")

    def measure(self, samples):
        """Returns a dict of numbers; see `metrics.mode_coverage`."""
        return mode_coverage(samples, self.centers, self.stddev)


def ring(num=8, radius=1.0, stddev=0.01):
    """Modes on a circle. Its endpoint would be the first mode again."""
    angles = np.linspace(0.0, 2.0 * np.pi, num, endpoint=False)
    centers = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return Mixture(radius * centers, stddev)


def grid(num=5, spacing=2.0, stddev=0.05):
    """Modes on a square grid around the origin."""
    marks = spacing * (np.arange(num) - (num - 1) / 2.0)
    centers = np.stack(np.meshgrid(marks, marks), axis=-1).reshape(-1, 2)
    return Mixture(centers, stddev)


def dense(units, num_inputs, reach=1.0, **settings):
    """A layer that starts as torch's do, which is not Keras's way.

    Biases are not zero: in a network on the plane all kinks of the first
    layer would go through the origin, and take long to get away.

    Args:
        units, num_inputs: Ints.
        reach: Float, how far inputs are from zero: so far the kinks spread.
        **settings: See `keras.layers.Dense`.
    """
    limit = 1.0 / math.sqrt(num_inputs)
    return layers.Dense(
        units,
        kernel_initializer=initializers.RandomUniform(-limit, limit),
        bias_initializer=initializers.RandomUniform(
            -reach * limit, reach * limit
        ),
        **settings,
    )


def make_generator(width):
    """Latents to points."""
    return keras.Sequential(
        [
            keras.Input((LATENT_SIZE,)),
            dense(width, LATENT_SIZE, activation="relu"),
            dense(width, width, activation="relu"),
            dense(2, width),
        ]
    )


def make_discriminator(
    width, reach, num_points=1, num_outputs=1, wrap=lambda layer: layer
):
    """Points to a logit.

    Args:
        width: Int, units of a hidden layer.
        reach: Float, the largest coordinate of a center.
        num_points: Int, how many points stand side by side.
        num_outputs: Int, more than one where a loss compares features.
        wrap: Function of a layer, such as spectral normalization.
    """
    inputs = 2 * num_points
    return keras.Sequential(
        [
            keras.Input((inputs,)),
            wrap(dense(width, inputs, reach)),
            layers.LeakyReLU(negative_slope=0.2),
            wrap(dense(width, width)),
            layers.LeakyReLU(negative_slope=0.2),
            wrap(dense(num_outputs, width)),
        ]
    )
