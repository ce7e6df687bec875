"""Settings that are numbers, or follow a schedule."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Schedule

HINT = "Or pass a `keras.optimizers.schedules.LearningRateSchedule`."


def check_value(name: str, value: Any) -> Schedule:
    """Returns a setting; raises unless it is a number or a schedule.

    Args:
        name: The setting's name, for the message.
        value: Number of at least 0, or a
            `keras.optimizers.schedules.LearningRateSchedule`.
    """
    if isinstance(value, keras.optimizers.schedules.LearningRateSchedule):
        return value
    return arguments.non_negative(
        name,
        value,
        HINT,
    )


def value_at(value: Any, step: Any) -> Any:
    """Returns a setting at a step, a float or a scalar tensor."""
    return ops.cast(value(step), "float32") if callable(value) else value
