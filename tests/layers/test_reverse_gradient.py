"""The identity whose gradient is another one."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import backend
from keras_ganloss.layers import ReverseGradient
from keras_ganloss.optimizers import DomainAdversarialSchedule
from tests.helpers.networks import raises

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")


def gradient(layer, x, training=False):
    """The gradient of `sum(coefficient * layer(x))`, coefficients 1, 2, ..."""
    coefficients = np.arange(1.0, 1.0 + x.size).reshape(x.shape)

    def total(x):
        y = layer(x, training=training)
        return ops.sum(ops.cast(coefficients, y.dtype) * y), None

    found = backend.value_and_input_gradients(total, ops.convert_to_tensor(x))
    return ops.convert_to_numpy(ops.cast(found[2], "float32")), coefficients


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("weight", [0.0, 0.1, 1.0, 3.0])
def test_identity_and_its_gradient(dtype, weight):
    """Forward to the bit, backward `-weight` times, in the compute dtype."""
    x = ops.cast(X * 1000.0, dtype)
    layer = ReverseGradient(weight, dtype=dtype)
    as_float32 = [
        ops.convert_to_numpy(ops.cast(y, "float32")) for y in (x, layer(x))
    ]
    np.testing.assert_array_equal(*as_float32)
    found, coefficients = gradient(
        layer, ops.convert_to_numpy(x) if dtype != "bfloat16" else X
    )
    rounded = ops.convert_to_numpy(ops.cast(ops.cast(weight, dtype), "float32"))
    np.testing.assert_allclose(
        found,
        -rounded * coefficients,
        rtol={"float32": 1e-6, "float16": 1e-3, "bfloat16": 1e-2}[dtype],
    )


def test_nest():
    outputs = ReverseGradient()({"a": X, "b": X[:, :2]})
    np.testing.assert_array_equal(outputs["b"], X[:, :2])


def test_schedule_counts_calls_in_training(tmp_path):
    schedule = DomainAdversarialSchedule(num_steps=4)
    inputs = keras.Input((3,))
    model = keras.Model(inputs, ReverseGradient(schedule)(inputs))
    for step in range(6):
        model(X)  # Counts nothing.
        found, coefficients = gradient(model, X)
        expected = 2.0 / (1.0 + np.exp(-10.0 * min(step / 4, 1.0))) - 1.0
        np.testing.assert_allclose(found, -expected * coefficients, rtol=1e-5)
        model(X, training=True)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert int(again.layers[-1].num_calls) == 6


@pytest.mark.parametrize(
    "step, value",
    [
        (0, 0.0),
        (10, 0.4621172),
        (50, 0.9866143),
        (100, 0.9999092),
        (900, 0.9999092),
    ],
)
def test_schedule(step, value):
    """Against numbers of `2 / (1 + exp(-10 p)) - 1`."""
    schedule = DomainAdversarialSchedule(100, final=2.0)
    assert float(schedule(step)) == pytest.approx(2.0 * value, rel=1e-6)
    config = keras.saving.serialize_keras_object(schedule)
    again = keras.saving.deserialize_keras_object(config)
    assert float(again(step)) == float(schedule(step))


def test_errors():
    with raises("`weight` must be"):
        ReverseGradient(-1.0)
    with raises("`num_steps` must be"):
        DomainAdversarialSchedule(0)
    with raises("`gamma` must be positive"):
        DomainAdversarialSchedule(10, gamma=0.0)
