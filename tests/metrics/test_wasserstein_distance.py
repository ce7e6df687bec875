"""Wasserstein distances by hand, by all permutations, and by SciPy."""

import itertools
import sys

import numpy as np
import pytest
from keras import ops
from scipy import stats

from keras_ganloss.metrics.critic_distance import critic_distance
from keras_ganloss.metrics.wasserstein_distance import wasserstein_distance

RANDOM = np.random.default_rng(0)


def test_by_hand():
    # Straight across costs 3 + 3, along the other pairs 5 + 5.
    samples = [[0.0, 0.0], [4.0, 0.0]]
    others = [[4.0, 3.0], [0.0, 3.0]]
    assert wasserstein_distance(samples, others) == 3.0


def test_best_of_all_permutations():
    samples, others = RANDOM.normal(size=(2, 6, 3))
    expected = min(
        np.mean(np.linalg.norm(samples - others[list(order)], axis=1))
        for order in itertools.permutations(range(6))
    )
    found = wasserstein_distance(ops.array(samples), ops.array(others))
    assert found == pytest.approx(expected, rel=1e-6)


def test_on_a_line_as_another_program():
    samples, others = RANDOM.normal(size=(2, 50))
    found = wasserstein_distance(samples[:, None], others[:, None])
    assert found == pytest.approx(stats.wasserstein_distance(samples, others))


def test_in_space_as_another_program():
    from tests.helpers.pot import ot

    samples, others = RANDOM.normal(size=(2, 40, 3))
    costs = ot.dist(samples, others, metric="euclidean")
    found = wasserstein_distance(samples, others)
    assert found == pytest.approx(ot.emd2([], [], costs), rel=1e-6)


def test_moved_samples_are_as_far_as_the_move():
    samples = RANDOM.normal(size=(20, 4, 4))
    found = wasserstein_distance(samples, samples[::-1] + 0.5)
    assert found == pytest.approx(0.5 * 16**0.5)


def test_one_sample_and_samples_that_are_all_equal():
    assert wasserstein_distance([[0.0, 0.0]], [[3.0, 4.0]]) == 5.0
    assert wasserstein_distance(np.ones((5, 2)), np.ones((5, 2))) == 0.0


def test_best_critic_says_the_distance():
    # Between numbers that differ by a move the best critic is a slope of one.
    real = RANDOM.normal(size=(40, 1))
    fake = real[::-1] - 2.0
    exact = wasserstein_distance(real, fake)
    assert critic_distance(real, fake) == pytest.approx(exact)
    assert critic_distance(3.0 * real, 3.0 * fake, 3.0) == pytest.approx(exact)
    # Another one says less.
    assert critic_distance(np.sin(real), np.sin(fake)) < exact


@pytest.mark.parametrize(
    "samples, others, message",
    [
        ([[1.0]], [[1.0], [2.0]], "Received: 1 and 2 samples"),
        ([[1.0]], [[1.0, 2.0]], "Received: 1 and 2 numbers"),
        ([[np.inf]], [[1.0]], "Received: 1 of 1 samples with"),
    ],
)
def test_errors(samples, others, message):
    with pytest.raises(ValueError, match=message):
        wasserstein_distance(samples, others)


def test_without_scipy(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(ImportError, match="pip install scipy"):
        wasserstein_distance([[0.0, 0.0]], [[3.0, 4.0]])
    assert wasserstein_distance([[0.0]], [[3.0]]) == 3.0
