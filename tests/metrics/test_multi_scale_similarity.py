"""Multi-scale similarity against TensorFlow's, and images of one color."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics.multi_scale_similarity import WEIGHTS
from keras_ganloss.metrics.multi_scale_similarity import multi_scale_similarity

RANDOM = np.random.default_rng(0)


def smooth_images(shape):
    """Waves with noise, from -1 to 1, so that something is alike."""
    rows = np.arange(shape[1])[:, None, None] / 7.0
    columns = np.arange(shape[2])[None, :, None] / 5.0
    waves = np.sin(rows) * np.cos(columns) * np.ones(shape)
    return np.clip(0.7 * waves + 0.3 * RANDOM.normal(size=shape), -1.0, 1.0)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="The oracle's own backend"
)
@pytest.mark.parametrize(
    "size, num_scales",
    [((28, 28), 2), ((25, 31), 2), ((16, 40), 1), ((45, 50), 3),
     ((170, 165), 5)],
)  # fmt: skip
def test_same_as_tensorflow(size, num_scales):
    import tensorflow as tf

    images, others = (smooth_images((3, *size, 2)) for _ in range(2))
    factors = np.array(WEIGHTS[:num_scales])
    expected = tf.image.ssim_multiscale(
        tf.constant((images + 1.0) / 2.0),
        tf.constant((others + 1.0) / 2.0),
        max_val=1.0,
        power_factors=factors / factors.sum(),
    )
    found = multi_scale_similarity(images, others)
    # TensorFlow's is in float32.
    np.testing.assert_allclose(found, expected, rtol=3e-4)
    assert 0.1 < ops.min(found) and ops.max(found) < 0.95


def test_equal_images():
    images = smooth_images((2, 28, 28, 3))
    found = multi_scale_similarity(ops.array(images), ops.array(images))
    np.testing.assert_allclose(ops.convert_to_numpy(found), 1.0, rtol=1e-12)


@pytest.mark.parametrize("value_range", [(0.0, 1.0), (0.0, 255.0), (-1, 1)])
def test_images_of_one_color_differ_in_luminance_alone(value_range):
    low, high = value_range
    light, dark = 0.75, 0.25
    images, others = (
        np.full((1, 28, 28, 1), low + part * (high - low))
        for part in (light, dark)
    )
    found = float(multi_scale_similarity(images, others, value_range)[0])
    luminance = (2 * light * dark + 1e-4) / (light**2 + dark**2 + 1e-4)
    # Luminance counts at the last scale, with the weight of it.
    expected = luminance ** (WEIGHTS[1] / (WEIGHTS[0] + WEIGHTS[1]))
    assert found == pytest.approx(expected, rel=1e-9)


def test_negatives_have_nothing_in_common():
    images = smooth_images((1, 28, 28, 1))
    assert float(multi_scale_similarity(images, -images)[0]) == 0.0


def test_order_of_arguments_does_not_matter():
    images, others = (smooth_images((2, 24, 24, 1)) for _ in range(2))
    np.testing.assert_allclose(
        ops.convert_to_numpy(multi_scale_similarity(images, others)),
        ops.convert_to_numpy(multi_scale_similarity(others, images)),
        rtol=1e-12,
    )


@pytest.mark.parametrize(
    "shapes, settings, message",
    [
        ([(1, 10, 28, 1)] * 2, {}, "at most 0.*num_scales=None"),
        ([(1, 28, 28, 1)] * 2, {"num_scales": 3}, "at most 2.*num_scales=3"),
        ([(1, 28, 28, 1), (28, 28, 1)], {}, "other_images.shape="),
        ([(1, 28, 28, 1)] * 2, {"value_range": (1.0, 0.0)}, "value_range="),
    ],
)
def test_errors(shapes, settings, message):
    images, others = (np.ones(shape) for shape in shapes)
    with pytest.raises(ValueError, match=message):
        multi_scale_similarity(images, others, **settings)
