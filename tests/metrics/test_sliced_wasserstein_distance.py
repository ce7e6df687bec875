"""The metric of sliced Wasserstein distance against closed forms."""

import numpy as np
import pytest
from keras import ops
from scipy import stats

from keras_ganloss.metrics.sliced_wasserstein import sliced_wasserstein
from keras_ganloss.metrics.sliced_wasserstein_distance import (
    SlicedWassersteinDistance,
)
from keras_ganloss.metrics.sliced_wasserstein_distance import (
    distance_of_projections,
)
from keras_ganloss.metrics.sliced_wasserstein_distance import random_directions

RANDOM = np.random.default_rng(0)


def test_on_a_line_by_hand():
    first, second = np.array([[6.0], [2.0]]), np.array([[3.0], [7.0], [3.0]])
    # Shares up to 1/3, 1/2, 2/3, 1: |2 - 3|, |2 - 3|, |6 - 3|, |6 - 7|.
    expected = 1 / 3 + 1 / 6 + 3 / 6 + 1 / 3
    assert distance_of_projections(first, second) == pytest.approx(expected)


@pytest.mark.parametrize("sizes", [(50, 50), (50, 49), (7, 30), (1, 1), (1, 5)])
def test_on_a_line_as_another_program(sizes):
    first, second = (RANDOM.normal(size=size) for size in sizes)
    found = distance_of_projections(first[:, None], second[:, None])
    assert found == pytest.approx(stats.wasserstein_distance(first, second))


@pytest.mark.parametrize("sizes", [(20, 20), (7, 30)])
def test_in_space_as_another_program(sizes):
    from tests.helpers.pot import ot

    first, second = (RANDOM.normal(size=(size, 3)) for size in sizes)
    directions = random_directions(3, 10, seed=0)
    expected = ot.sliced_wasserstein_distance(
        first, second, projections=directions, p=1
    )
    found = distance_of_projections(first @ directions, second @ directions)
    assert found == pytest.approx(expected)


def test_directions_are_even_and_of_length_one():
    directions = random_directions(3, 5000, seed=0)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=0), 1.0)
    np.testing.assert_allclose(
        directions @ directions.T / 5000, np.eye(3) / 3, atol=0.02
    )


@pytest.mark.parametrize("batches", [[40], [13, 13, 14], [1, 39]])
def test_class_says_what_the_function_says_in_any_batches(batches):
    real, fake = RANDOM.normal(size=(2, 40, 2, 3)).astype("float32")
    metric = SlicedWassersteinDistance("samples", num_directions=20, seed=3)
    metric.update_state(ops.array(fake), ops.array(fake))
    metric.reset_state()
    starts = np.cumsum(batches)[:-1]
    for parts in zip(np.split(real, starts), np.split(fake, starts)):
        metric.update_state(*(ops.array(part) for part in parts))
    directions = random_directions(6, 20, seed=3).astype("float32")
    expected = sliced_wasserstein(
        ops.array(real.reshape(40, 6)),
        ops.array(fake.reshape(40, 6)),
        ops.array(directions),
    )
    assert metric.result() == pytest.approx(float(expected), rel=1e-5)


def test_moved_samples_in_closed_form():
    # The mean of |cos| over all directions of a plane is 2 / pi.
    real = RANDOM.normal(size=(100, 2)).astype("float32")
    metric = SlicedWassersteinDistance("samples", num_directions=4000)
    metric.update_state(real, real + np.array([3.0, 4.0], "float32"))
    assert metric.result() == pytest.approx(5.0 * 2.0 / np.pi, rel=0.02)


def test_equal_samples():
    metric = SlicedWassersteinDistance("samples")
    metric.update_state(np.ones((3, 2)), np.ones((3, 2)))
    assert metric.result() == 0.0


def test_no_samples():
    with pytest.raises(ValueError, match="has seen no samples"):
        SlicedWassersteinDistance("samples").result()
    metric = SlicedWassersteinDistance("samples")
    metric.build([(None, 2)])
    with pytest.raises(ValueError, match="Received: 0 real and 0 made"):
        metric.result()


def test_settings_that_are_none():
    with pytest.raises(ValueError, match="Received: num_directions=0"):
        SlicedWassersteinDistance("samples", num_directions=0)
