"""Mean and covariance in batches against numpy's in float64."""

import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics.moments import Moments

FEATURES = np.random.default_rng(0).normal(5.0, 0.1, size=(1000, 6))
FEATURES = (FEATURES @ np.tri(6)).astype("float32")


def moments_of(features, batches):
    moments = Moments(features.shape[1])
    for part in np.split(features, np.cumsum(batches)[:-1]):
        moments.update_state(ops.array(part))
    return moments.result()


@pytest.mark.parametrize(
    "batches",
    [[1000], [1] * 20 + [980], [256, 256, 256, 232], [64] * 15 + [40]],
)
def test_equal_numpys_whatever_the_batches(batches):
    num, mean, covariance = moments_of(FEATURES, batches)
    exact = FEATURES.astype("float64")
    assert num == 1000
    np.testing.assert_allclose(mean, exact.mean(axis=0), rtol=1e-11)
    # A mean of a hundred deviations takes four digits of twelve, as the
    # features themselves have lost two of seven.
    np.testing.assert_allclose(covariance, np.cov(exact.T), rtol=1e-7)


def test_order_does_not_matter():
    _, mean, covariance = moments_of(FEATURES, [300, 300, 400])
    _, other_mean, other_covariance = moments_of(FEATURES[::-1], [500, 500])
    np.testing.assert_allclose(mean, other_mean, rtol=1e-11)
    np.testing.assert_allclose(covariance, other_covariance, rtol=1e-7)


FAR = np.random.default_rng(1).normal(size=(500, 4)) @ np.tri(4)
FAR = (np.array([1e6, -1e6, 3e4, 0.0]) + FAR).astype("float32")


@pytest.mark.parametrize(
    "batches", [[500], [1] * 20 + [480], [3, 250, 247], [128, 128, 128, 116]]
)
def test_features_far_from_zero_that_differ_by_little(batches):
    """Of a mean of a million, sums of squares have 40 bits before the point."""
    num, mean, covariance = moments_of(FAR, batches)
    exact = FAR.astype("float64")
    np.testing.assert_allclose(mean, exact.mean(axis=0), rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(covariance, np.cov(exact.T), rtol=1e-9)


@pytest.mark.parametrize("first", [1, 10])
def test_a_first_batch_unlike_all_others(first):
    features = np.concatenate([FAR[:first], FEATURES[:400, :4]])
    num, mean, covariance = moments_of(features, [first, 200, 200])
    exact = features.astype("float64")
    np.testing.assert_allclose(mean, exact.mean(axis=0), rtol=1e-9)
    # What is left of 40 bits of the square of the distance to the first.
    deviation = exact.std(axis=0)
    difference = np.abs(covariance - np.cov(exact.T))
    assert (difference / np.outer(deviation, deviation)).max() < 1e-8


def test_small_features_after_a_large_one():
    """What a float32 loses next to the mean of the first batch is kept."""
    features = np.array([[1000.0], [1e-5], [3e-5], [5e-5]], "float32")
    _, mean, covariance = moments_of(features, [1, 1, 1, 1])
    exact = features.astype("float64")
    assert mean[0] == pytest.approx(exact.mean(), rel=1e-13)
    assert covariance[0, 0] == pytest.approx(exact.var(ddof=1), rel=1e-11)


def test_after_a_reset_nothing_is_left_of_the_first_batch():
    moments = Moments(1)
    moments.update_state(ops.array([[1e9], [3e9]]))
    moments.reset_state()
    moments.update_state(ops.array([[1.0], [2.0]]))
    num, mean, covariance = moments.result()
    assert (num, mean[0], covariance[0, 0]) == (2.0, 1.5, 0.5)


def test_two_samples_by_hand():
    num, mean, covariance = moments_of(
        np.array([[1.0, 2.0], [3.0, 8.0]], "float32"), [2]
    )
    assert num == 2
    np.testing.assert_array_equal(mean, [2.0, 5.0])
    np.testing.assert_array_equal(covariance, [[2.0, 6.0], [6.0, 18.0]])


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_not_finite_is_nan(wrong):
    features = FEATURES[:4].copy()
    features[2, 1] = wrong
    _, mean, covariance = moments_of(features, [4])
    assert np.isnan(mean[1]) and np.isnan(covariance[1, 1])


def test_config_round_trip():
    moments = Moments(3, name="some")
    assert Moments.from_config(moments.get_config()).get_config() == {
        "num_features": 3,
        "name": "some",
    }
