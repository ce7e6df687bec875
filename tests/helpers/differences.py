"""Gradients of layers, by the backend and by finite differences.

All in float64, in which central differences are good for nine digits.
"""

import contextlib
import sys
from unittest import mock

import keras
import numpy as np
from keras import ops

from keras_ganloss import backend

STEP = 1e-5
NUM_DIRECTIONS = 3

# Where Keras says that float64 is rounded to float32 on JAX and torch.
DTYPES = sys.modules["keras.src.backend.common.dtypes"].BIT64_TO_BIT32_DTYPE


@contextlib.contextmanager
def float64():
    """A context in which every backend has float64."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(DTYPES, float64="float64"))
        if keras.backend.backend() == "jax":
            import jax

            stack.enter_context(jax.enable_x64(True))
        yield


def is_float(array):
    return np.issubdtype(np.asarray(array).dtype, np.floating)


def tensors(arrays):
    return [
        ops.convert_to_tensor(array, "float64" if is_float(array) else None)
        for array in arrays
    ]


def call(layer, inputs, training=True):
    """Outputs of a layer as one vector; called on a list if it takes one."""
    outputs = layer(inputs if len(inputs) > 1 else inputs[0], training=training)
    flat = [ops.reshape(leaf, (-1,)) for leaf in keras.tree.flatten(outputs)]
    return ops.concatenate(flat)


def randomize(layer, seed=0):
    """Gives all trainable weights values that hide nothing."""
    generator = np.random.default_rng(seed)
    for weight in layer.trainable_weights:
        weight.assign(generator.normal(1.0, 0.5, size=tuple(weight.shape)))


class Problem:
    """A scalar function of a layer's float inputs and trainable weights.

    Args:
        layer: A layer that computes in float64, built.
        arrays: Its inputs.
        order: 1 for a weighted sum of the outputs, 2 for the squared
            gradient of that sum by what the inputs are multiples of, which
            is what penalties minimize. (By the inputs themselves, a wrong
            second derivative of a normalization would cancel out.)
        training: Bool, the mode.
    """

    def __init__(self, layer, arrays, order, training=True):
        self.layer = layer
        self.order = order
        self.training = training
        self.fixed = {
            index: tensor
            for index, tensor in enumerate(tensors(arrays))
            if not is_float(arrays[index])
        }
        self.inputs = [array for array in arrays if is_float(array)]
        self.weights = list(layer.trainable_weights)
        size = int(call(layer, tensors(arrays), training).shape[0])
        generator = np.random.default_rng(1)
        self.shares, *self.scales = tensors(
            [
                generator.normal(size=size),
                *[generator.normal(size=array.shape) for array in self.inputs],
            ]
        )

    def _sum(self, inputs):
        rest = iter(inputs)
        count = len(inputs) + len(self.fixed)
        merged = [
            self.fixed[index] if index in self.fixed else next(rest)
            for index in range(count)
        ]
        outputs = call(self.layer, merged, self.training)
        return ops.sum(self.shares * outputs)

    def value(self, inputs):
        if self.order == 1:
            return self._sum(inputs)
        _, _, slopes = backend.value_and_input_gradients(
            lambda inputs: (self._sum(inputs), None), inputs
        )
        return sum(
            ops.sum(ops.square(scale * slope))
            for scale, slope in zip(self.scales, slopes)
        )

    def gradients(self):
        """By the backend: arrays as `inputs`, then as `weights`."""
        inputs = tensors(self.inputs)
        _, _, by_inputs = backend.value_and_input_gradients(
            lambda inputs: (self.value(inputs), None), inputs
        )
        by_weights = []
        if self.weights:
            _, _, (by_weights,) = backend.compute_gradients(
                lambda: ([self.value(inputs)], None),
                [self.weights],
                [lambda loss: loss],
            )
        found = [*by_inputs, *by_weights]
        like = [*self.inputs, *self.weights]
        return [
            np.zeros(tuple(one.shape))
            if gradient is None
            else ops.convert_to_numpy(gradient)
            for gradient, one in zip(found, like)
        ]

    def _value_at(self, shift, start):
        count = len(self.inputs)
        for weight, value, part in zip(
            self.weights, start[count:], shift[count:]
        ):
            weight.assign(value + part)
        inputs = [a + b for a, b in zip(start[:count], shift[:count])]
        return float(ops.convert_to_numpy(self.value(tensors(inputs))))

    def error(self):
        """Relative error of slopes along random directions."""
        gradients = self.gradients()
        start = [
            *map(np.asarray, self.inputs),
            *[ops.convert_to_numpy(weight) for weight in self.weights],
        ]
        generator = np.random.default_rng(2)
        found, expected = [], []
        for _ in range(NUM_DIRECTIONS):
            # The ones move means, which differences alone would not.
            direction = [
                1.0 + generator.normal(size=array.shape) for array in start
            ]
            found.append(
                sum(
                    (gradient * part).sum()
                    for gradient, part in zip(gradients, direction)
                )
            )
            ends = [
                self._value_at([sign * part for part in direction], start)
                for sign in (STEP, -STEP)
            ]
            expected.append((ends[0] - ends[1]) / (2 * STEP))
        self._value_at([0.0] * len(start), start)
        found, expected = np.array(found), np.array(expected)
        size = np.linalg.norm(expected)
        # A slope of zero is compared as it is.
        return np.linalg.norm(found - expected) / (size if size > 1e-6 else 1)


def gradient_error(layer, arrays, order, training=True):
    """Relative error of a layer's gradients of first or second order."""
    with float64():
        call(layer, tensors(arrays), training)
        randomize(layer)
        return float(Problem(layer, arrays, order, training).error())
