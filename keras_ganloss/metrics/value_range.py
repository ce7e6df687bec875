"""The values of black and of white in images."""

import warnings
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss.metrics.numpy_value import numpy_value
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor

TOLERANCE = 0.01  # Of the range: what resizing may add.


def to_unit(images: Tensor, value_range: Sequence[float]) -> Tensor:
    """Maps black to zero and white to one."""
    low, high = value_range
    return (images - low) / (high - low)


class SeenRange(keras.metrics.Metric):
    """The smallest and the largest value of samples, and zero.

    Args:
        name: Optional name.
    """

    lowest: keras.Variable
    highest: keras.Variable

    def __init__(self, name: str = "seen_range") -> None:
        super().__init__(name=name, dtype="float32")
        # What one replica sees is enough, and no sum of several.
        self.lowest, self.highest = (
            self.add_variable(
                (),
                "zeros",
                dtype="float32",
                aggregation="only_first_replica",
                name=name,
            )
            for name in ("lowest", "highest")
        )

    def update_state(self, samples: Nest) -> None:
        for part in keras.tree.flatten(samples):
            part = ops.cast(part, "float32")
            self.lowest.assign(ops.minimum(self.lowest.value, ops.min(part)))
            self.highest.assign(ops.maximum(self.highest.value, ops.max(part)))

    def result(self) -> Any:
        """Returns a pair of floats."""
        return tuple(
            float(numpy_value(variable))
            for variable in (self.lowest, self.highest)
        )

    def check(self, value_range: Sequence[float]) -> None:
        """Raises, or warns, if samples are not what a range says.

        Raises:
            ValueError: If they lie outside of it.
        """
        lowest, highest = self.result()
        low, high = value_range
        margin = TOLERANCE * (high - low)
        if lowest < low - margin or highest > high + margin:
            raise ValueError(
                "The real samples lie outside of `value_range`, the values of "
                "black and of white, so the network has not seen them as they "
                f"are. Pass theirs. Received: value_range={value_range}, "
                f"samples from {lowest:g} to {highest:g}"
            )
        if low < 0.0 == lowest < highest:
            warnings.warn(
                "No real sample is darker than gray. If 0 is black, pass "
                f"`value_range=(0, {highest:g})`. "
                f"Received: value_range={value_range}",
                stacklevel=2,
            )
