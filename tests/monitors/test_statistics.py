"""Distances, regions and shares, against numbers by hand and other programs."""

import numpy as np
import pytest

from keras_ganloss.monitors import statistics

random = np.random.default_rng(0)


def test_distances_by_hand():
    first, second = np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([[4.0, 4.0]])
    expected = [[np.sqrt(32.0)], [5.0]]
    np.testing.assert_allclose(statistics.distances(first, second), expected)


def test_small_distances_far_from_the_origin():
    points = 1e6 + np.array([[0.0], [1e-3]])
    matrix = statistics.distances(points, points)
    np.testing.assert_allclose(matrix, [[0.0, 1e-3], [1e-3, 0.0]], rtol=1e-6)


def test_within_by_hand():
    matrix = statistics.distances(*2 * [np.array([[0.0], [1.0], [4.0]])])
    # Pairs are 1, 4 and 3 apart; the nearest are at 1, 1 and 3.
    assert statistics.mean_within(matrix) == pytest.approx(8.0 / 3.0)
    assert statistics.nearest_within(matrix) == pytest.approx(5.0 / 3.0)


@pytest.mark.parametrize(
    "first, second, expected",
    [
        ([[0.0], [0.0]], [[3.0], [3.0]], 1.0),
        ([[0.0], [0.0]], [[0.0], [0.0]], 0.0),
        # 2 * 1 - 2 - 0 of 2: the points are about the middle.
        ([[-1.0], [1.0]], [[0.0], [0.0]], 0.0),
        # Twice 3, less 2, of 6.
        ([[-1.0], [1.0]], [[3.0], [3.0]], 2.0 / 3.0),
    ],
)
def test_relative_energy_by_hand(first, second, expected):
    first, second = np.array(first), np.array(second)
    energy = statistics.relative_energy(
        statistics.distances(first, first),
        statistics.distances(second, second),
        statistics.distances(first, second),
    )
    assert energy == pytest.approx(expected)


def test_relative_energy_as_in_scipy():
    scipy_stats = pytest.importorskip("scipy.stats")
    first, second = (
        random.normal(size=(50, 1)),
        random.normal(2.0, size=(40, 1)),
    )
    across = statistics.distances(first, second)
    within = [statistics.distances(x, x) for x in (first, second)]
    energy = statistics.relative_energy(*within, across)
    # Scipy's is the root, and counts each sample's distance to itself.
    square = scipy_stats.energy_distance(first[:, 0], second[:, 0]) ** 2
    biased = 2.0 * across.mean() - sum(matrix.mean() for matrix in within)
    assert biased == pytest.approx(square)
    own = sum(m.mean() / (len(m) - 1.0) for m in within)
    assert energy == pytest.approx((square - own) / (2.0 * across.mean()))


def test_largest_energy_is_that_of_the_worst_part():
    near, far = np.array([[-1.0], [1.0]]), np.array([[3.0], [3.0]])
    within = [statistics.distances(near, near)] * 2
    found = statistics.largest_energy(within, [near, near], [near, far])
    assert found == pytest.approx(2.0 / 3.0)


def test_share_above_as_in_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    first, second = random.integers(0, 9, 60), random.integers(0, 7, 50)
    expected = metrics.roc_auc_score(
        np.repeat([1, 0], [60, 50]), np.concatenate([first, second])
    )
    assert statistics.share_above(first, second) == pytest.approx(expected)


def test_share_above_by_symmetry():
    first, second = random.normal(size=(30, 2)), random.normal(size=40)
    share = statistics.share_above(first, second)
    assert share + statistics.share_above(second, first) == pytest.approx(1.0)
    assert statistics.share_above(first, first) == 0.5


def modes(num=8, each=20, width=0.05):
    angle = 2.0 * np.pi * np.arange(num) / num
    centers = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    noise = width * random.normal(size=(num * each, 2))
    return centers, np.repeat(centers, each, axis=0) + noise


def test_regions_are_the_modes():
    expected, samples = modes()
    centers = statistics.cluster(samples, num=32, apart=0.3)
    gaps = statistics.distances(expected, centers)
    assert len(centers) == 8
    # A part of a mode may stand for it, within its width.
    assert gaps.min(axis=1).max() < 0.15
    assert len(set(gaps.argmin(axis=1))) == 8


def test_regions_of_few_distinct_samples():
    samples = np.repeat([[0.0], [1.0]], 10, axis=0)
    centers = statistics.cluster(samples, num=5, apart=0.1)
    assert sorted(centers[:, 0]) == [0.0, 1.0]


def test_regions_are_the_same_each_time():
    _, samples = modes()
    first, second = (statistics.cluster(samples, 16, 0.1) for _ in range(2))
    np.testing.assert_array_equal(first, second)
