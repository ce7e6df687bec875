"""A penalty that runs away."""

from typing import Any

from keras_ganloss.monitors.monitor import Monitor
from keras_ganloss.monitors.monitor import Reading
from keras_ganloss.utils import arguments


class ExplodingPenalty(Monitor):
    """Names a penalty that has grown out of all proportion.

    Penalties come with their weights, in units of the loss, where knowing
    nothing costs about 1. The evidence is a mean of the epoch above `limit`
    that does not fall: large penalties are common in the first epochs, but
    then the discriminator learns to avoid them.

    Args:
        limit: Float, what no penalty should be.
        patience: See `Monitor`.
    """

    remedy = (
        "Lower the discriminator's learning rate, or the penalty's weight: "
        "the product of both is too large for the optimizer. Clip its "
        "gradient (`Adam(clipnorm=1.0)`), and scale the data to about [-1, 1]."
    )

    def __init__(self, limit: float = 100.0, patience: int = 3) -> None:
        super().__init__(patience)
        self.limit: float = arguments.positive("limit", limit)

    def begin(self, observation: Any) -> None:
        self._least = {}

    def read(self, observation: Any) -> Reading:
        values = {
            name: observation.logs[name]
            for name in observation.penalties
            if name in observation.logs
        }
        evidence = [
            f"{name} is {value:.3g} (most: {self.limit:g}), and was "
            f"{self._least[name]:.3g}"
            for name, value in values.items()
            if value > self.limit and value >= self._least.get(name, value + 1)
        ]
        for name, value in values.items():
            self._least[name] = min(self._least.get(name, value), value)
        return Reading({}, "; ".join(evidence) or None)
