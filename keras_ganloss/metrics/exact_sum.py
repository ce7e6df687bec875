"""Sums over batches in float32 variables that lose nothing to rounding.

JAX has no float64 in a compiled step unless it is switched on for the whole
process; sums of many batches would be good to three or four digits there,
and a Fréchet distance is a small difference of such sums.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss.metrics.numpy_value import numpy_value
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Shape

# Of two numbers with eight bits each, 256 products add up exactly in float32.
_BITS = 2.0**7
_POWERS = 2.0 ** np.arange(-100.0, 101.0)


class ExactSum(keras.metrics.Metric):
    """The sum of tensors, as a number and what was lost of it by rounding.

    Args:
        shape: Tuple, the shape of the tensors.
        name: Optional name.

    Example:

    >>> total = ExactSum(())
    >>> for term in (1.0, 1e-9, -1.0):
    ...     total.update_state(term)
    >>> f"{total.result():.3g}"
    '1e-09'

    Reference: [Neumaier, 1974](https://doi.org/10.1002/zamm.19740540106)
    """

    def __init__(self, shape: Shape, name: str = "exact_sum") -> None:
        super().__init__(name=name, dtype="float32")
        self.shape: tuple[int, ...] = tuple(shape)
        self.total: keras.Variable = self.add_variable(
            self.shape, "zeros", dtype="float32", name="total"
        )
        self.lost: keras.Variable = self.add_variable(
            self.shape, "zeros", dtype="float32", name="lost"
        )

    def update_state(self, term: str) -> None:
        term = ops.cast(term, "float32")
        before = self.total.value
        after = before + term
        added = after - before
        lost = (before - (after - added)) + (term - added)
        self.total.assign(after)
        self.lost.assign(self.lost.value + lost)

    def result(self) -> Any:
        """Returns a float64 numpy array."""
        return sum(
            numpy_value(part).astype("float64")
            for part in (self.total, self.lost)
        )

    def get_config(self) -> dict[str, Any]:
        return {"shape": self.shape, "name": self.name}


def exact_difference(numbers: Any, others: Nest) -> tuple[Any, Any]:
    """Returns `numbers - others`, rounded, and what was lost by rounding.

    Args:
        numbers, others: Float32 tensors of shapes that broadcast.

    Reference: [Knuth, 1997](https://www-cs-faculty.stanford.edu/~knuth/taocp.html)
    """
    difference = numbers - others
    subtracted = difference - numbers
    lost = (numbers - (difference - subtracted)) - (others + subtracted)
    return difference, lost


def exact_products(rows: Any, lost: float = 0.0) -> list[Any]:
    """Returns terms whose sum is `transpose(rows) @ rows`, to 40 bits.

    Rows are cut into their leading eight bits, the next eight, and the rest.
    Products of the first two add up exactly for up to 256 rows; with more
    rows, what is lost grows slowly. Those of the rest are small.

    Args:
        rows: Float32 tensor of shape `(batch_size, size)`.
        lost: What rows have lost by rounding, a tensor of their shape.
            Defaults to nothing.

    Returns:
        List of float32 tensors of shape `(size, size)`, the largest first.

    Reference: [Ozaki et al., 2012](https://doi.org/10.1007/s11075-011-9478-1)
    """
    scale = _power_of_two_above(ops.max(ops.abs(rows), axis=0))
    unit = scale / _BITS
    first = ops.round(rows / unit) * unit
    rest = rows - first
    unit = unit / (2.0 * _BITS)
    second = ops.round(rest / unit) * unit
    third = (rest - second) + lost
    across = ops.transpose(first) @ second
    # Half of the rest, since its transpose adds the other half.
    small = ops.transpose(first + second + 0.5 * third) @ third
    return [
        ops.transpose(first) @ first,
        across + ops.transpose(across),
        ops.transpose(second) @ second + small + ops.transpose(small),
    ]


def _power_of_two_above(numbers):
    powers = ops.convert_to_tensor(_POWERS, "float32")
    larger = ops.expand_dims(numbers, -1) <= powers
    return ops.min(ops.where(larger, powers, np.inf), axis=-1)
