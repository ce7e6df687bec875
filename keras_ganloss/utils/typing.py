"""Names in signatures, for what Keras has no type that holds everywhere."""

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

# Of the backend in use, or what converts to one.
Tensor = Any
# A tensor, or lists, tuples and dicts of nests.
Nest = Any
# Of ints, and of `None` where a length is not known.
Shape = Sequence[Any]
# A number, or one that is a function of the step, such as a
# `keras.optimizers.schedules.LearningRateSchedule`.
Schedule = float | Callable[[Any], Any]
# What Keras tells callbacks: names of logs and their values.
Logs = dict[str, Any] | None
