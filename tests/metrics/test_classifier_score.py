"""The classifier score against closed forms."""

import numpy as np
import pytest

from keras_ganloss.metrics import classifier_score


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
