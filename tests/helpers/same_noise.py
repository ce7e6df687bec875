"""The same noise on every backend, whose own random streams differ."""

import contextlib
from unittest import mock

import keras
import numpy as np


def _uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
    del seed
    numbers = np.random.default_rng(0).uniform(minval, maxval, size=shape)
    return keras.ops.convert_to_tensor(numbers, dtype or "float32")


def _normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    del seed
    numbers = np.random.default_rng(0).normal(mean, stddev, size=shape)
    return keras.ops.convert_to_tensor(numbers, dtype or "float32")


@contextlib.contextmanager
def same_noise():
    """Within the block, what is drawn depends on its shape alone.

    Functions that are compiled in the block keep these numbers. They must be
    called with the shapes known.
    """
    with mock.patch.multiple(keras.random, uniform=_uniform, normal=_normal):
        yield
