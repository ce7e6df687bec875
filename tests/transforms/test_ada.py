import numpy as np
import pytest
from keras import ops

from keras_ganloss.transforms import ADA
from keras_ganloss.transforms import DiffAugment
from keras_ganloss.transforms import InstanceNoise
from keras_ganloss.transforms import Pack
from keras_ganloss.transforms import Transform
from tests.helpers.turns import make_turn


class Plus(Transform):
    """Adds a number."""

    def __init__(self, number):
        self.number = number

    def __call__(self, samples, condition, turn):
        return samples + self.number, condition


def outputs(*values):
    return ops.reshape(ops.convert_to_tensor(np.float32(values)), (-1, 1))


def learn(ada, *values):
    ada.update_state(outputs(*values), outputs(*values))
    return float(ada.probability.value)


def test_probability_by_hand():
    """Two batches of four judged samples a measurement, speed 1 / 100."""
    ada = ADA([], target=0.25, interval=2, num_samples=100)
    assert learn(ada, 1.0, 2.0, 3.0, 4.0) == 0.0  # Not yet.
    # Signs 4 and 0 in 8: 0.5 > 0.25, up by 8 / 100.
    assert learn(ada, 1.0, -2.0, 0.1, -4.0) == pytest.approx(0.08)
    learn(ada, 1.0, 2.0, 3.0, -4.0)
    # Signs 2 and -2: 0 < 0.25, down by 8 / 100.
    assert learn(ada, -1.0, -2.0, -3.0, 4.0) == pytest.approx(0.0)
    # What was measured is forgotten: 2 and 0, equal to the target.
    learn(ada, 1.0, 2.0, 3.0, -4.0)
    assert learn(ada, -1.0, 2.0, -3.0, 4.0) == pytest.approx(0.0)


def test_probability_stays_a_probability():
    ada = ADA([], interval=1, num_samples=3, initial=0.5)
    assert learn(ada, 1.0, 1.0) == 1.0
    assert learn(ada, -1.0, -1.0) == pytest.approx(1.0 / 3.0)
    assert learn(ada, -1.0, -1.0) == 0.0


def test_patches_count_as_one_sample():
    ada = ADA([], interval=1, num_samples=10)
    ada.update_state(ops.ones((2, 3, 3, 1)), ops.ones((2, 3, 3, 1)))
    assert float(ada.probability.value) == pytest.approx(0.2)


@pytest.mark.parametrize("initial", [0.0, 1.0])
def test_never_and_always(initial):
    y, _ = ADA([Plus(1.0), Plus(2.0)], initial=initial)(
        ops.zeros((50, 2)), None, make_turn()
    )
    np.testing.assert_array_equal(ops.convert_to_numpy(y), 3.0 * initial)


def test_each_augmentation_meets_each_sample_alone():
    y, _ = ADA([Plus(1.0), Plus(2.0)], initial=0.3)(
        ops.zeros((20_000, 2)), None, make_turn()
    )
    y = ops.convert_to_numpy(y)
    np.testing.assert_array_equal(y[:, 0], y[:, 1])  # Whole samples.
    shares = [(y[:, 0] == total).mean() for total in range(4)]
    expected = [0.49, 0.21, 0.21, 0.09]
    np.testing.assert_allclose(shares, expected, atol=5 * 0.5 / 20_000**0.5)


def test_inner_transforms_learn_and_are_remembered():
    inner = ADA([], interval=1, num_samples=10)
    outer = ADA([inner, DiffAugment()], interval=1, num_samples=20)
    learn(outer, 1.0, 1.0)
    assert float(inner.probability.value) == pytest.approx(0.2)
    assert float(outer.probability.value) == pytest.approx(0.1)
    assert len(outer.state) == 2 * len(inner.state)


def test_what_changes_the_shape_is_refused():
    with pytest.raises(ValueError, match="keep the shape.*Received: "):
        ADA([InstanceNoise(), Pack(2)]).output_shapes([(None, 4)])


@pytest.mark.parametrize(
    "arguments",
    [
        {"target": 1.5},
        {"interval": 0},
        {"num_samples": 0},
        {"initial": -0.1},
        {"augmentations": ["diff_augment"]},
        {"augmentations": DiffAugment()},
    ],
    ids=lambda arguments: next(iter(arguments)),
)
def test_arguments(arguments):
    with pytest.raises(ValueError, match="Received: "):
        ADA(**{"augmentations": [], **arguments})
