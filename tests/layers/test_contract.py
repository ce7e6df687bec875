"""What every registered layer must keep."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import layers
from tests.helpers import layer_cases
from tests.helpers.differences import gradient_error
from tests.helpers.layer_cases import make
from tests.helpers.layer_cases import merged


@pytest.fixture(params=sorted(layers.CLASSES))
def name(request):
    return request.param


def numpy(outputs):
    return [
        ops.convert_to_numpy(ops.cast(leaf, "float32"))
        for leaf in keras.tree.flatten(outputs)
    ]


def run(layer, arrays, training=False):
    return numpy(layer(merged(layer_cases.float32(arrays)), training=training))


def model_of(layer, arrays):
    """A functional model of one layer, with any batch size."""
    inputs = [
        keras.Input(array.shape[1:], dtype=str(array.dtype))
        for array in layer_cases.float32(arrays)
    ]
    return keras.Model(merged(inputs), layer(merged(inputs)))


def test_every_layer_has_a_case():
    assert sorted(layer_cases.CASES) == sorted(layers.CLASSES)


def test_config_round_trip(name):
    layer, _ = make(name)
    config = keras.saving.serialize_keras_object(layer)
    assert config["registered_name"].startswith("keras_ganloss>")
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is type(layer)
    assert keras.saving.serialize_keras_object(again) == config


def test_file_round_trip(name, tmp_path):
    layer, arrays = make(name)
    model = model_of(layer, arrays)
    run(model, arrays, training=True)  # Moves what moves.
    for weight in layer.trainable_weights:
        weight.assign(weight.value + 0.5)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for one, other in zip(run(model, arrays), run(again, arrays), strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(again.weights) == len(model.weights)


def test_shape_is_as_announced(name):
    layer, arrays = make(name)
    shapes = keras.tree.map_structure(
        lambda leaf: tuple(leaf.shape), model_of(layer, arrays).outputs
    )
    found = run(layer, arrays)
    for shape, output in zip(shapes, found, strict=True):
        assert len(shape) == len(output.shape)
        for announced, size in zip(shape, output.shape):
            assert announced in (None, size)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision(name, dtype, training):
    layer, arrays = make(name)
    run(layer, arrays)
    half, _ = make(name, dtype)
    arrays = layer_cases.float32(arrays)
    half(merged(arrays))
    for weight, other in zip(half.weights, layer.weights, strict=True):
        assert keras.backend.standardize_dtype(weight.dtype) == "float32"
        weight.assign(other)
    outputs = half(merged(arrays), training=training)
    for leaf in keras.tree.flatten(outputs):
        assert keras.backend.standardize_dtype(leaf.dtype) == dtype[6:]
    expected = run(layer, arrays, training)
    precision = {"mixed_float16": 1e-2, "mixed_bfloat16": 8e-2}[dtype]
    for one, other in zip(numpy(outputs), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=precision, atol=precision)


@pytest.mark.parametrize("order", [1, 2])
def test_gradients_against_finite_differences(name, order):
    if name == "reverse_gradient":
        pytest.skip("Its gradient is another one on purpose.")
    layer, arrays = make(name, "float64")
    assert gradient_error(layer, arrays, order) < 1e-5
