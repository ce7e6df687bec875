"""The generator has outrun the discriminator."""

from typing import Any

from keras_ganloss.monitors.monitor import Monitor
from keras_ganloss.monitors.monitor import Reading
from keras_ganloss.monitors.monitor import check_fraction


class OverpoweredDiscriminator(Monitor):
    """Names a discriminator that takes generated samples for real ones.

    The evidence is `d_accuracy` of the epoch. 0.5 is a discriminator that
    cannot tell; well below, it tells and is wrong: the generator has found
    what it likes, which need not be like the data, and it learns too slowly
    to follow.

    Args:
        min_accuracy: Float, below which the discriminator has lost.
        patience: See `Monitor`.
    """

    remedy = (
        "Raise the discriminator's learning rate or lower the generator's; "
        "pass `d_steps=2` or more; make its network larger, or its penalty "
        "ten times smaller."
    )

    def __init__(self, min_accuracy: float = 0.4, patience: int = 3) -> None:
        super().__init__(patience)
        check_fraction(min_accuracy=min_accuracy)
        self.min_accuracy = min_accuracy

    @property
    def limits(self) -> dict[str, tuple[str, float]]:
        return {"d_accuracy": ("below", self.min_accuracy)}

    def read(self, observation: Any) -> Reading:
        accuracy = observation.logs["d_accuracy"]
        if accuracy >= self.min_accuracy:
            return Reading({})
        return Reading(
            {}, f"d_accuracy is {accuracy:.3f} (least: {self.min_accuracy})"
        )
