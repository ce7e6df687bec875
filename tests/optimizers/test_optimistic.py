import keras
import numpy as np
import pytest

from keras_ganloss.optimizers import OptimisticAdam
from keras_ganloss.optimizers import OptimisticSGD
from keras_ganloss.optimizers import ScheduledAdam

GRADIENTS = [(1.0, -2.0), (0.5, 3.0), (-0.25, 0.0), (2.0, 1.0)]


def descend(optimizer, gradients=GRADIENTS, start=(1.0, 1.0)):
    variable = keras.Variable(np.float32(start))
    if not optimizer.built:
        optimizer.build([variable])
    for gradient in gradients:
        value = keras.ops.convert_to_tensor(np.float32(gradient))
        optimizer.apply([value], [variable])
    return keras.ops.convert_to_numpy(variable)


def adam_steps(beta_1, beta_2, epsilon=1e-8):
    """The steps of Adam; `beta_2` is a function of the update's index."""
    mean, square = np.zeros(2), np.zeros(2)
    for index, gradient in enumerate(map(np.array, GRADIENTS)):
        beta = beta_2(index)
        mean = beta_1 * mean + (1 - beta_1) * gradient
        square = beta * square + (1 - beta) * gradient**2
        corrected = square / (1 - beta ** (index + 1))
        mean_corrected = mean / (1 - beta_1 ** (index + 1))
        yield mean_corrected / (np.sqrt(corrected) + epsilon)


def optimistic(steps, rate, start=1.0):
    value, before = start, None
    for step in steps:
        before = step if before is None else before
        value = value - rate * (2 * step - before)
        before = step
    return value


def test_sgd_by_recursion():
    expected = optimistic(map(np.array, GRADIENTS), 0.1)
    np.testing.assert_allclose(descend(OptimisticSGD(0.1)), expected, 1e-5)


def test_adam_by_recursion():
    expected = optimistic(adam_steps(0.5, lambda _: 0.9), 0.1)
    np.testing.assert_allclose(descend(OptimisticAdam(0.1)), expected, 1e-5)


def test_a_constant_gradient_is_plain_descent():
    found = descend(OptimisticSGD(0.1), [(1.0, -2.0)] * 5)
    np.testing.assert_allclose(found, [0.5, 2.0], rtol=1e-6)


@pytest.mark.parametrize("fixed", [True, False])
def test_beta_2(fixed):
    schedule = keras.optimizers.schedules.PolynomialDecay(0.5, 4, 0.9)
    optimizer = ScheduledAdam(0.1, 0.3, 0.8 if fixed else schedule)
    steps = adam_steps(
        0.3, lambda index: 0.8 if fixed else 0.5 + 0.4 * index / 4, 0.0
    )
    expected = 1.0 - 0.1 * sum(steps)
    np.testing.assert_allclose(descend(optimizer), expected, rtol=1e-5)


def test_fixed_beta_2_is_adam():
    theirs = keras.optimizers.Adam(0.1, beta_1=0.0, beta_2=0.99)
    np.testing.assert_allclose(
        descend(ScheduledAdam(0.1)), descend(theirs), rtol=1e-5
    )


SCHEDULE = keras.optimizers.schedules.PolynomialDecay(0.9, 10, 0.99)


@pytest.mark.parametrize(
    "optimizer",
    [
        OptimisticSGD(0.25, clipnorm=1.0),
        OptimisticAdam(0.25, 0.1, 0.2, 1e-3),
        ScheduledAdam(0.25, 0.1, SCHEDULE),
        ScheduledAdam(0.25),
    ],
    ids=lambda optimizer: optimizer.name,
)
def test_config_round_trip(optimizer):
    config = keras.saving.serialize_keras_object(optimizer)
    again = keras.saving.deserialize_keras_object(config)
    assert keras.saving.serialize_keras_object(again) == config
