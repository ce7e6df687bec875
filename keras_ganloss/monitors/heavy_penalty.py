"""A penalty that keeps the discriminator from learning."""

from typing import Any

from keras_ganloss.monitors import statistics
from keras_ganloss.monitors.monitor import Monitor
from keras_ganloss.monitors.monitor import Reading
from keras_ganloss.monitors.monitor import check_fraction


class HeavyPenalty(Monitor):
    """Names a discriminator that its penalties keep from learning.

    It is at chance like one at the end of a good game, but the samples are
    far from the data, its outputs on both have never come apart, and the
    penalties have been a good part of its loss. They fall as all outputs
    become the same, so their largest share counts. The gradient that `R1` and
    its like punish is that of the sum of all outputs, by all pixels: a weight
    that suits points is too large for pictures, and more so for patches.

    `penalty_share` is the penalties' share of the discriminator's loss.
    While it lasts, `ModeCollapse` is silent: the generator has no teacher.

    Args:
        max_share: Float, the share above which penalties are heavy, in
            whatever epoch of the run.
        min_gap: Float, how far apart the mean outputs on data and on samples
            have been at least, in some epoch, where something was learned.
        max_distance: Float, the energy distance of samples and data (see
            `Oscillation`) above which samples are far.
        patience: See `Monitor`.

    Raises:
        ValueError: If an argument is out of range.
    """

    needs: tuple[str, ...] = ("real",)
    numbers: tuple[str, ...] = ("penalty_share",)
    remedy = (
        "Divide the weight of the penalty by ten, and again until "
        "`real_output` and `fake_output` come apart in the first epochs: it "
        "has to fall with the number of pixels and of patches. Do not add "
        "penalties."
    )

    def __init__(
        self,
        max_share: float = 0.05,
        min_gap: float = 0.1,
        max_distance: float = 0.1,
        patience: int = 3,
    ) -> None:
        super().__init__(patience)
        check_fraction(max_share=max_share, max_distance=max_distance)
        if min_gap <= 0.0:
            raise ValueError(
                f"`min_gap` must be positive. Received: min_gap={min_gap}"
            )
        self.max_share = max_share
        self.min_gap = min_gap
        self.max_distance = max_distance

    @property
    def limits(self) -> dict[str, tuple[str, float]]:
        return {"penalty_share": ("above", self.max_share)}

    def begin(self, observation: Any) -> None:
        self._within = [
            statistics.distances(part, part) for part in observation.real.real
        ]
        self._widest = self._largest = 0.0

    def read(self, observation: Any) -> Reading:
        share = penalty_share(observation)
        numbers = {"penalty_share": share}
        self._largest = max(self._largest, share)
        logs = observation.logs
        if {"real_output", "fake_output"} <= logs.keys():
            gap = abs(logs["real_output"] - logs["fake_output"])
            self._widest = max(self._widest, gap)
        if self._largest <= self.max_share or self._widest >= self.min_gap:
            return Reading(numbers)
        view = observation.real
        distance = statistics.largest_energy(self._within, view.real, view.fake)
        if distance <= self.max_distance:
            return Reading(numbers)
        return Reading(
            numbers,
            f"penalties were {self._largest:.0%} of the discriminator's loss "
            f"(most: {self.max_share:.0%}), its outputs on data and on "
            f"samples were never more than {self._widest:.2g} apart (least: "
            f"{self.min_gap}), and the distance of samples to the data is "
            f"{distance:.2g} (most: {self.max_distance})",
        )


def penalty_share(observation: Any) -> float:
    """Returns the penalties' share of the discriminator's loss, from 0 to 1.

    A loss may be negative, as a critic's: it counts by its size.
    """
    logs = observation.logs
    penalties = sum(logs.get(name, 0.0) for name in observation.d_penalties)
    others = abs(logs.get("d_loss", 0.0) - penalties)
    total = abs(penalties) + others
    return abs(penalties) / total if total else 0.0
