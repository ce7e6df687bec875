"""Virtual batch normalization, by hand and against TF-GAN's."""

import importlib

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import layers
from tests.helpers import tfgan_oracle


def numpy(outputs):
    return [ops.convert_to_numpy(leaf) for leaf in keras.tree.flatten(outputs)]


def test_by_hand():
    layer = layers.VirtualBatchNormalization(epsilon=0.0)
    points = np.array([[2.0], [0.0]], "float32")
    reference = np.array([[-1.0], [1.0]], "float32")
    found, found_reference = numpy(layer([points, reference]))
    # Sample 2: mean 2/3, mean square (1 + 1 + 4) / 3 = 2. Sample 0: mean 0.
    expected = [[(2 - 2 / 3) / np.sqrt(2 - 4 / 9)], [0.0]]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    np.testing.assert_allclose(found_reference, reference, rtol=1e-6)


def test_samples_do_not_depend_on_their_batch():
    layer = layers.VirtualBatchNormalization()
    generator = np.random.default_rng(0)
    images = generator.normal(size=(5, 3, 3, 2)).astype("float32")
    reference = generator.normal(size=(4, 3, 3, 2)).astype("float32")
    together, _ = numpy(layer([images, reference]))
    alone, _ = numpy(layer([images[2:3], reference]))
    np.testing.assert_allclose(together[2:3], alone, atol=1e-6)


def test_a_large_mean_costs_no_digits():
    layer = layers.VirtualBatchNormalization(epsilon=0.0)
    generator = np.random.default_rng(0)
    images = generator.integers(-8, 8, size=(5, 4, 2)).astype("float32")
    near, _ = numpy(layer([images, images]))
    far, _ = numpy(layer([images + 2.0**10, images + 2.0**10]))
    np.testing.assert_allclose(far, near, atol=5e-5)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="TF-GAN runs on TensorFlow"
)
@pytest.mark.parametrize(
    "shape, axis", [((7,), -1), ((5, 4, 3), -1), ((3, 5, 4), 1)]
)
def test_equals_tfgan(shape, axis):
    import tensorflow as tf

    tfgan_oracle.import_losses()
    virtual_batchnorm = importlib.import_module(
        "tensorflow_gan.python.features.virtual_batchnorm"
    )
    generator = np.random.default_rng(0)
    images, reference = (
        generator.normal(size=(size, *shape)).astype("float32") + 1.0
        for size in (6, 4)
    )
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        theirs = virtual_batchnorm.VBN(tf.constant(reference), axis=axis)
        outputs = [
            theirs(tf.constant(images)),
            theirs.reference_batch_normalization(),
        ]
        session.run(tf.compat.v1.global_variables_initializer())
        expected = session.run(outputs)
    layer = layers.VirtualBatchNormalization(axis=axis)
    found = numpy(layer([images, reference]))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_network_with_its_reference_batch():
    reference_batch = np.random.default_rng(0).normal(size=(4, 3))
    points = x = keras.Input((3,))
    reference = layers.ReferenceBatch(reference_batch)(points)
    dense = keras.layers.Dense(2, activation="tanh")
    x, reference = dense(x), dense(reference)
    x, _ = layers.VirtualBatchNormalization()([x, reference])
    network = keras.Model(points, x)
    found = network.predict(np.ones((5, 3), "float32"), verbose=0)
    assert found.shape == (5, 2)
    layer = layers.VirtualBatchNormalization()
    expected, _ = layer(
        [dense(ops.ones((5, 3))), dense(reference_batch.astype("float32"))]
    )
    np.testing.assert_allclose(found, numpy(expected)[0], atol=1e-5)


@pytest.mark.parametrize(
    "make, message",
    [
        (
            lambda: layers.VirtualBatchNormalization().build((None, 3)),
            r"input_shape=\(None, 3\)",
        ),
        (
            lambda: layers.VirtualBatchNormalization()(
                [ops.ones((2, 3)), ops.ones((2, 4))]
            ),
            "inputs",
        ),
        (lambda: layers.ReferenceBatch([[1.0]]), r"reference_batch.shape=\(1"),
        (
            lambda: layers.ReferenceBatch([[1.0], [2.0]]).build((None, 3)),
            r"reference_batch.shape=\(2, 1\), input_shape=\(None, 3\)",
        ),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match="Received: " + message):
        make()
