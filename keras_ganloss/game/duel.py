"""Who meets whom."""

import dataclasses
from typing import Any
from typing import NamedTuple

import keras
from keras import ops

from keras_ganloss.game.judge import Judge


class Samples(NamedTuple):
    """What a step is about: real and fake samples, and what goes with them.

    Attributes:
        real: Real samples, a tensor or a nest of tensors of shape
            `(batch_size, ...)`.
        fake: Fake samples of the same structure.
        condition: What both were made for, or `None`.
        sample_weight: Weights, shape `(batch_size,)`, or `None`.
        inputs: What the generator made the fakes from, or `None`.
        extras: What else the game made of the batch, a nest, or `None`.
    """

    real: Any
    fake: Any
    condition: Any = None
    sample_weight: Any = None
    inputs: Any = None
    extras: Any = None

    def stop_gradient(self):
        """Returns the samples as constants: no gradient flows to a network."""
        return keras.tree.map_structure(
            lambda leaf: leaf if leaf is None else ops.stop_gradient(leaf), self
        )


@dataclasses.dataclass(frozen=True)
class Duel:
    """Real and fake samples before one judge.

    Attributes:
        judge: A `Judge`.
        real: Real samples.
        fake: Fake samples of the same structure.
        sample_weight: Weights, shape `(batch_size,)`, or `None`.
    """

    judge: Judge
    real: Any
    fake: Any
    sample_weight: Any = None

    @classmethod
    def over(cls, samples, judge):
        """Returns the duel of all real samples against all fakes."""
        return cls(judge, samples.real, samples.fake, samples.sample_weight)

    def weight_for(self, side):
        """Returns the weights of samples in a player's side of a loss.

        Args:
            side: A side of an `AdversarialLoss`.
        """
        del side
        return self.sample_weight


@dataclasses.dataclass(frozen=True)
class TargetDuel(Duel):
    """A duel in which the weights are those of the real samples.

    What does not look at the real samples takes every fake alike: an answer
    without a target, whose weight is zero, can be judged all the same.
    """

    def weight_for(self, side):
        return self.sample_weight if side.needs_real_output else None
