"""Oscillation: the players chase each other."""

from typing import Any

import numpy as np

from keras_ganloss.monitors import statistics
from keras_ganloss.monitors.mode_collapse import ratio
from keras_ganloss.monitors.monitor import Monitor
from keras_ganloss.monitors.monitor import Reading
from keras_ganloss.monitors.monitor import check_fraction
from keras_ganloss.utils import arguments

MOST_SAMPLES = 64


class Oscillation(Monitor):
    """Names a generator that goes round and round and gets nowhere.

    `fake_motion` is the mean way that the samples of fixed noise went in the
    epoch, over the mean distance of two samples of the data. `fake_distance`
    is the energy distance of generated and real samples as a share of the
    distance between them: about 0 if they are alike, up to 1.

    The evidence: over the last `window` epochs the samples went far, ended
    near to where they began compared with the way they went, and are not like
    the data for that. Samples that change places while all of them together
    stay like the data do no harm.

    Args:
        min_motion: Float, the mean motion of an epoch from which on samples
            go far.
        max_gain: Float, the distance from begin to end over the way between,
            below which the way led nowhere.
        max_distance: Float, the mean `fake_distance` up to which samples are
            like the data.
        window: Int, the number of epochs looked at.
        patience: See `Monitor`.

    Reference: [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406)
    """

    needs: tuple[str, ...] = ("real",)
    numbers: tuple[str, ...] = ("fake_motion", "fake_distance")
    remedy = (
        "Add `penalties=[R1(0.1)]` (for `'wasserstein'`: "
        "`GradientPenalty(10.0)` with `d_steps=5`), which makes the game "
        "converge; use `Adam(beta_1=0.0)` for both players; lower the "
        "learning rates; keep an average of the generator with `ema=0.999`."
    )

    def __init__(
        self,
        min_motion: float = 0.2,
        max_gain: float = 0.5,
        max_distance: float = 0.1,
        window: int = 8,
        patience: int = 2,
    ) -> None:
        super().__init__(patience)
        check_fraction(max_gain=max_gain, max_distance=max_distance)
        self.min_motion: float = arguments.positive("min_motion", min_motion)
        self.max_gain = max_gain
        self.max_distance = max_distance
        self.window: int = arguments.int_of_at_least(3, "window", window)

    @property
    def limits(self) -> dict[str, tuple[str, float]]:
        return {
            "fake_motion": ("above", self.min_motion),
            "fake_distance": ("above", self.max_distance),
        }

    def begin(self, observation: Any) -> None:
        self._within = [
            statistics.distances(part, part) for part in observation.real.real
        ]
        self._trail = [self._fixed(observation)]
        self._distances = []

    def read(self, observation: Any) -> Reading:
        self._trail = [*self._trail, self._fixed(observation)][
            -self.window - 1 :
        ]
        distance = statistics.largest_energy(
            self._within, observation.real.real, observation.real.fake
        )
        self._distances = [*self._distances, distance]
        self._distances = self._distances[-self.window :]
        steps = [
            self._way(*pair) for pair in zip(self._trail[:-1], self._trail[1:])
        ]
        numbers = dict(
            zip(self.numbers, map(float, (steps[-1], self._distances[-1])))
        )
        if len(steps) < self.window:
            return Reading(numbers)
        motion, distance = np.mean(steps), np.mean(self._distances)
        gain = ratio(self._way(self._trail[0], self._trail[-1]), np.sum(steps))
        if (
            motion < self.min_motion
            or gain > self.max_gain
            or distance < self.max_distance
        ):
            return Reading(numbers)
        return Reading(
            numbers,
            f"in {self.window} epochs samples went {motion:.2g} of the data's "
            f"scale an epoch (most: {self.min_motion}) and came {gain:.2g} of "
            f"the way (least: {self.max_gain}), and their distance to the "
            f"data is {distance:.2g} (most: {self.max_distance})",
        )

    def _fixed(self, observation):
        return [part[:MOST_SAMPLES] for part in observation.real.fake]

    def _way(self, before, after):
        """Mean distance samples went, over that of two samples of the data.

        Of several parts the largest.
        """
        return max(
            ratio(
                np.linalg.norm(new - old, axis=1).mean(),
                statistics.mean_within(within),
            )
            for old, new, within in zip(
                before, after, self._within, strict=True
            )
        )
