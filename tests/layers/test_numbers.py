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


SIGNAL = [[[0.0], [4.0], [8.0], [4.0], [0.0]]]


@pytest.mark.parametrize(
    "arguments, expected",
    [
        # (0 + 3 * 0 + 3 * 4 + 8) / 8, (4 + 24 + 12 + 0) / 8, (4 + 0) / 8.
        ({}, [2.5, 5.0, 0.5]),
        # (0 + 0 + 4) / 4, (4 + 16 + 4) / 4, 4 / 4.
        ({"taps": (1, 2, 1)}, [1.0, 6.0, 1.0]),
        # The neighbors of the ends count twice.
        ({"taps": (1, 2, 1), "pad_mode": "reflect"}, [2.0, 6.0, 2.0]),
        (
            {"strides": 1, "taps": (1, 2, 1), "pad_mode": "reflect"},
            [2.0, 4.0, 6.0, 4.0, 2.0],
        ),
        ({"strides": 3, "taps": (5,)}, [0.0, 4.0]),
    ],
)
def test_blur_pooling(arguments, expected):
    layer = layers.BlurPooling(data_format="channels_last", **arguments)
    found = run(layer, SIGNAL)
    np.testing.assert_allclose(found[0, :, 0], expected, rtol=1e-6)
    assert layer.compute_output_shape((1, 5, 1)) == found.shape
    # The same along every axis, and of channels that come first.
    first = layers.BlurPooling(data_format="channels_first", **arguments)
    found = run(first, np.swapaxes(SIGNAL, 1, 2))
    np.testing.assert_allclose(found[0, 0], expected, rtol=1e-6)
    outer = np.multiply.outer(np.ravel(SIGNAL), np.ravel(SIGNAL))
    found = run(layer, outer[None, :, :, None].tolist())
    np.testing.assert_allclose(
        found[0, :, :, 0], np.multiply.outer(expected, expected), rtol=1e-6
    )


def test_nearest_neighbors_and_a_blur_are_bilinear():
    images = np.random.default_rng(0).normal(size=(2, 3, 4, 2))
    images = images.astype("float32")
    nearest = images.repeat(2, axis=1).repeat(2, axis=2)
    blur = layers.BlurPooling(1, (1, 2, 1), "reflect", "channels_last")
    expected = ops.image.resize(images, (6, 8), data_format="channels_last")
    np.testing.assert_allclose(
        ops.convert_to_numpy(blur(nearest)), expected, rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("size", [(6, 8), (5, 9), (2, 3), (3, 4)])
def test_resizing_is_that_of_keras(size):
    images = np.random.default_rng(0).normal(size=(2, 3, 4, 2))
    images = images.astype("float32")
    expected = ops.convert_to_numpy(
        ops.image.resize(images, size, data_format="channels_last")
    )
    found = layers.Resizing(*size, "channels_last")(images)
    np.testing.assert_allclose(
        ops.convert_to_numpy(found), expected, rtol=1e-4, atol=1e-5
    )
    first = layers.Resizing(*size, "channels_first")(np.moveaxis(images, 3, 1))
    np.testing.assert_allclose(
        np.moveaxis(ops.convert_to_numpy(first), 1, 3), found, atol=1e-6
    )


def test_fold_period():
    layer = layers.FoldPeriod(3)
    found = run(layer, [[[1.0], [2.0], [3.0], [4.0]]])
    np.testing.assert_array_equal(found[0, :, :, 0], [[1, 2, 3], [4, 3, 2]])
    # What fills its rows is left as it is.
    found = run(layer, [[[1.0], [2.0], [3.0]]])
    np.testing.assert_array_equal(found[0, :, :, 0], [[1, 2, 3]])


def test_fold_period_of_any_length():
    signal = keras.Input((None, 1))
    model = keras.Model(signal, layers.FoldPeriod(3)(signal))
    assert model.output_shape == (None, None, 3, 1)
    for steps, rows in [(5, 2), (6, 2), (7, 3)]:
        found = model.predict(np.ones((2, steps, 1), "float32"), verbose=0)
        np.testing.assert_array_equal(found, np.ones((2, rows, 3, 1)))


def test_spectrogram():
    # Of a cosine in tune with the window, the Hann window leaves a half at
    # its frequency, minus a quarter at both neighbors; times fft_size / 2.
    time = np.arange(24)
    signal = np.cos(2 * np.pi * 4 * time / 16).astype("float32")
    found = run(layers.Spectrogram(16, 8), signal[None, :, None].tolist())
    assert found.shape == (1, 2, 9, 2)
    expected = np.zeros((2, 9))
    expected[:, 4] = 0.5
    expected[:, [3, 5]] = -0.25
    expected = expected * 8 / math.sqrt(0.375 * 16)
    np.testing.assert_allclose(found[0, :, :, 0], expected, atol=1e-5)
    np.testing.assert_allclose(found[0, :, :, 1], 0.0, atol=1e-5)


def test_weight_normalization():
    layer = layers.WeightNormalization(keras.layers.Dense(2, use_bias=False))
    points = [[1.0, 2.0]]
    plain = layer.layer
    run(layer, points)
    plain.kernel.assign([[3.0, 0.0], [4.0, 2.0]])
    layer.scale.assign([10.0, 1.0])
    # Directions (0.6, 0.8) and (0, 1).
    np.testing.assert_allclose(run(layer, points), [[22.0, 2.0]], rtol=1e-6)
    # Only the direction of the kernel counts.
    plain.kernel.assign([[6.0, 0.0], [8.0, 0.5]])
    np.testing.assert_allclose(run(layer, points), [[22.0, 2.0]], rtol=1e-6)
    plain.kernel.assign([[0.0, 0.0], [0.0, 0.0]])
    np.testing.assert_array_equal(run(layer, points), [[0.0, 0.0]])


def test_weight_normalization_changes_nothing_at_first():
    plain = keras.layers.Conv2D(3, 3)
    images = np.random.default_rng(0).normal(size=(2, 4, 5, 2)).tolist()
    expected = run(plain, images)
    wrapped = layers.WeightNormalization(plain)
    np.testing.assert_allclose(run(wrapped, images), expected, rtol=1e-5)
    assert [weight.name for weight in wrapped.trainable_weights] == [
        "scale",
        "kernel",
        "bias",
    ]


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
        (lambda: layers.BlurPooling(taps=(1, -1)), "taps="),
        (lambda: layers.BlurPooling(pad_mode="same"), "pad_mode='same'"),
        (lambda: layers.BlurPooling()(np.ones((2, 3))), "input_shape="),
        (lambda: layers.FoldPeriod(0), "period=0"),
        (lambda: layers.FoldPeriod(4).build((None, 3, 1)), "input_shape="),
        (lambda: layers.Spectrogram(8).build((None, 7, 1)), "input_shape="),
        (
            lambda: layers.Resizing(4, 4).build((None, None, 4, 1)),
            "input_shape=",
        ),
        (
            lambda: layers.WeightNormalization(keras.layers.Embedding(2, 2)),
            "layer=Embedding",
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
