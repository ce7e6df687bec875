"""A generator bound to what it made the fakes of a step from."""

import dataclasses
from collections.abc import Callable
from typing import Any


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
    """

    generate: Callable
    latent: Any
    condition: Any
    fake: Any
    networks: list
    training: bool
    step: Any
    seed_generator: Any
