"""The classifier score against closed forms."""

import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics import ClassifierScore
from keras_ganloss.metrics import classifier_score
from tests.helpers.feature_cases import FAKE
from tests.helpers.feature_cases import REAL
from tests.helpers.feature_cases import make_network
from tests.helpers.feature_cases import shown


def test_one_for_a_classifier_that_says_the_same():
    logits = np.tile([[1.0, 2.0, 3.0]], (5, 1))
    assert float(classifier_score(logits)) == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("num_classes", [2, 10])
def test_number_of_classes_for_one_that_is_sure(num_classes):
    logits = 1e4 * np.eye(num_classes)
    assert float(classifier_score(logits)) == pytest.approx(num_classes)


def test_two_samples_by_hand():
    # p = (3/4, 1/4) and (1/4, 3/4), prior (1/2, 1/2).
    logits = np.log([[3.0, 1.0], [1.0, 3.0]])
    divergence = 0.75 * np.log(1.5) + 0.25 * np.log(0.5)
    found = float(classifier_score(logits))
    assert found == pytest.approx(np.exp(divergence), rel=1e-12)


def test_adding_to_all_logits_changes_nothing():
    logits = np.random.default_rng(0).normal(size=(8, 5))
    expected = float(classifier_score(logits))
    moved = float(classifier_score(logits + 1000.0))
    assert moved == pytest.approx(expected, rel=1e-10)


def test_a_class_without_any_chance_is_no_nan():
    logits = np.array([[0.0, -1e5], [0.0, -1e5]])
    assert float(classifier_score(logits)) == pytest.approx(1.0, rel=1e-12)


def themselves(samples):
    return samples


@pytest.mark.parametrize("batch_size", [1, 17, 60])
def test_metric_equals_the_function(batch_size):
    metric = shown(ClassifierScore(themselves), batch_size=batch_size)
    expected = float(classifier_score(FAKE.astype("float64")))
    assert metric.result() == pytest.approx(expected, rel=1e-6)
    metric.reset_state()
    shown(metric, FAKE, REAL)
    expected = float(classifier_score(REAL.astype("float64")))
    assert metric.result() == pytest.approx(expected, rel=1e-6)


def test_metric_of_extreme_logits():
    metric = ClassifierScore(themselves)
    metric.update_state(None, np.array([[0.0, -1e30], [-1e30, 0.0]]))
    assert metric.result() == pytest.approx(2.0, rel=1e-6)
    metric.reset_state()
    metric.update_state(None, np.array([[0.0, -np.inf]]))
    assert metric.result() == pytest.approx(1.0, rel=1e-6)


def test_metric_of_a_network_of_ones_own():
    network = make_network(num=5)
    logits = ops.convert_to_numpy(network(FAKE)).astype("float64")
    found = shown(ClassifierScore(network)).result()
    assert found == pytest.approx(float(classifier_score(logits)), rel=1e-5)


def test_metric_of_samples_that_are_not_finite_is_nan():
    fake = FAKE.copy()
    fake[30, 1] = np.nan
    assert np.isnan(shown(ClassifierScore(themselves), REAL, fake).result())


def test_metric_without_samples():
    with pytest.raises(ValueError, match="Received: 0 made samples"):
        ClassifierScore(themselves).result()
