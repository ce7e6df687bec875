"""Vanishing gradient: the discriminator is right and says no more why."""

from typing import Any

from keras_ganloss.monitors import statistics
from keras_ganloss.monitors.monitor import Monitor
from keras_ganloss.monitors.monitor import Reading
from keras_ganloss.monitors.monitor import check_fraction


class VanishingGradient(Monitor):
    """Names a generator that is told it is wrong, and not what to change.

    `fake_gradient` is the mean norm of the gradient of the generator's
    adversarial loss with respect to one of its samples. The norm is taken for
    each sample, before the mean: at an equilibrium gradients cancel, here
    they do not. The evidence is its fall from the largest value so far, that
    before training included, while the discriminator tells most samples
    apart. Where it cannot, a small gradient is the end of the game.

    Args:
        min_ratio: Float, the share of the largest value below which the
            gradient has vanished.
        min_accuracy: Float, how often the discriminator must be right.
        patience: See `Monitor`.

    Reference: [Arjovsky and Bottou, 2017](https://arxiv.org/abs/1701.04862)
    """

    needs: tuple[str, ...] = ("real",)
    numbers: tuple[str, ...] = ("fake_gradient",)
    remedy = (
        "Take a loss whose generator's side does not saturate: "
        "`d_loss='modified_minimax'` or `'relativistic'` in place of "
        "`'minimax'`. Add `penalties=[R1(0.1)]`, which keeps the "
        "discriminator's slope from going flat, or "
        "`transforms=[InstanceNoise(0.1)]`; lower `d_steps` or the "
        "discriminator's learning rate."
    )

    def __init__(
        self,
        min_ratio: float = 0.05,
        min_accuracy: float = 0.9,
        patience: int = 3,
    ) -> None:
        super().__init__(patience)
        check_fraction(min_ratio=min_ratio, min_accuracy=min_accuracy)
        self.min_ratio = min_ratio
        self.min_accuracy = min_accuracy

    def begin(self, observation: Any) -> None:
        self._largest = observation.real.gradient

    def read(self, observation: Any) -> Reading:
        view = observation.real
        self._largest = max(self._largest, view.gradient)
        accuracy = statistics.share_above(view.real_output, view.fake_output)
        numbers = {"fake_gradient": view.gradient}
        if (
            view.gradient >= self.min_ratio * self._largest
            or accuracy < self.min_accuracy
        ):
            return Reading(numbers)
        return Reading(
            numbers,
            f"the generator's gradient fell from {self._largest:.2g} to "
            f"{view.gradient:.2g} a sample (least: {self.min_ratio} of it), "
            f"and the discriminator is right on {accuracy:.0%} of the pairs",
        )
