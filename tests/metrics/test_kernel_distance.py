"""The kernel distance against hand-worked numbers and its expectation."""

import itertools

import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics import cubic_kernel
from keras_ganloss.metrics import kernel_distance


def test_kernel_by_hand():
    # ((1 * 3 + 2 * 4) / 2 + 1)^3 = 6.5^3.
    kernel = cubic_kernel(ops.array([[1.0, 2.0]]), ops.array([[3.0, 4.0]]))
    assert float(kernel[0, 0]) == 274.625


def test_distance_by_hand():
    # Within: k(1, -1) = 0 and k(1, 1) = 8; across: the mean of 8 and 0.
    first = ops.array([[1.0], [-1.0]])
    assert float(kernel_distance(first, ops.ones((2, 1)))) == 0.0
    # Within: 8 and 27; across: k(1, 2) = 27 and k(1, 1) = 8.
    second = ops.array([[1.0], [2.0]])
    found = float(kernel_distance(ops.ones((3, 1)), second))
    assert found == pytest.approx(8 + 27 - (8 + 27))


def test_estimate_is_unbiased():
    # All pairs of samples of two from three values, with equal chances, have
    # the distance of the distributions as their mean.
    values = np.array([0.0, 1.0, 3.0]), np.array([1.0, 2.0, -1.0])

    def kernel(x, y):
        return (np.multiply.outer(x, y) + 1.0) ** 3

    expected = (
        kernel(values[0], values[0]).mean()
        + kernel(values[1], values[1]).mean()
        - 2 * kernel(values[0], values[1]).mean()
    )
    found = [
        float(kernel_distance(ops.array(first), ops.array(second)))
        for first in itertools.product(values[0][:, None], repeat=2)
        for second in itertools.product(values[1][:, None], repeat=2)
    ]
    assert min(found) < 0.0 < max(found)
    assert np.mean(found) == pytest.approx(expected, rel=1e-5)


def test_order_of_samples_and_of_arguments_does_not_matter():
    generator = np.random.default_rng(0)
    first = ops.array(generator.normal(size=(6, 3)), "float32")
    second = ops.array(generator.normal(size=(4, 3)), "float32")
    expected = float(kernel_distance(first, second))
    for arguments in (
        (second, first),
        (ops.flip(first, 0), ops.flip(second, 0)),
    ):
        found = float(kernel_distance(*arguments))
        assert found == pytest.approx(expected, rel=1e-4)
