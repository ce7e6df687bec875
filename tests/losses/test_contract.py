"""What every registered loss must keep."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import backend
from keras_ganloss import losses

REAL = np.array([[-5.0], [1.4], [12.5], [2.7]], "float32")
FAKE = np.array([[10.0], [4.4], [-5.5], [3.6]], "float32")


@pytest.fixture(params=sorted(losses.CLASSES))
def loss(request):
    return losses.get(request.param)


@pytest.fixture(params=["d_loss", "g_loss"])
def side(request, loss):
    return getattr(loss, request.param)


def gradients(side, real, fake):
    """Gradients of a side with respect to both outputs."""
    value, _, slopes = backend.value_and_input_gradients(
        lambda outputs: (side(outputs[0], outputs[1]), None),
        [ops.convert_to_tensor(real), ops.convert_to_tensor(fake)],
    )
    return value, slopes


def test_config_round_trip(loss):
    config = keras.saving.serialize_keras_object(loss)
    assert keras.saving.serialize_keras_object(losses.get(config)) == config


def test_side_config_round_trip(side):
    config = keras.saving.serialize_keras_object(side)
    again = keras.saving.deserialize_keras_object(config)
    assert keras.saving.serialize_keras_object(again) == config
    assert float(again(REAL, FAKE)) == float(side(REAL, FAKE))


def test_sides_are_keras_losses(side):
    assert isinstance(side, keras.losses.Loss)


def test_sum_is_mean_times_count(loss):
    config = {**loss.get_config(), "reduction": "sum"}
    summed = type(loss).from_config(config)
    assert float(summed.d_loss(REAL, FAKE)) == pytest.approx(
        4 * float(loss.d_loss(REAL, FAKE)), rel=1e-6
    )


def test_no_reduction_gives_a_value_an_output(loss):
    config = {**loss.get_config(), "reduction": None}
    values = type(loss).from_config(config).d_loss(REAL, FAKE)
    assert tuple(values.shape) == (4, 1)
    assert float(ops.mean(values)) == pytest.approx(
        float(loss.d_loss(REAL, FAKE)), rel=1e-6
    )


def test_step_value_equals_keras_value(side):
    assert float(side.reduced(REAL, FAKE)) == pytest.approx(
        float(side(REAL, FAKE)), rel=1e-6
    )


@pytest.mark.parametrize("reduction", ["sum", "mean_with_sample_weight"])
def test_weighted_step_value_equals_keras_value(loss, reduction):
    config = {**loss.get_config(), "reduction": reduction}
    side = type(loss).from_config(config).d_loss
    weights = np.array([0.5, 0.0, 2.0, 1.0], "float32")
    assert float(side.reduced(REAL, FAKE, weights)) == pytest.approx(
        float(side(REAL, FAKE, weights)), rel=1e-6
    )


def test_patches_are_averaged(side):
    patches = [np.reshape(x, (2, 2, 1, 1)) for x in (REAL, FAKE)]
    assert float(side(*patches)) == pytest.approx(float(side(REAL, FAKE)))


def test_shapes_that_would_broadcast_are_refused(loss):
    with pytest.raises(ValueError, match=r"same shape.*Received: real_output"):
        loss.d_loss(REAL, FAKE[:, 0])


def test_gradient_against_finite_differences(side):
    _, (by_real, by_fake) = gradients(side, REAL, FAKE)
    step = 1e-3
    for index in range(4):
        shift = np.zeros_like(REAL)
        shift[index] = step
        slopes = [
            (float(side(REAL + shift, FAKE)) - float(side(REAL - shift, FAKE))),
            (float(side(REAL, FAKE + shift)) - float(side(REAL, FAKE - shift))),
        ]
        found = [float(by_real[index, 0]), float(by_fake[index, 0])]
        assert found == pytest.approx(
            [slope / (2 * step) for slope in slopes], abs=4e-3
        )


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_finite_at_extreme_logits(side, dtype, size):
    outputs = ops.cast(ops.full((2, 1), size), dtype)
    for real, fake in ((outputs, -outputs), (outputs, outputs)):
        value, both = gradients(side, real, fake)
        assert np.isfinite(float(value))
        for gradient in both:
            assert bool(ops.all(ops.isfinite(ops.cast(gradient, "float32"))))


def test_half_precision_outputs_are_computed_in_float32(side):
    real, fake = (ops.cast(x, "bfloat16") for x in (REAL, FAKE))
    value = side(real, fake)
    assert keras.backend.standardize_dtype(value.dtype) == "float32"
    exact = side(ops.cast(real, "float32"), ops.cast(fake, "float32"))
    assert float(value) == float(exact)
