"""What every registered loss must keep."""

import copy

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import backend
from keras_ganloss import losses

REAL = np.array([[-5.0], [1.4], [12.5], [2.7]], "float32")
FAKE = np.array([[10.0], [4.4], [-5.5], [3.6]], "float32")

# All that is registered, with seeds where there is chance, and compositions.
CASES = {name: losses.get(name) for name in losses.CLASSES} | {
    "label_flipping": losses.LabelFlipping(rate=0.5, seed=1),
    "label_noise": losses.LabelNoise(seed=1),
    "sliced_wasserstein": losses.SlicedWasserstein(seed=1),
    "began in balance": losses.BEGAN(),
    "fisher under way": losses.Fisher(rate=0.1),
    "focal label loss": losses.LabelLoss(
        keras.losses.BinaryFocalCrossentropy(from_logits=True)
    ),
    "average of squares": losses.RelativisticAverage(
        losses.LeastSquares(-1.0, 1.0, 1.0)
    ),
    "average of a label loss": losses.RelativisticAverage(
        losses.LabelLoss(keras.losses.BinaryCrossentropy(from_logits=True))
    ),
    "pairs of hinges": losses.Relativistic(losses.Hinge(0.5, 2.0)),
    "half of the pairs": losses.TopK(losses.Relativistic(losses.Hinge())),
    "best of a divergence": losses.TopK(
        losses.LabelFlipping(losses.FGAN("pearson"), seed=2)
    ),
    "saturating no more": losses.NonSaturating(losses.Minimax(0.2)),
    "scheduled": losses.TopK(
        losses.Hinge(),
        keras.optimizers.schedules.ExponentialDecay(1.0, 10, 0.9),
        minimum=0.5,
    ),
}
for _name in ("began in balance", "fisher under way"):
    CASES[_name].update_state(ops.full((4,), 9.0), ops.full((4,), 2.0))

# One value a sample instead of one an output: they compare feature vectors.
OF_SAMPLES = {
    "cramer",
    "maximum_mean_discrepancy",
    "multi_class_hinge",
    "sinkhorn",
    "sliced_wasserstein",
}
# Every sample draws a label, whatever the number of its patches.
DRAW_A_SAMPLE = {"label_flipping", "label_noise", "best of a divergence"}


@pytest.fixture(params=sorted(CASES))
def case(request):
    return request.param


@pytest.fixture
def loss(case):
    return CASES[case]


@pytest.fixture(params=["d_loss", "g_loss"])
def side(request, loss):
    return getattr(loss, request.param)


@pytest.fixture
def outputs(case):
    """Real and fake outputs, of shape `(4, 1)` wherever that can be."""
    if case == "multi_class_hinge":
        return [np.concatenate([x, x[::-1]], -1) for x in (REAL, FAKE)]
    return [REAL, FAKE]


def configured(loss, **kwargs):
    """A loss of the same state with other arguments, of the innermost base."""
    config = copy.deepcopy(loss.get_config())
    inner = config
    while "reduction" not in inner:
        inner = inner.get("base", inner.get("loss"))["config"]
    inner.update(kwargs)
    return with_state_of(loss, type(loss).from_config(config))


def with_state_of(loss, other):
    for entry, source in zip(other.state, loss.state, strict=True):
        if isinstance(entry, keras.Variable):
            entry.assign(source)
    return other


def anew(side, **kwargs):
    """The side of a loss that has not drawn yet, as the same seed does."""
    return type(side)(configured(side.loss, **kwargs))


def gradients(side, real, fake):
    """Gradients of a side with respect to both outputs."""
    value, _, slopes = backend.value_and_input_gradients(
        lambda outputs: (side(outputs[0], outputs[1]), None),
        [ops.convert_to_tensor(real), ops.convert_to_tensor(fake)],
    )
    return value, slopes


def test_every_registered_loss_is_tested():
    assert set(losses.CLASSES) <= set(CASES)


def test_config_round_trip(loss):
    config = keras.saving.serialize_keras_object(loss)
    again = losses.get(config)
    assert type(again) is type(loss)
    assert keras.saving.serialize_keras_object(again) == config


def test_side_config_round_trip(side, outputs):
    config = keras.saving.serialize_keras_object(side)
    again = keras.saving.deserialize_keras_object(config)
    assert keras.saving.serialize_keras_object(again) == config
    with_state_of(side.loss, again.loss)
    assert float(again(*outputs)) == float(anew(side)(*outputs))


def test_sides_are_keras_losses(side):
    assert isinstance(side, keras.losses.Loss)


def test_sum_is_mean_times_count(side, outputs):
    assert float(anew(side, reduction="sum")(*outputs)) == pytest.approx(
        4 * float(anew(side)(*outputs)), rel=1e-6
    )


def test_no_reduction_gives_a_value_an_output(case, side, outputs):
    values = anew(side, reduction=None)(*outputs)
    shape = (4,) if case in OF_SAMPLES else (4, 1)
    assert tuple(values.shape) == shape
    assert float(ops.mean(values)) == pytest.approx(
        float(anew(side)(*outputs)), rel=1e-6
    )


def test_step_value_equals_keras_value(side, outputs):
    assert float(anew(side).reduced(*outputs)) == pytest.approx(
        float(anew(side)(*outputs)), rel=1e-6
    )


def test_weights_multiply_the_values(side, outputs):
    weights = np.array([0.5, 0.0, 2.0, 1.0], "float32")
    values = ops.convert_to_numpy(anew(side, reduction=None)(*outputs))
    weighted = np.sum(weights * values.reshape(4))
    for reduction, expected in (
        ("sum_over_batch_size", weighted / 4),
        ("sum", weighted),
        ("mean_with_sample_weight", weighted / 3.5),
    ):
        for function in ("__call__", "reduced"):
            changed = anew(side, reduction=reduction)
            found = getattr(changed, function)(*outputs, weights)
            assert float(found) == pytest.approx(expected, rel=1e-5)


def test_patches_are_averaged(case, side, outputs):
    shape = (2, 2, 1, 1)
    if case in OF_SAMPLES | DRAW_A_SAMPLE:
        shape = (4, 1, outputs[0].shape[-1])
    patches = [np.reshape(x, shape) for x in outputs]
    assert float(anew(side)(*patches)) == pytest.approx(
        float(anew(side)(*outputs)), rel=1e-6
    )


def test_outputs_without_a_last_axis(case, side, outputs):
    if case == "multi_class_hinge":
        return  # It needs two margins a sample; its own tests have the error.
    flat = [np.reshape(x, 4) for x in outputs]
    assert float(anew(side)(*flat)) == pytest.approx(
        float(anew(side)(*outputs)), rel=1e-6
    )


def test_shapes_that_would_broadcast_are_refused(loss, outputs):
    real, fake = outputs
    with pytest.raises(ValueError, match=r"same shape.*Received: real_output"):
        loss.d_loss(real, fake[:, 0])


def test_real_outputs_are_needed_where_it_says_so(loss, outputs):
    real, fake = outputs
    if loss.needs_real_output:
        with pytest.raises(ValueError, match="same shape"):
            loss.g_loss(real[:, 0], fake)
    else:
        without = float(anew(loss.g_loss)(fake_output=fake))
        assert without == float(anew(loss.g_loss)(real, fake))


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="Some of Keras's operations round float64 to float32 on JAX and "
    "torch, too coarse for finite differences",
)
def test_gradient_against_finite_differences(side, outputs):
    step = 1e-5
    shape = outputs[0].shape
    shifts = step * np.eye(outputs[0].size).reshape(-1, *shape)

    def value(real, fake):
        # Summed by NumPy: as finely as it can be.
        return ops.convert_to_numpy(exact(real, fake)).sum()

    def exact(*pair):
        pair = [ops.convert_to_tensor(x, "float64") for x in pair]
        return anew(side, dtype="float64", reduction=None)(*pair)

    real, fake = (x.astype("float64") for x in outputs)
    size, found = gradients(exact, real, fake)
    expected = [
        [value(real + x, fake) - value(real - x, fake) for x in shifts],
        [value(real, fake + x) - value(real, fake - x) for x in shifts],
    ]
    for one, other in zip(found, expected):
        assert keras.backend.standardize_dtype(one.dtype) == "float64"
        # A value has 16 digits, and those of a slope are 1e5 times coarser.
        np.testing.assert_allclose(
            ops.convert_to_numpy(one).reshape(-1),
            np.array(other) / (2 * step),
            rtol=1e-7,
            atol=1e-10 * (1.0 + abs(ops.convert_to_numpy(size).sum())),
        )


def extremes(size, last):
    """Pairs of real and fake outputs that are all very far from zero."""
    ones = np.full((4, last), size, "float32")
    signs = np.array([[1], [1], [-1], [-1]], "float32")
    mixed = np.array([[1], [-1], [1], [-1]], "float32")
    return (ones, -ones), (-ones, ones), (signs * ones, mixed * ones)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_finite_at_extreme_logits(side, outputs, dtype):
    for pair in extremes(1e4, outputs[0].shape[-1]):
        pair = [ops.cast(x, dtype) for x in pair]
        value, slopes = gradients(anew(side), *pair)
        wide = gradients(anew(side), *(ops.cast(x, "float32") for x in pair))
        assert np.isfinite(float(value)) and np.isfinite(float(wide[0]))
        for slope, wide_slope in zip(slopes, wide[1]):
            slope, wide_slope = (
                ops.convert_to_numpy(ops.cast(x, "float32"))
                for x in (slope, wide_slope)
            )
            assert np.isfinite(wide_slope).all()
            # What float16 can hold, it holds.
            fits = np.abs(wide_slope) < (6e4 if dtype == "float16" else np.inf)
            assert np.isfinite(slope[fits]).all()


def test_half_precision_outputs_are_computed_in_float32(side, outputs):
    real, fake = (ops.cast(x, "bfloat16") for x in outputs)
    value = anew(side)(real, fake)
    assert keras.backend.standardize_dtype(value.dtype) == "float32"
    exact = anew(side)(ops.cast(real, "float32"), ops.cast(fake, "float32"))
    assert float(value) == float(exact)


def test_one_sample(side, outputs):
    real, fake = (x[:1] for x in outputs)
    value, both = gradients(anew(side), real, fake)
    assert np.isfinite(float(value))
    assert all(bool(ops.all(ops.isfinite(gradient))) for gradient in both)
