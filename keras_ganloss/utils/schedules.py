"""Settings that are numbers, or follow a schedule."""

import keras
from keras import ops


def check_value(name, value):
    """Returns a setting; raises unless it is a number or a schedule.

    Args:
        name: The setting's name, for the message.
        value: Number of at least 0, or a
            `keras.optimizers.schedules.LearningRateSchedule`.
    """
    if isinstance(value, keras.optimizers.schedules.LearningRateSchedule):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(
            f"`{name}` must be a number, or a "
            "`keras.optimizers.schedules.LearningRateSchedule`. "
            f"Received: {name}={value!r} (of type {type(value).__name__})"
        )
    if not value >= 0:
        raise ValueError(
            f"`{name}` must not be negative. Received: {name}={value}"
        )
    return float(value)


def value_at(value, step):
    """Returns a setting at a step, a float or a scalar tensor."""
    return ops.cast(value(step), "float32") if callable(value) else value
