"""Sums in float32 against sums of whole numbers and of float64."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics.exact_sum import ExactSum
from keras_ganloss.metrics.exact_sum import exact_products

RANDOM = np.random.default_rng(0)


def test_what_float32_would_lose_is_kept():
    total = ExactSum(())
    for term in (2.0**30, 1.0, 1.0, 1.0, -(2.0**30)):
        total.update_state(term)
    assert total.result() == 3.0
    total.reset_state()
    assert total.result() == 0.0


def test_ten_thousand_terms():
    terms = RANDOM.normal(5.0, 1.0, size=(10_000, 1)).astype("float32")
    total = ExactSum((1,))
    values = [variable.value for variable in total.variables]
    update = compiled(total)
    for term in terms:
        values = update(values, term)
    for variable, value in zip(total.variables, values):
        variable.assign(value)
    expected = terms.astype("float64").sum()
    assert total.result()[0] == pytest.approx(expected, rel=1e-12)


def compiled(metric):
    """As in a compiled step, where rounding might be optimized away."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(metric.stateless_update_state)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.function(metric.stateless_update_state, jit_compile=True)
    return metric.stateless_update_state


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_products_add_up_to_those_of_float64(scale):
    rows = RANDOM.normal(3.0, 1.0, size=(256, 5)).astype("float32")
    rows *= np.array([1.0, 1e-3, 0.0, 1e3, 1.0], "float32") * scale
    terms = [
        ops.convert_to_numpy(term).astype("float64")
        for term in exact_products(ops.array(rows))
    ]
    expected = rows.astype("float64").T @ rows.astype("float64")
    largest = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    error = np.abs(sum(terms) - expected)
    assert (error <= 2.0**-36 * largest).all()


def test_first_terms_are_exact():
    # Whole numbers of eight bits: all is in the first term.
    rows = RANDOM.integers(-127, 128, size=(256, 4)).astype("float32")
    first, second, third = exact_products(ops.array(rows))
    np.testing.assert_array_equal(
        ops.convert_to_numpy(first), rows.astype("int64").T @ rows
    )
    for rest in (second, third):
        np.testing.assert_array_equal(ops.convert_to_numpy(rest), 0.0)
