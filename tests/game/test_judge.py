"""The judge remembers, and asks the discriminator no more than needed."""

import keras
import numpy as np
from keras import layers
from keras import ops

from keras_ganloss.game.calls import layer_losses
from keras_ganloss.game.calls import weight_losses
from tests.helpers.turns import make_judge


@keras.saving.register_keras_serializable("test_judge")
class Counting(keras.Model):
    """D(x) = sum of squares; counts its calls."""

    def __init__(self):
        super().__init__()
        self.num_calls = 0
        self.inputs_seen = []

    def call(self, inputs, training=None):
        self.num_calls += 1
        self.inputs_seen.append(inputs)
        samples = inputs[0] if isinstance(inputs, list) else inputs
        return ops.sum(ops.square(samples), axis=-1, keepdims=True)


def test_one_call_for_gradients_and_outputs():
    discriminator = Counting()
    judge = make_judge(discriminator)
    samples = ops.convert_to_tensor([[1.0, 2.0], [3.0, 0.0]])
    gradients = judge.input_gradients(samples)
    outputs = judge.outputs(samples)
    judge.input_gradients(samples)
    assert discriminator.num_calls == 1
    np.testing.assert_allclose(ops.convert_to_numpy(outputs), [[5.0], [9.0]])
    np.testing.assert_allclose(
        ops.convert_to_numpy(gradients), [[2.0, 4.0], [6.0, 0.0]]
    )


def test_equal_values_are_not_the_same_tensor():
    discriminator = Counting()
    judge = make_judge(discriminator)
    judge.outputs(ops.ones((2, 2)))
    judge.outputs(ops.ones((2, 2)))
    assert discriminator.num_calls == 2


def test_condition_goes_with_the_samples():
    discriminator = Counting()
    labels = ops.convert_to_tensor([1, 0])
    judge = make_judge(discriminator, condition=labels)
    samples = ops.ones((2, 3))
    gradients = judge.input_gradients(samples)
    assert isinstance(discriminator.inputs_seen[0], list)
    np.testing.assert_allclose(
        ops.convert_to_numpy(discriminator.inputs_seen[0][1]), [1, 0]
    )
    np.testing.assert_allclose(
        ops.convert_to_numpy(gradients), np.full((2, 3), 2.0)
    )


def test_fakes_may_have_conditions_of_their_own():
    """D(x, c) = c * sum(x), whose gradient is c."""
    samples, condition = keras.Input((2,)), keras.Input((1,))
    total = layers.Dense(1, kernel_initializer="ones")(samples)
    network = keras.Model(
        [samples, condition], layers.Multiply()([total, condition])
    )
    real, fake = ops.ones((2, 2)), 2.0 * ops.ones((2, 2))
    judge = make_judge(network, condition=ops.array([[1.0], [2.0]]))
    judge = judge.with_condition(fake, ops.array([[5.0], [7.0]]))
    between = 0.5 * real + 0.5 * fake
    for one in (judge, judge.within(judge.turn)):
        for seen, expected in (
            (real, [2.0, 4.0]),
            (fake, [20.0, 28.0]),
            (between, [3.0, 6.0]),
        ):
            outputs = ops.convert_to_numpy(one.outputs(seen))[:, 0]
            np.testing.assert_allclose(outputs, expected)
        gradients = ops.convert_to_numpy(one.input_gradients(fake))
        np.testing.assert_allclose(gradients, [[5.0, 5.0], [7.0, 7.0]])


def test_gradients_of_several_inputs_and_outputs():
    first, second = keras.Input((2,)), keras.Input((3,))
    discriminator = keras.Model(
        [first, second],
        {
            "a": layers.Dense(1, kernel_initializer="ones")(first),
            "b": layers.Dense(2, kernel_initializer="ones")(second),
        },
    )
    samples = [ops.ones((4, 2)), ops.ones((4, 3))]
    judge = make_judge(discriminator)
    by_first, by_second = judge.input_gradients(samples)
    # The gradient of the sum of all outputs.
    np.testing.assert_allclose(ops.convert_to_numpy(by_first), np.ones((4, 2)))
    np.testing.assert_allclose(
        ops.convert_to_numpy(by_second), np.full((4, 3), 2.0)
    )
    assert sorted(judge.outputs(samples)) == ["a", "b"]


def test_an_ignored_input_has_a_gradient_of_zeros():
    first, second = keras.Input((2,)), keras.Input((3,))
    discriminator = keras.Model([first, second], layers.Dense(1)(first))
    samples = [ops.ones((4, 2)), ops.ones((4, 3))]
    _, by_second = make_judge(discriminator).input_gradients(samples)
    np.testing.assert_allclose(
        ops.convert_to_numpy(by_second), np.zeros((4, 3))
    )


def test_losses_of_calls_are_kept_apart_from_weight_decay():
    network = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(
                1,
                use_bias=False,
                kernel_initializer="ones",
                kernel_regularizer=keras.regularizers.L2(0.5),
                activity_regularizer=keras.regularizers.L1(1.0),
            ),
        ]
    )
    judge = make_judge(network)
    judge.outputs(ops.ones((3, 2)))
    judge.outputs(ops.ones((1, 2)))
    # Keras averages an activity regularizer over the batch: |1 + 1| a call.
    assert [float(loss) for loss in judge.turn.layer_losses] == [2.0, 2.0]
    assert [float(loss) for loss in weight_losses([network])] == [1.0]
    assert [float(loss) for loss in layer_losses(network)] == [2.0]


def test_outputs_are_widened():
    network = keras.Sequential(
        [keras.Input((2,)), layers.Dense(1, dtype="mixed_bfloat16")]
    )
    output = make_judge(network).outputs(ops.ones((1, 2)))
    assert keras.backend.standardize_dtype(output.dtype) == "float32"
