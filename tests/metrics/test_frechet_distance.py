"""The Fréchet distance against closed forms."""

import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics import FrechetDistance
from keras_ganloss.metrics import frechet_distance
from keras_ganloss.metrics import mean_and_covariance
from tests.helpers.feature_cases import FAKE
from tests.helpers.feature_cases import REAL
from tests.helpers.feature_cases import make_network
from tests.helpers.feature_cases import shown


def random_covariance(size, rank, seed):
    factors = np.random.default_rng(seed).normal(size=(size, rank))
    return factors @ factors.T


def test_one_dimension_by_hand():
    # (0 - 3)^2 + (2 - 1)^2.
    assert float(frechet_distance([0.0], [[4.0]], [3.0], [[1.0]])) == 10.0


def test_independent_features_have_a_closed_form():
    generator = np.random.default_rng(0)
    mean, other_mean = generator.normal(size=(2, 6))
    deviation, other_deviation = generator.uniform(size=(2, 6))
    found = frechet_distance(
        mean, np.diag(deviation**2), other_mean, np.diag(other_deviation**2)
    )
    expected = ((mean - other_mean) ** 2).sum()
    expected += ((deviation - other_deviation) ** 2).sum()
    assert float(found) == pytest.approx(expected, rel=1e-12)


def test_covariances_that_do_not_commute():
    # The trace of the root of a product of 2 x 2 matrices is
    # sqrt(trace + 2 sqrt(determinant)).
    first, second = random_covariance(2, 2, 0), random_covariance(2, 2, 1)
    product = first @ second
    overlap = np.sqrt(product.trace() + 2 * np.sqrt(np.linalg.det(product)))
    expected = first.trace() + second.trace() - 2 * overlap
    found = frechet_distance([0.0, 0.0], first, [0.0, 0.0], second)
    assert float(found) == pytest.approx(expected, rel=1e-12)


def test_many_features_as_scipys_root():
    linalg = pytest.importorskip("scipy.linalg", reason="It is the oracle.")
    first, second = random_covariance(20, 30, 0), random_covariance(20, 30, 1)
    mean, other = np.random.default_rng(2).normal(size=(2, 20))
    overlap = linalg.sqrtm(first @ second).real.trace()
    expected = first.trace() + second.trace() - 2.0 * overlap
    expected += ((mean - other) ** 2).sum()
    found = frechet_distance(mean, first, other, second)
    assert float(found) == pytest.approx(expected, rel=1e-9)


def test_symmetry_and_scale():
    first, second = random_covariance(5, 5, 0), random_covariance(5, 5, 1)
    mean, other = np.zeros(5), np.arange(5.0)
    there = float(frechet_distance(mean, first, other, second))
    back = float(frechet_distance(other, second, mean, first))
    assert there == pytest.approx(back, rel=1e-12)
    tenfold = frechet_distance(mean, 100 * first, 10 * other, 100 * second)
    assert float(tenfold) == pytest.approx(100 * there, rel=1e-12)


def test_tiny_features_have_a_tiny_distance():
    # The same in other units, where TF-GAN's is wrong by its threshold.
    first, second = random_covariance(5, 5, 0), random_covariance(5, 5, 1)
    zeros = np.zeros(5)
    expected = float(frechet_distance(zeros, first, zeros, second))
    found = frechet_distance(zeros, 1e-12 * first, zeros, 1e-12 * second)
    assert float(found) == pytest.approx(1e-12 * expected, rel=1e-9, abs=0)


def test_fewer_samples_than_features():
    # Ranks 3 of 40: what lies in the null space must not add noise. The
    # distance of a distribution to itself moved is the move.
    covariance = random_covariance(40, 3, 0)
    found = frechet_distance(
        np.zeros(40), covariance, 0.1 * np.ones(40), covariance
    )
    assert float(found) == pytest.approx(0.4, abs=1e-6)


def test_moments_are_numpys():
    features = np.random.default_rng(0).normal(5.0, size=(7, 3))
    mean, covariance = mean_and_covariance(features)
    np.testing.assert_allclose(
        ops.convert_to_numpy(mean), features.mean(0), rtol=1e-12
    )
    np.testing.assert_allclose(
        ops.convert_to_numpy(covariance), np.cov(features.T), rtol=1e-10
    )


def distance_of(real, fake):
    """By the definition, in float64, with a root of numpy's."""
    real, fake = real.astype("float64"), fake.astype("float64")
    first, second = np.cov(real.T), np.cov(fake.T)
    overlap = np.sqrt(np.linalg.eigvals(first @ second).real).sum()
    distance = ((real.mean(0) - fake.mean(0)) ** 2).sum()
    return distance + first.trace() + second.trace() - 2.0 * overlap


@pytest.mark.parametrize("batch_size", [1, 7, 17, 60])
def test_metric_equals_the_definition_whatever_the_batches(batch_size):
    metric = shown(FrechetDistance("samples"), batch_size=batch_size)
    assert metric.result() == pytest.approx(distance_of(REAL, FAKE), rel=1e-9)


def test_metric_of_many_batches_far_from_zero():
    # Where float32 sums would have no digit left.
    real, fake = 1000.0 + REAL, 1000.0 + FAKE
    metric = FrechetDistance("samples")
    for _ in range(20):
        shown(metric, real, fake)
    expected = distance_of(np.tile(real, (20, 1)), np.tile(fake, (20, 1)))
    assert metric.result() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("batch_size", [1, 25, 60])
def test_metric_of_samples_a_million_from_zero(batch_size):
    real, fake = 1e6 + REAL, 1e6 + FAKE  # To a sixteenth.
    found = shown(FrechetDistance("samples"), real, fake, batch_size).result()
    assert found == pytest.approx(distance_of(real, fake), rel=1e-8)


def test_metric_of_samples_a_million_apart():
    real, fake = 1e6 + REAL, FAKE - 1e6
    found = shown(FrechetDistance("samples"), real, fake).result()
    assert found == pytest.approx(distance_of(real, fake), rel=1e-12)


def test_metric_of_the_same_samples_in_another_order():
    metric = shown(FrechetDistance("samples"))
    expected = metric.result()
    metric.reset_state()
    shown(metric, REAL[::-1], FAKE[np.random.permutation(60)])
    assert metric.result() == pytest.approx(expected, rel=1e-9)
    metric.reset_state()
    shown(metric, REAL, REAL[::-1])
    assert metric.result() == pytest.approx(0.0, abs=1e-9)


def test_metric_of_a_network_of_ones_own():
    network = make_network()
    expected = distance_of(
        *(ops.convert_to_numpy(network(each)) for each in (REAL, FAKE))
    )
    found = shown(FrechetDistance(network)).result()
    assert found == pytest.approx(expected, rel=1e-5)
    as_function = shown(FrechetDistance(lambda samples: network(samples)))
    assert as_function.result() == pytest.approx(found, rel=1e-6)


def test_metric_of_different_numbers_of_samples():
    metric = FrechetDistance("samples")
    metric.update_state(REAL, FAKE[:20])
    expected = distance_of(REAL, FAKE[:20])
    assert metric.result() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_metric_of_samples_that_are_not_finite_is_nan(wrong):
    fake = FAKE.copy()
    fake[30, 1] = wrong
    assert np.isnan(shown(FrechetDistance("samples"), REAL, fake).result())


def test_metric_of_too_few_samples():
    metric = FrechetDistance("samples")
    with pytest.raises(ValueError, match="has seen no samples"):
        metric.result()
    metric.update_state(REAL[:1], FAKE[:1])
    with pytest.raises(
        ValueError, match="at least 2 real .*Received: 1 real and 1 made"
    ):
        metric.result()
