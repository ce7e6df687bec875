"""Minibatch standard deviation, by hand and against the paper's reshaping."""

import numpy as np
import pytest
from keras import ops

from keras_ganloss import layers


def deviations(arrays, **kwargs):
    """What is appended to each sample."""
    arrays = np.asarray(arrays, "float32")
    layer = layers.MinibatchStandardDeviation(**kwargs)
    outputs = ops.convert_to_numpy(layer(arrays))
    np.testing.assert_array_equal(outputs[..., : arrays.shape[-1]], arrays)
    return outputs[..., arrays.shape[-1] :]


def test_by_hand():
    # Groups of samples 0 and 2, 1 and 3; deviations (1, 0) and (2, 4).
    samples = [[0, 5], [1, 0], [2, 5], [5, 8]]
    found = deviations(samples, group_size=2, epsilon=0.0)
    np.testing.assert_allclose(found, [[0.5], [3.0], [0.5], [3.0]], rtol=1e-4)


def test_features_are_parts_of_the_channels():
    found = deviations([[0, 5], [2, 5]], group_size=2, num_features=2)
    np.testing.assert_allclose(found, [[1.0, 1e-4]] * 2, rtol=1e-4)


@pytest.mark.parametrize("size, group_size", [(8, 4), (6, 3), (3, 4), (4, 2)])
def test_equals_the_papers_reshaping(size, group_size):
    images = np.random.default_rng(0).normal(size=(size, 3, 2, 4))
    group = min(group_size, size)
    grouped = images.reshape(group, size // group, 3, 2, 4)
    expected = np.sqrt(grouped.var(axis=0) + 1e-8).mean(axis=(1, 2, 3))
    found = deviations(images, group_size=group_size)
    assert found.shape == (size, 3, 2, 1)
    np.testing.assert_allclose(
        found[:, 0, 0, 0], np.tile(expected, group), rtol=1e-5
    )
    assert np.ptp(found, axis=(1, 2)).max() == 0.0


def test_no_sample_of_a_partial_batch_is_left_out():
    # Seven samples in groups of four: one group. Nine: two, of five and four.
    values = np.arange(7.0)[:, None]
    np.testing.assert_allclose(deviations(values)[:, 0], 2.0, rtol=1e-5)
    values = np.arange(9.0)[:, None]
    found = deviations(values)[:, 0]
    np.testing.assert_allclose(found[::2], np.sqrt(8.0), rtol=1e-5)
    np.testing.assert_allclose(found[1::2], np.sqrt(5.0), rtol=1e-5)


def test_one_sample_has_no_deviation():
    np.testing.assert_allclose(deviations([[3.0]]), [[1e-4]], rtol=1e-4)


def test_channels_first():
    images = np.random.default_rng(0).normal(size=(4, 2, 3, 5))
    layer = layers.MinibatchStandardDeviation(axis=1)
    outputs = ops.convert_to_numpy(layer(images.astype("float32")))
    assert outputs.shape == (4, 3, 3, 5)
    expected = deviations(np.moveaxis(images, 1, -1))
    np.testing.assert_allclose(outputs[:, 2], expected[..., 0], rtol=1e-5)


@pytest.mark.parametrize(
    "make, message",
    [
        (
            lambda: layers.MinibatchStandardDeviation(group_size=1),
            "group_size=1",
        ),
        (
            lambda: layers.MinibatchStandardDeviation(num_features=0),
            "num_features=0",
        ),
        (
            lambda: layers.MinibatchStandardDeviation(num_features=2).build(
                (None, 3)
            ),
            "num_features=2, channels=3",
        ),
        (
            lambda: layers.MinibatchStandardDeviation(axis=0).build((None, 3)),
            "axis=0",
        ),
        (
            lambda: layers.MinibatchStandardDeviation().build((None, None)),
            "input_shape=",
        ),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match="Received: " + message):
        make()
