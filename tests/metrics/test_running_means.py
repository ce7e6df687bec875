import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics import RunningMeans


def result(metric):
    return {name: float(value) for name, value in metric.result().items()}


def test_means_are_weighted_by_the_count():
    metric = RunningMeans(["a", "b"])
    metric.update_state({"a": 1.0, "b": 10.0}, 4)
    metric.update_state({"a": 4.0, "b": -5.0}, 2)
    assert result(metric) == {"a": 2.0, "b": 5.0}


def test_a_value_that_is_left_out_keeps_its_mean():
    metric = RunningMeans(["a", "b"])
    metric.update_state({"b": 3.0}, 4)
    metric.update_state({"a": 2.0, "b": 6.0}, 2)
    assert result(metric) == {"a": 2.0, "b": 4.0}


def test_no_value_is_no_number():
    assert np.isnan(result(RunningMeans(["a"]))["a"])


def test_reset():
    metric = RunningMeans(["a"])
    metric.update_state({"a": 5.0})
    metric.reset_state()
    assert np.isnan(result(metric)["a"])
    metric.update_state({"a": 7.0})
    assert result(metric) == {"a": 7.0}


def test_names_keep_their_order():
    metric = RunningMeans(["z", "a", "m"])
    metric.update_state({"a": 1.0, "m": 2.0, "z": 3.0})
    assert list(metric.result()) == ["z", "a", "m"]


def test_values_of_half_precision_are_added_up_in_single():
    """In float16 the total would stop at 2048."""
    metric = RunningMeans(["a"])
    for _ in range(3):
        metric.update_state({"a": ops.cast(2048.0, "float16")}, 1001)
    assert result(metric) == {"a": 2048.0}
    assert metric.totals.dtype == "float32"


def compiled(function):
    """What Keras does with a step, on this backend."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return pytest.importorskip("tensorflow").function(function)
    if backend == "jax":
        return pytest.importorskip("jax").jit(function)
    return function


def test_in_a_compiled_function():
    metric = RunningMeans(["a", "b"])

    @compiled
    def update(state, values, count):
        values = {"a": ops.mean(values)}
        state = metric.stateless_update_state(state, values, count)
        return state, metric.stateless_result(state)

    state = [variable.value for variable in metric.variables]
    state, _ = update(state, ops.array([1.0, 3.0]), 2)
    state, means = update(state, ops.array([8.0]), 1)
    assert float(means["a"]) == pytest.approx((2.0 * 2 + 8.0) / 3)
    assert np.isnan(float(means["b"]))


def test_two_variables_for_all():
    metric = RunningMeans([f"value_{index}" for index in range(9)])
    assert [variable.shape for variable in metric.variables] == [(9,), (9,)]
    metric.update_state({"value_3": 2.0}, 5)
    np.testing.assert_array_equal(metric.counts, 5.0 * (np.arange(9) == 3))
    assert isinstance(metric, keras.metrics.Metric)
