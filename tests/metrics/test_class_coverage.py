"""Coverage of tuples of classes, by hand."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics.class_coverage import ClassCoverage
from keras_ganloss.metrics.class_coverage import class_coverage
from keras_ganloss.metrics.class_coverage import for_each_channel
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


@pytest.mark.parametrize("batches", [[40], [1, 39], [16, 16, 8]])
def test_class_says_the_same_in_any_batches(batches):
    # Two parts of three classes, told by their largest numbers.
    fake = np.random.default_rng(0).normal(size=(40, 2, 3)).astype("float32")
    metric = ClassCoverage(lambda samples: samples, num_classes=3)
    metric.update_state(None, ops.array(fake))
    metric.reset_state()
    for part in np.split(fake, np.cumsum(batches)[:-1]):
        metric.update_state(None, ops.array(part))
    assert metric.result() == class_coverage(fake.argmax(axis=2), 3)


def test_each_channel_by_itself():
    # Class 1 where the gray image is light.
    inputs = keras.Input((2, 2, 1))
    mean = keras.layers.GlobalAveragePooling2D()(inputs)
    logits = keras.layers.Concatenate()([0.0 * mean, mean])
    network = for_each_channel(keras.Model(inputs, logits), (2, 2, 3))
    lights = np.array([[0, 0, 1], [1, 0, 1]])
    images = (2.0 * lights - 1.0)[:, None, None] * np.ones((2, 2, 2, 1))
    found = network.predict(images, verbose=0)
    np.testing.assert_array_equal(found.argmax(axis=2), lights)
    metric = ClassCoverage(network, num_classes=2)
    metric.update_state(None, ops.array(images, "float32"))
    assert metric.result() == {
        "classes": 2,
        "classes_kl": pytest.approx(np.log(4.0)),
    }
    assert metric.counts.shape == (8,)


def test_class_before_any_sample():
    metric = ClassCoverage(lambda samples: samples, num_classes=3)
    metric.build([(None, 3)])
    assert metric.result() == {
        "classes": 0,
        "classes_kl": pytest.approx(np.log(3.0)),
    }


def test_classifier_of_other_classes():
    with pytest.raises(ValueError, match="Received: num_classes=3, 4 logits"):
        ClassCoverage(lambda samples: samples, 3).build([(None, 4)])
    with pytest.raises(ValueError, match="Received: num_classes=1"):
        ClassCoverage(lambda samples: samples, 1)
