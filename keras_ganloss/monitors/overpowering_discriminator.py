"""The discriminator has won."""

from typing import Any

from keras_ganloss.monitors.monitor import Monitor
from keras_ganloss.monitors.monitor import Reading
from keras_ganloss.monitors.monitor import check_fraction


class OverpoweringDiscriminator(Monitor):
    """Names a discriminator that is nearly always right.

    The evidence is `d_accuracy` of the epoch: the share of pairs whose real
    sample scores higher. The generator then learns little from it, whatever
    the loss. Where an explicit loss leads, as in a `SupervisedGAN` with a
    small weight of the learned one, this may be what you want: leave the
    monitor out.

    Args:
        max_accuracy: Float, above which the discriminator has won.
        patience: See `Monitor`.
    """

    remedy = (
        "Add `penalties=[R1(0.1)]` or make its weight ten times larger; lower "
        "`d_steps` or the discriminator's learning rate; with few data add "
        "`transforms=[DiffAugment()]`."
    )

    def __init__(self, max_accuracy: float = 0.99, patience: int = 5) -> None:
        super().__init__(patience)
        check_fraction(max_accuracy=max_accuracy)
        self.max_accuracy = max_accuracy

    @property
    def limits(self) -> dict[str, tuple[str, float]]:
        return {"d_accuracy": ("above", self.max_accuracy)}

    def read(self, observation: Any) -> Reading:
        logs = observation.logs
        if logs["d_accuracy"] <= self.max_accuracy:
            return Reading({})
        gap = logs["real_output"] - logs["fake_output"]
        return Reading(
            {},
            f"d_accuracy is {logs['d_accuracy']:.3f} (most: "
            f"{self.max_accuracy}), real samples score {gap:.3g} higher",
        )
