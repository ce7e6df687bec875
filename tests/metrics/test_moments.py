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
