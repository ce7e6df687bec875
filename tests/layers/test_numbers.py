"""The smaller layers, with numbers worked out by hand."""

import math

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import layers


def run(layer, *arrays, **kwargs):
    arrays = [
        ops.convert_to_tensor(
            array, "int32" if isinstance(array[0], int) else "float32"
        )
        for array in arrays
    ]
    inputs = arrays if len(arrays) > 1 else arrays[0]
    return ops.convert_to_numpy(layer(inputs, **kwargs))


def set_weights(layer, **values):
    for weight in layer.weights:
        weight.assign(values[weight.path.split("/")[-2]])


@pytest.mark.parametrize(
    "layer, inputs, expected",
    [
        (layers.LayerNormalization, [[1.0, 3.0]], [[-1.0, 1.0]]),
        (layers.BatchNormalization, [[1.0], [3.0]], [[-1.0], [1.0]]),
        (
            layers.InstanceNormalization,
            [[[1.0, 0.0], [3.0, 8.0]]],
            [[[-1.0, -1.0], [1.0, 1.0]]],
        ),
    ],
)
def test_normalizations(layer, inputs, expected):
    found = run(layer(epsilon=0.0), inputs, training=True)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_group_normalization():
    layer = layers.GroupNormalization(groups=2, epsilon=0.0)
    found = run(layer, [[1.0, 3.0, 10.0, 30.0]])
    np.testing.assert_allclose(found, [[-1.0, 1.0, -1.0, 1.0]], rtol=1e-6)


def test_conditional_batch_normalization_of_classes():
    layer = layers.ConditionalBatchNormalization(2, epsilon=0.0)
    inputs = [[1.0], [3.0]]
    found = run(layer, inputs, [0, 1], training=True)
    np.testing.assert_allclose(found, [[-1.0], [1.0]], rtol=1e-6)
    set_weights(
        layer,
        gamma=[[1.0], [2.0]],
        beta=[[10.0], [20.0]],
        normalization=[0.0],
    )
    found = run(layer, inputs, [0, 1], training=True)
    np.testing.assert_allclose(found, [[8.0], [23.0]], rtol=1e-6)
    found = run(layer, inputs, [[1], [1]], training=True)
    np.testing.assert_allclose(found, [[17.0], [23.0]], rtol=1e-6)


def test_conditional_batch_normalization_of_vectors():
    layer = layers.ConditionalBatchNormalization(epsilon=0.0)
    inputs, condition = [[1.0], [3.0]], [[1.0, 0.0], [0.0, 2.0]]
    run(layer, inputs, condition, training=True)
    layer.gamma.kernel.assign([[1.0], [2.0]])
    layer.beta.kernel.assign([[10.0], [20.0]])
    found = run(layer, inputs, condition, training=True)
    # Scales 1 + 1 and 1 + 4; offsets 10 and 40.
    np.testing.assert_allclose(found, [[8.0], [45.0]], rtol=1e-6)


def test_conditional_batch_normalization_moves_its_statistics():
    layer = layers.ConditionalBatchNormalization(2, momentum=0.5)
    run(layer, [[1.0], [3.0]], [0, 1], training=True)
    moved = [ops.convert_to_numpy(w) for w in layer.normalization.weights]
    np.testing.assert_allclose(moved, [[1.0], [1.0]])


def test_minibatch_discrimination():
    layer = layers.MinibatchDiscrimination(2, 1, kernel_initializer="ones")
    found = run(layer, [[0.0], [1.0], [3.0]])
    e1, e2, e3 = (math.exp(-distance) for distance in (1, 2, 3))
    closeness = np.array([e1 + e3, e1 + e2, e3 + e2])
    np.testing.assert_allclose(found[:, 0], [0.0, 1.0, 3.0])
    np.testing.assert_allclose(found[:, 1], closeness, rtol=1e-5)
    np.testing.assert_allclose(found[:, 2], closeness, rtol=1e-5)


def test_minibatch_discrimination_adds_up_a_projection():
    layer = layers.MinibatchDiscrimination(1, 3, kernel_initializer="ones")
    found = run(layer, [[0.0], [1.0]])
    np.testing.assert_allclose(found[:, 1], math.exp(-3.0), rtol=1e-5)


def test_pixel_normalization():
    found = run(layers.PixelNormalization(), [[3.0, 4.0], [0.0, 0.0]])
    root = math.sqrt(12.5)
    np.testing.assert_allclose(
        found, [[3 / root, 4 / root], [0.0, 0.0]], rtol=1e-6
    )
    found = run(layers.PixelNormalization(axis=1), [[[3.0], [4.0]]])
    np.testing.assert_allclose(found, [[[3 / root], [4 / root]]], rtol=1e-6)


def test_projection():
    layer = layers.Projection(num_classes=2)
    run(layer, [[1.0, 2.0]], [0])
    layer.dense.kernel.assign([[1.0], [10.0]])
    layer.dense.bias.assign([0.5])
    layer.embedding.embeddings.assign([[0.0, 0.0], [3.0, 4.0]])
    found = run(layer, [[1.0, 2.0], [1.0, 2.0]], [0, 1])
    np.testing.assert_allclose(found, [[21.5], [21.5 + 3.0 + 8.0]])


def test_projection_of_vectors():
    layer = layers.Projection(use_bias=False)
    run(layer, [[1.0, 2.0]], [[1.0]])
    layer.dense.kernel.assign([[0.0], [0.0]])
    layer.embedding.kernel.assign([[3.0, 4.0]])
    np.testing.assert_allclose(run(layer, [[1.0, 2.0]], [[2.0]]), [[22.0]])


def test_spectral_normalization_of_a_projection():
    layer = layers.SpectralNormalization(layers.Projection(2))
    found = run(layer, [[1.0, 2.0]], [1])
    layer.layer.dense.kernel.assign([[3.0], [4.0]])
    layer.layer.embedding.embeddings.assign([[0.0, 0.0], [6.0, 8.0]])
    found = run(layer, [[1.0, 2.0]], [1])
    # Norms 5 and 10: (3 + 8) / 5 + (6 + 16) / 10.
    np.testing.assert_allclose(found, [[4.4]], rtol=1e-5)


@pytest.mark.parametrize(
    "inner, shape, inputs",
    [
        (lambda: keras.layers.Dense(7), (5,), 5),
        (lambda: keras.layers.Conv2D(7, 3), (4, 4, 5), 45),
        (lambda: keras.layers.Conv2DTranspose(7, 3), (4, 4, 5), 45),
    ],
)
def test_equalized_learning_rate(inner, shape, inputs):
    layer = layers.EqualizedLearningRate(inner(), learning_rate_multiplier=0.1)
    points = np.ones((2, *shape), "float32")
    layer(points)
    kernel = ops.convert_to_numpy(layer.layer.kernel)
    layer.layer.bias.assign(np.ones(7))
    found = ops.convert_to_numpy(layer(points))
    # As the layer itself, with the weights it stands for.
    layer.layer.kernel.assign(kernel * 0.1 * math.sqrt(2.0 / inputs))
    layer.layer.bias.assign(np.full(7, 0.1))
    np.testing.assert_allclose(
        found, ops.convert_to_numpy(layer.layer(points)), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("multiplier", [1.0, 0.1])
def test_equalized_kernels_begin_standard_normal(multiplier):
    layer = layers.EqualizedLearningRate(
        keras.layers.Dense(200), learning_rate_multiplier=multiplier
    )
    layer.build((None, 100))
    # 20,000 numbers: mean and deviation vary by 0.007 and 0.005.
    kernel = multiplier * ops.convert_to_numpy(layer.layer.kernel)
    assert kernel.std() == pytest.approx(1.0, abs=0.03)
    assert kernel.mean() == pytest.approx(0.0, abs=0.03)


def built(layer):
    layer.build((None, 2))
    return layer


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: layers.InstanceNormalization().build((None, 3)), "input_sh"),
        (lambda: layers.Projection(0), "num_classes=0"),
        (lambda: layers.Projection(2).build((None, 3)), "input_shape="),
        (
            lambda: layers.Projection(2).build([(None, 3), (None, 2)]),
            r"condition_shape=\(None, 2\)",
        ),
        (
            lambda: layers.Projection().build([(None, 3), (None,)]),
            r"condition_shape=\(None,\)",
        ),
        (
            lambda: layers.Projection().build([(None, 3, 3), (None, 2)]),
            "features_shape=",
        ),
        (
            lambda: layers.ConditionalBatchNormalization(2).build(
                [(None, None), (None,)]
            ),
            "input_shape=",
        ),
        (lambda: layers.MinibatchDiscrimination(0), "num_kernels=0"),
        (
            lambda: layers.MinibatchDiscrimination().build((None, 2, 2)),
            "input_shape=",
        ),
        (
            lambda: layers.EqualizedLearningRate(keras.layers.Embedding(2, 2)),
            "layer=Embedding",
        ),
        (
            lambda: layers.EqualizedLearningRate(built(keras.layers.Dense(1))),
            "layer=dense",
        ),
        (
            lambda: layers.EqualizedLearningRate(keras.layers.Dense(1), 0.0),
            "gain=0.0",
        ),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match="Received: " + message):
        make()


def test_abstract_wrapper_names_its_hook():
    layer = layers.Reparametrization(keras.layers.Dense(1))
    with pytest.raises(NotImplementedError, match="values"):
        layer(ops.ones((1, 1)))
