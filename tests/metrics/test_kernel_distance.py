"""The kernel distance against hand-worked numbers and its expectation."""

import itertools

import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics import KernelDistance
from keras_ganloss.metrics import cubic_kernel
from keras_ganloss.metrics import kernel_distance
from keras_ganloss.metrics import kernel_distance_of_blocks
from tests.helpers.feature_cases import FAKE
from tests.helpers.feature_cases import REAL
from tests.helpers.feature_cases import shown


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


def test_blocks_by_hand():
    # Of [[1], [-1]] and ones 0, of [[1], [2]] and ones 27 + 8 - 35 = 0, of
    # [[2], [2]] and ones 125 + 8 - 2 * 27 = 79.
    features = [[1.0], [-1.0], [1.0], [2.0], [2.0], [2.0]]
    mean, error = kernel_distance_of_blocks(features, np.ones((6, 1)), 2)
    assert mean == pytest.approx(79 / 3)
    # The deviation of (0, 0, 79) is 79 / sqrt(3).
    assert error == pytest.approx(79 / 3)


def test_blocks_of_different_sizes():
    # The larger blocks come last, as in TF-GAN: of 2, 2 and 3 samples.
    features = np.arange(7.0)[:, None]
    others = np.arange(6.0)[:, None]
    found, _ = kernel_distance_of_blocks(features, others, 3)
    blocks = zip(np.split(features, [2, 4]), np.split(others, [2, 4]))
    expected = [float(kernel_distance(*map(ops.array, b))) for b in blocks]
    assert found == pytest.approx(np.mean(expected), rel=1e-5)
    with pytest.raises(ValueError, match="6 for 3 blocks.* 7 and 4 samples"):
        kernel_distance_of_blocks(features, others[:4], 3)


def test_one_block_has_no_error():
    mean, error = kernel_distance_of_blocks(REAL, FAKE)
    expected = float(kernel_distance(ops.array(REAL), ops.array(FAKE)))
    assert mean == pytest.approx(expected, rel=1e-4)
    assert np.isnan(error)


def test_blocks_that_are_none():
    for block_size in (0, 1):
        with pytest.raises(ValueError, match=f"block_size={block_size}"):
            kernel_distance_of_blocks(REAL, FAKE, block_size)
    with pytest.raises(ValueError, match=r"shapes \(60, 3\) and \(60, 2\)"):
        kernel_distance_of_blocks(REAL, FAKE[:, :2])


@pytest.mark.parametrize("batch_size", [7, 60])
def test_metric_equals_the_function(batch_size):
    metric = KernelDistance("samples", block_size=20)
    shown(metric, batch_size=batch_size)
    distance, error = kernel_distance_of_blocks(REAL, FAKE, 20)
    result = metric.result()
    assert list(result) == ["kernel_distance", "kernel_distance_error"]
    assert result["kernel_distance"] == pytest.approx(distance, rel=1e-12)
    assert result["kernel_distance_error"] == pytest.approx(error, rel=1e-12)


def test_metric_keeps_the_first_samples():
    metric = shown(KernelDistance("samples", num_samples=30, name="kid"))
    distance, _ = kernel_distance_of_blocks(REAL[:30], FAKE[:30])
    assert metric.result()["kid"] == pytest.approx(distance, rel=1e-12)
    assert np.isnan(metric.result()["kid_error"])


def test_metric_of_samples_that_are_not_finite_is_nan():
    fake = FAKE.copy()
    fake[30, 1] = np.nan
    result = shown(KernelDistance("samples"), REAL, fake).result()
    assert np.isnan(list(result.values())).all()


def test_metric_of_too_few_samples():
    metric = KernelDistance("samples")
    metric.update_state(REAL[:2], FAKE[:1])
    with pytest.raises(ValueError, match="Received: 2 real and 1 made"):
        metric.result()


@pytest.mark.parametrize("name", ["block_size", "num_samples"])
def test_settings_that_are_none(name):
    with pytest.raises(ValueError, match=f"Received: {name}=0"):
        KernelDistance("samples", **{name: 0})
