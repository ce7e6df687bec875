"""Means of several values in two variables."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.utils.typing import Tensor


class RunningMeans(keras.metrics.Metric):
    """Means over an epoch of values that come together in a dict.

    A `keras.metrics.Mean` per value costs two variables and four small
    operations each, which a small network feels at every step; this is two
    variables for all. The mean of no value is NaN.

    Args:
        names: The names of the values, in the order of the result.
        name: Optional name of the metric.
    """

    def __init__(self, names: Any, name: str = "running_means") -> None:
        super().__init__(name=name, dtype="float32")
        self.names: tuple[str, ...] = tuple(names)
        shape = (len(self.names),)
        self.totals: keras.Variable = self.add_variable(
            shape, "zeros", name="totals"
        )
        self.counts: keras.Variable = self.add_variable(
            shape, "zeros", name="counts"
        )

    def update_state(self, values: Tensor, count: int = 1) -> None:
        """Adds values to the means.

        Args:
            values: Dict of name to scalar. A name that is left out keeps
                its mean.
            count: What the values are means of, such as the batch size.
        """
        count = ops.cast(count, "float32")
        given = [float(name in values) for name in self.names]
        row = [
            ops.cast(values.get(name, 0.0), "float32") for name in self.names
        ]
        self.totals.assign_add(ops.stack(row) * count)
        self.counts.assign_add(ops.convert_to_tensor(given) * count)

    def result(self) -> Any:
        means = ops.divide(self.totals.value, self.counts.value)
        return dict(zip(self.names, ops.unstack(means)))
