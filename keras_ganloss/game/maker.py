"""A generator bound to what it made the fakes of a step from."""

import dataclasses
from collections.abc import Callable
from typing import Any

from keras_ganloss.utils.precision import widen_all


@dataclasses.dataclass(frozen=True)
class Maker:
    """What penalties of the generator look at.

    Attributes:
        generate: A function of `(latent, condition)` that calls the generator
            once more, in the mode of the step; no moving statistics change.
        latent: What the fakes were made from, a tensor or a nest of tensors
            of shape `(batch_size, ...)`.
        condition: What they were made for, likewise, or `None`.
        fake: The fakes. They are connected to the generator's weights, except
            in the discriminator's turn.
        networks: List of the generator's networks.
        training: Bool, whether this is no step of `evaluate`.
        step: How many updates the generator has made, a scalar.
        seed_generator: A `keras.random.SeedGenerator`.
        real: The real samples, of the structure of the fakes.
        duels: List of the `Duel`s over these fakes, in the generator's turn.
    """

    generate: Callable
    latent: Any
    condition: Any
    fake: Any
    networks: list
    training: bool
    step: Any
    seed_generator: Any
    real: Any = None
    duels: Any = ()

    def fresh(self):
        """Returns a maker before judges that remember nothing."""
        duels = [
            dataclasses.replace(duel, judge=duel.judge.fresh())
            for duel in self.duels
        ]
        return dataclasses.replace(self, duels=duels)


def bind(game, network, source, condition, real, fake, training):
    """Returns the `Maker` of one network of a game.

    Args:
        game: An `AdversarialModel`.
        network: Generator of `source`, or of `[source, condition]`.
        source, condition, real, fake, training: See `Maker`.
    """

    def generate(source, condition):
        inputs = source if condition is None else [source, condition]
        return widen_all(game.run_generator_again(network, inputs, training))

    return Maker(
        generate,
        source,
        condition,
        fake,
        [network],
        training,
        game.g_updates,
        game.seed_generator,
        real,
    )
