"""Memorization: the players know the data by heart."""

import numpy as np

from keras_ganloss.monitors import statistics
from keras_ganloss.monitors.monitor import Monitor
from keras_ganloss.monitors.monitor import Reading
from keras_ganloss.monitors.monitor import check_fraction


class Memorization(Monitor):
    """Names a game that learns its data and not what they are drawn from.

    * `real_over_held_out`: the share of pairs in which a sample that was
      trained on scores higher than one that was held out. Both are real: a
      discriminator that has learned what real is gives 0.5.
    * `copied`: the share of generated samples that are nearer to the data
      trained on than to as many held-out ones. 0.5, unless the generator
      copies. If there are more data than were given to `GameMonitor`, it
      copies others too, which this does not see; the number above does.

    Args:
        max_real_over_held_out, max_copied: Floats, above which the numbers
            show memorization.
        patience: See `Monitor`.

    Reference: [Karras et al., 2020](https://arxiv.org/abs/2006.06676), on
    discriminators that know small data by heart.
    """

    needs = ("real", "held_out")
    numbers = ("real_over_held_out", "copied")
    remedy = (
        "Show the data in more ways: `transforms=[DiffAugment()]`, or "
        "`ADA([DiffAugment()])`, which takes as much of it as is needed; "
        "raise the weight of `R1`; make the discriminator smaller; stop "
        "earlier; or get more data."
    )

    def __init__(self, max_real_over_held_out=0.7, max_copied=0.7, patience=3):
        super().__init__(patience)
        check_fraction(
            max_real_over_held_out=max_real_over_held_out,
            max_copied=max_copied,
        )
        self.max_real_over_held_out = max_real_over_held_out
        self.max_copied = max_copied

    def read(self, observation):
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
            f"{copied:.0%} of the samples are nearer to them (most: "
            f"{self.max_copied:.0%})",
        )


def share_copied(fake, trained, held_out):
    """Returns the share of `fake` that is nearer to `trained`; ties half.

    The two sets are cut to one size, else the larger is nearer by chance.
    """
    num = min(len(trained), len(held_out))
    to_trained, to_held_out = (
        statistics.distances(fake, data[:num]).min(axis=1)
        for data in (trained, held_out)
    )
    nearer = to_trained < to_held_out
    ties = to_trained == to_held_out
    return float(np.mean(nearer + 0.5 * ties))
