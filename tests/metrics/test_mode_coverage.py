"""Coverage of modes by hand, and of a mixture by its own samples."""

import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics.mode_coverage import ModeCoverage
from keras_ganloss.metrics.mode_coverage import coverage_of_counts
from keras_ganloss.metrics.mode_coverage import mode_coverage as coverage

RANDOM = np.random.default_rng(0)
GRID = np.array([[x, y] for x in range(-2, 3) for y in range(-2, 3)], float)


def test_by_hand():
    centers = [[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [9.0, 9.0]]
    samples = [
        [0.0, 0.0],  # In the first mode, on its center,
        [0.0, 0.3],  # on its edge,
        [0.2, -0.2],  # and inside.
        [3.8, 0.1],  # In the second one.
        [0.0, 3.6],  # Near the third, but not near enough.
        [2.0, 2.0],  # Nowhere.
    ]
    found = coverage(samples, centers, standard_deviation=0.1)
    # Shares 3/4 and 1/4 of four modes.
    divergence = 0.75 * np.log(3.0) + 0.25 * np.log(1.0)
    assert found == {
        "modes": 2,
        "modes_with_share": 2,
        "high_quality": pytest.approx(4 / 6),
        "reverse_kl": pytest.approx(divergence),
    }
    # A fair share is 6 / 4 samples, and two of them are 3.
    found = coverage(samples, centers, 0.1, min_share=2.0)
    assert found["modes"] == 2 and found["modes_with_share"] == 1


def test_deviations_of_their_own_and_more_of_them():
    samples, centers = [[0.5], [10.5]], [[0.0], [10.0]]
    found = coverage(samples, centers, [0.1, 0.2])
    assert found["modes"] == 1
    assert found["reverse_kl"] == pytest.approx(np.log(2.0))
    assert coverage(samples, centers, 0.1, num_deviations=5.5)["modes"] == 2


def test_samples_of_the_mixture_itself():
    modes = RANDOM.integers(25, size=50_000)
    samples = GRID[modes] + 0.05 * RANDOM.normal(size=(50_000, 2))
    found = coverage(ops.array(samples, "float32"), GRID, 0.05)
    assert found["modes"] == found["modes_with_share"] == 25
    # Of a normal on a plane, exp(-9 / 2) is beyond three deviations.
    assert found["high_quality"] == pytest.approx(1 - np.exp(-4.5), abs=0.002)
    # What chance leaves: (modes - 1) / (2 samples), times a chi-square.
    assert 0.0 < found["reverse_kl"] < 3 * 24 / (2 * 50_000)


def test_a_sample_between_two_modes_counts_once():
    found = coverage([[0.5]], [[0.0], [1.0]], 1.0)
    assert found["modes"] == 1 and found["high_quality"] == 1.0


@pytest.mark.parametrize("value", [100.0, np.nan, np.inf])
def test_no_sample_of_high_quality(value):
    found = coverage(np.full((3, 2), value), GRID, 0.05)
    assert found == {
        "modes": 0,
        "modes_with_share": 0,
        "high_quality": 0.0,
        "reverse_kl": pytest.approx(np.log(25.0)),
    }


def test_counts_by_hand():
    assert coverage_of_counts([5, 5, 5]) == (3, 0.0)
    assert coverage_of_counts([0, 7]) == (1, pytest.approx(np.log(2.0)))
    assert coverage_of_counts([0, 0]) == (0, pytest.approx(np.log(2.0)))


@pytest.mark.parametrize(
    "arguments, message",
    [
        (([[1.0]], [1.0, 2.0], 0.1), r"Received: centers.shape=\(2,\)"),
        (([[1.0]], [[1.0], [2.0]], 0.0), "Received: standard_deviation=0.0"),
        (([[1.0]], [[1.0]], [0.1, 0.1]), "each of the 1 centers"),
        (([[1.0, 2.0]], [[1.0]], 0.1), r"Received: samples.shape=\(1, 2\)"),
        (([1.0], [[1.0]], 0.1), r"Received: samples.shape=\(1,\)"),
        ((np.ones((0, 1)), [[1.0]], 0.1), r"Received: samples.shape=\(0, 1\)"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        coverage(*arguments)


@pytest.mark.parametrize("batches", [[200], [1, 99, 100], [64, 64, 64, 8]])
def test_class_says_the_same_in_any_batches(batches):
    fake = GRID[RANDOM.integers(9, size=200)]
    fake = (fake + 0.08 * RANDOM.normal(size=fake.shape)).astype("float32")
    metric = ModeCoverage(GRID, 0.05)
    metric.update_state(None, ops.array(fake[:50]))
    metric.reset_state()
    for part in np.split(fake, np.cumsum(batches)[:-1]):
        metric.update_state(None, ops.array(part))
    expected = coverage(fake, GRID, 0.05)
    assert metric.result() == expected
    assert 0 < expected["modes"] < 10 and 0.5 < expected["high_quality"] < 1.0


def test_class_before_any_sample():
    metric = ModeCoverage(GRID, 0.05)
    metric.build([(None, 2)])
    assert metric.result()["modes"] == 0
    assert metric.result()["high_quality"] == 0.0


def test_class_with_samples_of_another_size():
    # Two centers' numbers in one sample would be taken for two samples.
    with pytest.raises(ValueError, match=r"Received: fake.shape=\(3, 4\)"):
        ModeCoverage(GRID, 0.05).update_state(None, np.ones((3, 4)))
