"""A generator bound to what it made the fakes of a step from."""

import dataclasses
from collections.abc import Callable
from typing import Any


@dataclasses.dataclass(frozen=True)
class Maker:
    """What penalties of the generator look at.

    Attributes:
        generate: A function of inputs, structured as `inputs`, that runs the
            generator in training mode.
        inputs: What the fakes were made from.
        fake: The fakes, connected to the generator's weights.
        networks: List of the generator's networks.
        step: How many updates the generator has made, a scalar.
        seed_generator: A `keras.random.SeedGenerator`.
    """

    generate: Callable
    inputs: Any
    fake: Any
    networks: list
    step: Any
    seed_generator: Any
