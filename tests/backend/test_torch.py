"""What torch needs, or refuses."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import backend
from keras_ganloss.models import Judge
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import GradientPenalty
from keras_ganloss.penalties import WeightClipping
from keras_ganloss.penalties import squared_norm

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "torch", reason="of torch alone"
)


def pair():
    return [
        keras.Sequential([keras.Input((size,)), layers.Dense(3 - size)])
        for size in (1, 2)
    ]


def test_steps_per_execution_are_refused_in_compile():
    with pytest.raises(
        ValueError, match=r"must be 1 on torch.*Received: steps_per_exec.*=4"
    ):
        GAN(*pair()).compile(steps_per_execution=4)


@pytest.mark.parametrize("penalty", [R1(1.0), GradientPenalty()])
def test_compilation_with_a_gradient_penalty_is_refused(penalty):
    with pytest.raises(
        ValueError, match=f"differentiate twice.*Received.*'{penalty.name}'"
    ):
        GAN(*pair()).compile(penalties=[penalty], jit_compile=True)


def test_compilation_without_is_not():
    gan = GAN(*pair())
    gan.compile(penalties=[WeightClipping()], jit_compile=True)
    assert gan.jit_compile is True


def test_attention_is_differentiated_twice():
    """The penalty's gradient, against finite differences."""
    inputs = keras.Input((4, 2))
    x = layers.MultiHeadAttention(2, 2)(inputs, inputs)
    critic = keras.Model(inputs, layers.Dense(1)(layers.Flatten()(x)))
    rng = np.random.default_rng(0)
    variables = critic.trainable_variables
    for variable in variables:
        variable.assign(0.5 * rng.normal(size=variable.shape))
    samples = ops.convert_to_tensor(rng.normal(size=(3, 4, 2)), "float32")

    def penalty():
        return ops.mean(squared_norm(Judge(critic).input_gradients(samples)))

    _, _, (gradients,) = backend.compute_gradients(
        lambda: ([penalty()], None), [variables], [lambda loss: loss]
    )
    kernel, found = variables[0], ops.convert_to_numpy(gradients[0])
    start = ops.convert_to_numpy(kernel).copy()
    expected = np.zeros_like(start)
    for index in np.ndindex(*start.shape):
        step = np.zeros_like(start)
        step[index] = 1e-2
        for sign in (1.0, -1.0):
            kernel.assign(start + sign * step)
            expected[index] += sign * ops.convert_to_numpy(penalty()) / 2e-2
    np.testing.assert_allclose(found, expected, atol=0.01 * np.abs(found).max())
    assert np.abs(found).max() > 0.1
