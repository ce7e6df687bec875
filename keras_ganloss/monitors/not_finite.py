"""NaN or infinity."""

import math
from typing import Any

from keras_ganloss.monitors.monitor import Monitor
from keras_ganloss.monitors.monitor import Reading


class NotFinite(Monitor):
    """Names NaN or infinity, and stops `fit` at the batch it comes up in.

    The logs are looked at after each batch (with `steps_per_execution`, after
    each such group), and at the end of the epoch the samples and the outputs
    too. Weights that are NaN do not recover.
    """

    watches_beginning = True
    remedy = (
        "Go back to a backup from before, or let `action=RollBack()` do it. "
        "Lower the learning rates; clip gradients (`Adam(clipnorm=1.0)`); "
        "check the data, and losses of your own for logarithms and roots of "
        "zero; in float16 train with `mixed_bfloat16` instead."
    )

    def __init__(self) -> None:
        super().__init__(patience=1)

    def stops(self, logs: dict[str, Any]) -> bool:
        return bool(not_finite(logs))

    def read(self, observation: Any) -> Reading:
        wrong = not_finite(observation.logs)
        for name in ("real", "held_out"):
            view = getattr(observation, name)
            if view is not None and not view.is_finite():
                wrong.append(f"what the networks return on `{name}`")
        return Reading({}, f"not finite: {', '.join(wrong)}" if wrong else None)


def not_finite(logs: dict[str, Any]) -> list[Any]:
    """Returns a list of the names of logs that are not finite."""
    return [
        name for name, value in logs.items() if not math.isfinite(float(value))
    ]
