"""What every registered distance must keep."""

import copy

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import backend
from keras_ganloss import distances
from tests.helpers.differences import float64
from tests.helpers.distance_cases import CASES
from tests.helpers.distance_cases import conv_network
from tests.helpers.distance_cases import pair_of


@pytest.fixture(params=sorted(distances.CLASSES))
def case(request):
    return request.param


@pytest.fixture
def make(case):
    return CASES[case][0]


@pytest.fixture
def shape(case):
    return CASES[case][1]


def values_of(loss, true, predicted):
    """The values of the samples, each by itself."""
    return [
        float(loss(true[i : i + 1], predicted[i : i + 1]))
        for i in range(len(true))
    ]


def gradient(loss, true, predicted):
    """The value and its gradient by the answers."""
    true = ops.convert_to_tensor(true)
    value, _, (slopes,) = backend.value_and_input_gradients(
        lambda inputs: (loss(true, inputs[0]), None),
        [ops.convert_to_tensor(predicted)],
    )
    return float(value), ops.convert_to_numpy(slopes)


def test_config_round_trip(make):
    loss = make(reduction="sum", name="mine")
    config = keras.saving.serialize_keras_object(loss)
    again = distances.get(copy.deepcopy(config))
    assert keras.saving.serialize_keras_object(again) == config
    assert (again.name, again.reduction) == ("mine", "sum")


def test_named_after_its_class(case, make):
    assert make().name == case
    assert distances.get(loss := make()) is loss
    if case != "perceptual":  # It needs a package.
        assert type(distances.get(case)) is type(make())


def test_says_the_call_that_makes_it():
    distance = distances.MelSpectrogram(8000, sequence_length=512)
    text = "MelSpectrogram(sampling_rate=8000, sequence_length=512)"
    assert repr(distance) == text
    assert repr(distances.SISDR()) == "SISDR()"


def test_each_sample_counts_by_its_weight(make, shape):
    true, predicted = pair_of(shape)
    loss = make()
    one, two, three = values_of(loss, true, predicted)
    weights = np.array([2.0, 0.0, 0.5])
    for reduction, size in (("sum", 1.0), ("sum_over_batch_size", 3.0)):
        loss.reduction = reduction
        plain = loss(true, predicted)
        assert float(plain) == pytest.approx((one + two + three) / size, 1e-5)
        for each in (weights, weights[:, None]):
            weighted = loss(true, predicted, each)
            expected = (2.0 * one + 0.5 * three) / size
            assert float(weighted) == pytest.approx(expected, 1e-5)
    loss.reduction = None
    found = ops.convert_to_numpy(loss(true, predicted))
    np.testing.assert_allclose(found, [one, two, three], rtol=1e-5)


def test_nothing_is_nearer_than_itself(case, make, shape):
    true, predicted = pair_of(shape)
    least = -80.0 if case == "sisdr" else 0.0
    value, slopes = gradient(make(), true, true)
    assert value == pytest.approx(least, abs=1e-4)
    assert np.isfinite(slopes).all()
    assert float(make()(true, predicted)) > least + 0.01


def test_slopes_of_silence_are_finite(make, shape):
    signals, _ = pair_of(shape)
    nothing = np.zeros_like(signals)
    for pair in ((nothing, nothing), (nothing, signals), (signals, nothing)):
        value, slopes = gradient(make(), *pair)
        assert np.isfinite(value) and np.isfinite(slopes).all()


def test_gradient_against_finite_differences(case, make, shape):
    true, predicted = (x.astype("float64") for x in pair_of(shape, num=2))
    step = 1e-5 * np.random.default_rng(1).normal(size=predicted.shape)
    with float64():
        settings = {**make().get_config(), "dtype": "float64"}
        if case == "perceptual":
            settings["network"] = conv_network(dtype="float64")
        loss = type(make())(**settings)
        _, slopes = gradient(loss, true, predicted)
        ends = [
            float(ops.convert_to_numpy(loss(true, predicted + sign * step)))
            for sign in (1.0, -1.0)
        ]
    assert slopes.dtype == "float64"
    expected = ends[0] - ends[1]
    assert 2.0 * np.sum(slopes * step) == pytest.approx(expected, rel=1e-5)


def test_shapes_that_would_broadcast_are_refused(make, shape):
    true, predicted = pair_of(shape)
    for other in (predicted[..., 0], predicted[:1]):
        with pytest.raises(ValueError, match=r"same shape.*Received: y_true"):
            make()(true, other)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_computed_in_float32(make, shape, dtype):
    halves = [ops.cast(x, dtype) for x in pair_of(shape)]
    wide = [ops.cast(x, "float32") for x in halves]
    value = make()(*halves)
    assert keras.backend.standardize_dtype(value.dtype) == "float32"
    assert float(value) == float(make()(*wide))
    assert float(make(dtype=dtype)(*halves)) == pytest.approx(
        float(value), rel=0.01
    )


def supervised(loss, shape):
    inputs = keras.Input(shape)
    outputs = keras.layers.Dense(shape[-1], name="answer")(inputs)
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.SGD(0.01), loss)
    return model


def test_in_a_keras_model_saved_and_resumed(make, shape, tmp_path):
    x, y = pair_of(shape)
    loss = make()
    model = supervised({"answer": loss}, shape)
    answers = model.predict(x, verbose=0)
    history = model.fit(x, y, batch_size=3, verbose=0, shuffle=False).history
    assert history["loss"][0] == pytest.approx(float(loss(y, answers)), 1e-4)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    # The last batch is smaller, and each sample has a weight.
    settings = {"batch_size": 2, "verbose": 0}
    weights = np.array([1.0, 2.0, 0.5])
    values = [
        each.evaluate(x, y, sample_weight=weights, **settings)
        for each in (model, again)
    ]
    assert values[0] == values[1]
    after = [
        each.fit(x, y, shuffle=False, **settings).history["loss"]
        for each in (model, again)
    ]
    assert after[0] == after[1]


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision(make, shape, policy):
    x, y = pair_of(shape)
    loss = make()
    keras.config.set_dtype_policy(policy)
    try:
        model = supervised(loss, shape)
        answers = ops.cast(model(x), "float32")
        found = model.evaluate(x, y, verbose=0)
        trained = model.fit(x, y, verbose=0).history["loss"]
    finally:
        keras.config.set_dtype_policy("float32")
    assert found == pytest.approx(float(loss(y, answers)), rel=0.02)
    assert np.isfinite(trained).all()


def test_names_that_there_are_not():
    with pytest.raises(ValueError, match="'mel_spectrogram'.*Received: ident"):
        distances.get("mell")
