"""Numbers that float32 cannot hold come through `backend.in_float64`."""

import numpy as np
from keras import ops

from keras_ganloss import backend


def test_digits_beyond_float32_are_kept():
    def difference(first, second):
        return ops.sum(first @ ops.transpose(second)) - 3.0

    first = np.array([[1.0, 1e-12]])
    second = np.array([[3.0, 1.0]])
    found = float(backend.in_float64(difference, first, second))
    np.testing.assert_allclose(found, 1e-12, rtol=1e-3)


def test_float32_comes_in_as_it_is():
    found = backend.in_float64(lambda x: x * 1.0, np.float32([0.1]))
    assert float(found[0]) == float(np.float32(0.1))
    assert "float64" in str(found.dtype)
