"""Coverage of tuples of classes, by hand."""

import itertools

import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics.class_coverage import class_coverage
from keras_ganloss.metrics.class_coverage import modes_of


def test_by_hand():
    # Of 3^2 tuples (0, 1) twice, and (1, 0) and (2, 2) once.
    classes = [[0, 1], [0, 1], [1, 0], [2, 2]]
    divergence = 0.5 * np.log(9 * 0.5) + 2 * 0.25 * np.log(9 * 0.25)
    expected = {"classes": 3, "classes_kl": pytest.approx(divergence)}
    assert class_coverage(classes, num_classes=3) == expected
    assert class_coverage(ops.array(classes), num_classes=3) == expected


def test_all_tuples_of_three_digits_once():
    classes = list(itertools.product(range(10), repeat=3))
    found = class_coverage(classes, num_classes=10)
    assert found == {"classes": 1000, "classes_kl": pytest.approx(0.0)}
    np.testing.assert_array_equal(
        modes_of(np.array(classes), 10), np.arange(1000)
    )


def test_one_class_alone():
    found = class_coverage([7] * 5, num_classes=10)
    assert found == {"classes": 1, "classes_kl": pytest.approx(np.log(10.0))}


@pytest.mark.parametrize(
    "classes, message",
    [
        ([0, 3], "classes from 0 to 3"),
        ([-1, 0], "classes from -1 to 0"),
        ([], r"Received: classes.shape=\(0,\)"),
        ([[[0]]], r"Received: classes.shape=\(1, 1, 1\)"),
    ],
)
def test_errors(classes, message):
    with pytest.raises(ValueError, match=message):
        class_coverage(classes, num_classes=3)
