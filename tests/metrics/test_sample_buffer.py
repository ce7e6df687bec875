"""The buffer of samples: what is kept, in any batches, in compiled steps."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics.sample_buffer import SampleBuffer

SAMPLES = np.random.default_rng(0).normal(size=(10, 2, 3)).astype("float32")


@pytest.mark.parametrize("batches", [[10], [3, 3, 4], [1] * 10, [6, 4]])
@pytest.mark.parametrize("capacity", [1, 7, 10, 20])
def test_first_samples_are_kept_whatever_the_batches(capacity, batches):
    buffer = SampleBuffer(capacity, (2, 3))
    for part in np.split(SAMPLES, np.cumsum(batches)[:-1]):
        buffer.update_state(ops.array(part))
    np.testing.assert_array_equal(buffer.result(), SAMPLES[:capacity])
    buffer.reset_state()
    assert buffer.result().shape == (0, 2, 3)
    buffer.update_state(SAMPLES[5:7].astype("float16"))
    expected = SAMPLES[5:7].astype("float16")[:capacity]
    np.testing.assert_array_equal(buffer.result(), expected)


@pytest.mark.parametrize("batch_size", [2, 4])
def test_in_a_compiled_function(batch_size):
    buffer = SampleBuffer(7, (2, 3))

    def update(variables, samples):
        return buffer.stateless_update_state(variables, samples)

    if keras.backend.backend() == "jax":
        import jax

        update = jax.jit(update)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        update = tf.function(update, jit_compile=True)
    values = [variable.value for variable in buffer.variables]
    for start in range(0, 10, batch_size):
        batch = ops.array(SAMPLES[start : start + batch_size])
        values = update(values, batch)
    for variable, value in zip(buffer.variables, values):
        variable.assign(value)
    np.testing.assert_array_equal(buffer.result(), SAMPLES[:7])


@pytest.mark.parametrize("capacity", [0, 2.5])
def test_capacity_that_is_none(capacity):
    with pytest.raises(ValueError, match=f"Received: capacity={capacity}"):
        SampleBuffer(capacity, (1,))


def test_samples_of_another_shape():
    with pytest.raises(ValueError, match=r"Received: samples.shape=\(10, 2"):
        SampleBuffer(2, (3,)).update_state(SAMPLES)


def test_samples_of_several_replicas():
    buffer = SampleBuffer(2, (2, 3))
    buffer.update_state(SAMPLES)
    assert len(buffer.result()) == 2
    buffer.replicas.assign(2)  # The sum over both, as Keras reads it.
    with pytest.raises(ValueError, match="Received: 2 replicas"):
        buffer.result()
