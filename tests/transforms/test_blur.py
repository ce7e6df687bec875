import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.transforms import Blur
from keras_ganloss.transforms.blur import blur_matrix
from tests.helpers.networks import raises
from tests.helpers.turns import make_turn


def blurred(stddev, x, step=0):
    y, _ = Blur(stddev)(ops.convert_to_tensor(x), None, make_turn(step=step))
    return ops.convert_to_numpy(y)


def test_a_point_by_hand():
    x = np.zeros((1, 9, 1), "float32")
    x[0, 4] = 1.0
    kernel = np.array([0, 2**-9.0, 2**-4.0, 0.5, 1, 0.5, 2**-4.0, 2**-9.0, 0])
    # At the border less is inside, and that adds up to one.
    inside = [1.5 + 2**-4.0 + 2**-9.0 + more for more in (0, 0.5, 0.5625)]
    total = 2 * (0.5 + 2**-4.0 + 2**-9.0) + 1
    sums = [*inside, total, total, total, *inside[::-1]]
    np.testing.assert_allclose(blurred(1.0, x)[0, :, 0], kernel / sums, 1e-5)


@pytest.mark.parametrize("shape", [(7, 2), (7, 5, 3), (3, 4, 5, 2)])
def test_axes_are_blurred_one_after_the_other(shape):
    x = np.random.default_rng(0).normal(size=(2, *shape)).astype("float32")
    expected = x
    for axis in range(1, len(shape)):
        matrix = ops.convert_to_numpy(blur_matrix(shape[axis - 1], 0.8))
        expected = np.moveaxis(
            np.tensordot(matrix, expected, (1, axis)), 0, axis
        )
    np.testing.assert_allclose(blurred(0.8, x), expected, atol=1e-5)
    np.testing.assert_allclose(blurred(2.0, np.ones_like(x)), 1.0, 1e-5)


@pytest.mark.parametrize("stddev", [0.0, 0.33])
def test_a_small_blur_is_none(stddev):
    x = np.random.default_rng(0).normal(size=(2, 6, 6, 1)).astype("float32")
    np.testing.assert_array_equal(blurred(stddev, x), x)


def test_it_fades_with_the_steps():
    fading = keras.optimizers.schedules.PolynomialDecay(2.0, 10, 0.0)
    x = np.random.default_rng(0).normal(size=(2, 6, 6, 1)).astype("float32")
    np.testing.assert_allclose(
        blurred(fading, x, step=5), blurred(1.0, x), atol=1e-6
    )
    np.testing.assert_array_equal(blurred(fading, x, step=10), x)


def test_unknown_sizes():
    for shape in [(None, None, 1), (None, 3)]:
        with raises("`Blur` needs samples"):
            Blur(1.0).output_shapes([shape])
