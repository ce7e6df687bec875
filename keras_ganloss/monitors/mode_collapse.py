"""Mode collapse: the generator repeats itself."""

from typing import Any
from typing import NamedTuple
from typing import Self

import numpy as np

from keras_ganloss.monitors import statistics
from keras_ganloss.monitors.heavy_penalty import HeavyPenalty
from keras_ganloss.monitors.monitor import Monitor
from keras_ganloss.monitors.monitor import Reading
from keras_ganloss.monitors.monitor import check_fraction
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor

SAMPLES_PER_REGION = 32
MOST_REGIONS = 32
# Regions of the data that are nearer than this share of the mean distance of
# two samples are one: a generator may well prefer one side of a mode.
APART = 0.25
# A region with less than this share of its samples is lost.
LEAST_SHARE = 0.1
# Distances below this share of the mean one are between copies.
ROUNDING = 1e-6


class ModeCollapse(Monitor):
    """Names a generator that makes fewer kinds of samples than there are.

    Three numbers, each 1 (`fake_coverage`) or about 1 (the others) for
    samples like the data:

    * `fake_diversity`: the mean distance of two generated samples over that
      of two real ones. 0 where the generator makes one sample only.
    * `fake_spread`: the same for the distance to the nearest other sample. 0
      where it makes a few samples again and again.
    * `fake_coverage`: the share of the data that lie in regions the generator
      reaches at all. The regions are those of k-means; a lost one has less
      than a tenth of the samples it should have. It finds the modes that are
      missing, be the others as diverse as the data.

    Samples that are still bad do not count as collapsed as long as coverage
    or diversity rises, nor where a `HeavyPenalty` keeps the discriminator
    from learning.

    Args:
        min_diversity, min_spread, min_coverage: Floats, below which the
            numbers show collapse.
        patience: See `Monitor`.

    Reference: [Richardson and Weiss, 2018](https://arxiv.org/abs/1805.12462),
    whose number of statistically different bins the coverage is close to.
    """

    needs: tuple[str, ...] = ("real",)
    numbers: tuple[str, ...] = (
        "fake_diversity",
        "fake_spread",
        "fake_coverage",
    )
    remedy = (
        "Add `penalties=[R1(0.1), R2(0.1)]` and take "
        "`d_loss='relativistic'`, which keeps modes; or let the discriminator "
        "see several samples at once: `transforms=[Pack(2)]`, or a layer "
        "`MinibatchStandardDeviation` in it. Lower the generator's learning "
        "rate, and give it more latents if they are fewer than the data's "
        "degrees of freedom."
    )

    def __init__(
        self,
        min_diversity: float = 0.3,
        min_spread: float = 0.02,
        min_coverage: float = 0.8,
        patience: int = 5,
    ) -> None:
        super().__init__(patience)
        check_fraction(
            min_diversity=min_diversity,
            min_spread=min_spread,
            min_coverage=min_coverage,
        )
        self.min_diversity = min_diversity
        self.min_spread = min_spread
        self.min_coverage = min_coverage

    @property
    def limits(self) -> dict[str, tuple[str, float]]:
        return {
            "fake_diversity": ("below", self.min_diversity),
            "fake_spread": ("below", self.min_spread),
            "fake_coverage": ("below", self.min_coverage),
        }

    def begin(self, observation: Any) -> None:
        self._references = [Reference.of(p) for p in observation.real.real]
        self._best = 0.0
        self._heavy_penalty = HeavyPenalty()
        self._heavy_penalty.begin(observation)

    def read(self, observation: Any) -> Reading:
        values = np.array(
            [
                reference.compare(part)
                for reference, part in zip(
                    self._references, observation.real.fake, strict=True
                )
            ]
        )
        # A game of several parts is as bad as its worst.
        diversity, spread, coverage = values.min(axis=0)
        numbers = dict(
            zip(self.numbers, map(float, (diversity, spread, coverage)))
        )
        # How far the samples have come, to tell young ones from stuck ones.
        progress = min(diversity, 1.0) + coverage
        improves = progress > self._best + 0.05
        self._best = max(self._best, progress)
        is_low = (
            diversity < self.min_diversity
            or spread < self.min_spread
            or coverage < self.min_coverage
        )
        untaught = self._heavy_penalty.read(observation).evidence is not None
        if improves or not is_low or untaught:
            return Reading(numbers)
        return Reading(
            numbers,
            f"two samples are {diversity:.2g} as far apart as two of the data "
            f"(least: {self.min_diversity}), the nearest two {spread:.2g} "
            f"({self.min_spread}), and {coverage:.0%} of the data lie where "
            f"samples come ({self.min_coverage:.0%})",
        )


class Reference(NamedTuple):
    """What samples are compared with.

    Attributes:
        distance: Mean distance of two samples of the data.
        nearest: Mean distance to the nearest other one.
        centers: Centers of the regions of the data.
        shares: Share of the data in each.
    """

    distance: float
    nearest: float
    centers: np.ndarray
    shares: np.ndarray

    @classmethod
    def of(cls, samples: Nest) -> Self:
        """Returns the reference that data of shape `(num, size)` give."""
        matrix = statistics.distances(samples, samples)
        distance = statistics.mean_within(matrix)
        num = min(max(len(samples) // SAMPLES_PER_REGION, 2), MOST_REGIONS)
        centers = statistics.cluster(samples, num, APART * distance)
        nearest = statistics.nearest_within(matrix)
        if nearest < ROUNDING * distance:
            nearest = 0.0
        return cls(distance, nearest, centers, shares(samples, centers))

    def compare(self, samples: Nest) -> tuple[float, float, float]:
        """Returns the diversity, the spread and the coverage of samples."""
        matrix = statistics.distances(samples, samples)
        found = shares(samples, self.centers)
        reached = found >= LEAST_SHARE * self.shares
        return (
            ratio(statistics.mean_within(matrix), self.distance),
            ratio(statistics.nearest_within(matrix), self.nearest),
            self.shares[reached].sum(),
        )


def shares(samples: Nest, centers: Tensor) -> Tensor:
    """Returns the share of samples nearest to each center."""
    owner = statistics.distances(samples, centers).argmin(axis=1)
    return np.bincount(owner, minlength=len(centers)) / len(samples)


def ratio(value: float, reference: float) -> float:
    """Returns a quotient; data that are all the same ask for nothing."""
    return value / reference if reference > 0.0 else 1.0
