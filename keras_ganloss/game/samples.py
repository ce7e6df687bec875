"""Who meets whom, over which samples."""

import dataclasses
from typing import Any
from typing import NamedTuple
from typing import Self

import keras
from keras import ops

from keras_ganloss.utils.typing import Nest


class Samples(NamedTuple):
    """What a step is about: real and fake samples, and what goes with them.

    Attributes:
        real: Real samples, a tensor or a nest of tensors of shape
            `(batch_size, ...)`.
        fake: Fake samples of the same structure.
        condition: What both were made for, or `None`.
        sample_weight: Weights, shape `(batch_size,)`, or `None`.
        extras: What else the game made of the batch, a nest, or `None`.
    """

    real: Any
    fake: Any
    condition: Any = None
    sample_weight: Any = None
    extras: Any = None

    def stop_gradient(self) -> "Samples":
        """Returns the samples as constants: no gradient flows to a network."""

        def stop(leaf):
            return leaf if leaf is None else ops.stop_gradient(leaf)

        return self._make(keras.tree.map_structure(stop, part) for part in self)


@dataclasses.dataclass(frozen=True)
class Duel:
    """Real and fake samples before one judge.

    Attributes:
        judge: What `turn.judge` returned.
        real: Real samples.
        fake: Fake samples of the same structure.
        sample_weight: Weights, shape `(batch_size,)`, or `None`.
        weight: Number, the factor of this duel in the adversarial loss of
            both players. Defaults to 1. Penalties do not heed it.
    """

    judge: Any
    real: Any
    fake: Any
    sample_weight: Any = None
    weight: float = 1.0

    @classmethod
    def over(cls, samples: Nest, judge: Any) -> Self:
        """Returns the duel of all real samples against all fakes."""
        return cls(judge, samples.real, samples.fake, samples.sample_weight)

    def weight_for(self, side: Any) -> Any:
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

    def weight_for(self, side: Any) -> Any:
        return self.sample_weight if side.needs_real_output else None


class Made(NamedTuple):
    """Fakes, and what a generator made them from.

    Attributes:
        network: The generator.
        source: What it was called on, a tensor or a nest of tensors of shape
            `(batch_size, ...)`.
        condition: What it was told besides, likewise, or `None`.
        fake: The fakes, connected to the generator's weights, except in the
            discriminator's turn.
        real: The real samples in the fakes' place, of the same structure.
    """

    network: Any
    source: Any
    condition: Any
    fake: Any
    real: Any


def made_by(calls: Any, samples: Nest) -> list[Any]:
    """Returns a list of `Made`, one for each call that made fakes.

    What belongs together is found by the tensors themselves. One call alone
    has made all fakes, whatever has become of its outputs.

    Args:
        calls: List of the `Call`s of generators.
        samples: The `Samples` that come of them.
    """
    if len(calls) == 1:
        made = calls[0]
        return [
            Made(
                made.network,
                made.source,
                made.condition,
                samples.fake,
                samples.real,
            )
        ]
    real = keras.tree.flatten(samples.real)
    place = {id(x): i for i, x in enumerate(keras.tree.flatten(samples.fake))}
    found = []
    for network, source, condition, outputs, _ in calls:
        leaves = keras.tree.flatten(outputs)
        if all(id(leaf) in place for leaf in leaves):
            partners = [real[place[id(leaf)]] for leaf in leaves]
            partners = keras.tree.pack_sequence_as(outputs, partners)
            found.append(Made(network, source, condition, outputs, partners))
    return found
