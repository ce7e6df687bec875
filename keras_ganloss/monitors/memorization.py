"""Memorization: the players know the data by heart."""

from typing import Any

from keras_ganloss.monitors import statistics
from keras_ganloss.monitors.monitor import Monitor
from keras_ganloss.monitors.monitor import Reading
from keras_ganloss.monitors.monitor import check_fraction
from keras_ganloss.utils.typing import Nest


class Memorization(Monitor):
    """Names a game that learns its data and not what they are drawn from.

    * `real_over_held_out`: the share of pairs in which a sample that was
      trained on scores higher than one that was held out. Both are real: a
      discriminator that has learned what real is gives 0.5.
    * `copied`: the share of pairs in which a sample that was trained on has a
      generated one nearer to it than a held-out sample has. 0.5, unless the
      generator copies. Copies of data that are not in `real` go unseen; the
      number above does not depend on that.

    Args:
        max_real_over_held_out, max_copied: Floats, above which the numbers
            show memorization.
        patience: See `Monitor`.

    Reference: [Karras et al., 2020](https://arxiv.org/abs/2006.06676), on
    discriminators that know small data by heart; `copied` is close to the
    test of [Meehan et al., 2020](https://arxiv.org/abs/2004.05675).
    """

    needs: tuple[str, ...] = ("real", "held_out")
    numbers: tuple[str, ...] = ("real_over_held_out", "copied")
    remedy = (
        "Show the data in more ways: `transforms=[DiffAugment()]`, or "
        "`ADA([DiffAugment()])`, which takes as much of it as is needed; "
        "raise the weight of `R1`; make the discriminator smaller; stop "
        "earlier; or get more data."
    )

    def __init__(
        self,
        max_real_over_held_out: float = 0.7,
        max_copied: float = 0.7,
        patience: int = 3,
    ) -> None:
        super().__init__(patience)
        check_fraction(
            max_real_over_held_out=max_real_over_held_out,
            max_copied=max_copied,
        )
        self.max_real_over_held_out = max_real_over_held_out
        self.max_copied = max_copied

    @property
    def limits(self) -> dict[str, tuple[str, float]]:
        return {
            "real_over_held_out": ("above", self.max_real_over_held_out),
            "copied": ("above", self.max_copied),
        }

    def read(self, observation: Any) -> Reading:
        real, held_out = observation.real, observation.held_out
        scored = statistics.share_above(real.real_output, held_out.real_output)
        copied = max(
            share_copied(*parts)
            for parts in zip(real.fake, real.real, held_out.real, strict=True)
        )
        numbers = dict(zip(self.numbers, (scored, copied)))
        if scored <= self.max_real_over_held_out and copied <= self.max_copied:
            return Reading(numbers)
        return Reading(
            numbers,
            f"data trained on score higher than held-out data in {scored:.0%} "
            f"of the pairs (most: {self.max_real_over_held_out:.0%}), and "
            f"have a sample nearer to them in {copied:.0%} (most: "
            f"{self.max_copied:.0%})",
        )


def share_copied(fake: Nest, trained: Any, held_out: Nest) -> float:
    """Returns the share of pairs whose trained sample is nearer to a fake.

    Near or far, one sample or many: of fakes that are no copies, the nearest
    is as near to the one as to the other.
    """
    to_trained, to_held_out = (
        statistics.distances(data, fake).min(axis=1)
        for data in (trained, held_out)
    )
    return statistics.share_above(to_held_out, to_trained)
