"""Equilibrium: there is nothing left to tell apart."""

from typing import Any

from keras_ganloss.monitors import statistics
from keras_ganloss.monitors.monitor import Monitor
from keras_ganloss.monitors.monitor import Reading
from keras_ganloss.monitors.monitor import check_fraction


class Equilibrium(Monitor):
    """Says when the discriminator cannot tell samples from held-out data.

    `held_out_accuracy` is the share of pairs in which held-out data score
    higher than generated samples. At 0.5, there and on the data that are
    trained on, the discriminator is at chance; where the samples are far from
    the data, it is so because it has learned nothing, which is no
    equilibrium.

    This is good news: the samples are as good as this discriminator can make
    them.

    Args:
        tolerance: Float, how far from 0.5 still counts as chance.
        max_distance: Float, the energy distance of generated and held-out
            samples (see `Oscillation`) up to which they are alike.
        patience: See `Monitor`.
    """

    needs: tuple[str, ...] = ("real", "held_out")
    numbers: tuple[str, ...] = ("held_out_accuracy",)
    is_failure = False
    remedy = (
        "Nothing is wrong. Stop here (`action=Stop(on=['equilibrium'])`), or "
        "lower both learning rates for finer samples, or give the "
        "discriminator a larger network to learn more."
    )

    def __init__(
        self,
        tolerance: float = 0.1,
        max_distance: float = 0.1,
        patience: int = 5,
    ) -> None:
        super().__init__(patience)
        check_fraction(tolerance=tolerance, max_distance=max_distance)
        self.tolerance = tolerance
        self.max_distance = max_distance

    def begin(self, observation: Any) -> None:
        self._within = [
            statistics.distances(part, part)
            for part in observation.held_out.real
        ]

    def read(self, observation: Any) -> Reading:
        real, held_out = observation.real, observation.held_out
        accuracy = statistics.share_above(
            held_out.real_output, real.fake_output
        )
        numbers = {"held_out_accuracy": accuracy}
        # One that knows the data by heart is at chance on others only.
        on_real = statistics.share_above(real.real_output, real.fake_output)
        if max(abs(accuracy - 0.5), abs(on_real - 0.5)) > self.tolerance:
            return Reading(numbers)
        distance = statistics.largest_energy(
            self._within, held_out.real, real.fake
        )
        if distance > self.max_distance:
            return Reading(numbers)
        return Reading(
            numbers,
            f"held-out data score higher in {accuracy:.0%} of the pairs, and "
            f"the distance to them is {distance:.2g} (most: "
            f"{self.max_distance})",
        )
