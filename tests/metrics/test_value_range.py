"""The range of values: what is said where it is not that of the samples."""

import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics.value_range import SeenRange
from keras_ganloss.metrics.value_range import to_unit


def seen(*batches):
    seen_range = SeenRange()
    for batch in batches:
        seen_range.update_state(ops.array(batch))
    return seen_range


def test_black_is_zero_and_white_is_one():
    images = np.array([-1.0, 0.0, 1.0])
    np.testing.assert_array_equal(to_unit(images, (-1, 1)), [0.0, 0.5, 1.0])
    np.testing.assert_array_equal(to_unit(images + 3, (2, 4)), [0, 0.5, 1])


def test_extremes_of_all_batches():
    assert seen([[0.5, -0.5]], [[0.25, -0.75]]).result() == (-0.75, 0.5)
    bytes_of = np.array([[3, 200]], "uint8")
    assert seen(bytes_of).result() == (0.0, 200.0)


def test_samples_within_the_range():
    seen([-1.0, 1.0]).check((-1, 1))
    seen([0.0, 255.0]).check((0, 255))
    seen([0.0, 1.005]).check((0, 1))
    seen([np.nan]).check((0, 1))


@pytest.mark.parametrize(
    "samples, value_range", [([0.0, 255.0], (-1, 1)), ([-1.0, 1.0], (0, 1))]
)
def test_samples_outside_of_the_range(samples, value_range):
    with pytest.raises(ValueError, match="samples from .* to ") as error:
        seen(samples).check(value_range)
    assert f"Received: value_range={value_range}" in str(error.value)


def test_samples_that_use_half_of_the_range():
    with pytest.warns(UserWarning, match=r"pass `value_range=\(0, 1\)`"):
        seen([0.0, 1.0]).check((-1, 1))
