"""Penalties: terms of the discriminator that carry their weight."""

from keras_ganloss.penalties.generator_penalty import (
    GeneratorPenalty as GeneratorPenalty,
)
from keras_ganloss.penalties.gradient_penalty import (
    GradientPenalty as GradientPenalty,
)
from keras_ganloss.penalties.input_gradient_penalty import (
    InputGradientPenalty as InputGradientPenalty,
)
from keras_ganloss.penalties.penalty import Penalty as Penalty
from keras_ganloss.penalties.penalty import squared_norm as squared_norm
from keras_ganloss.penalties.r1 import R1 as R1
from keras_ganloss.penalties.r2 import R2 as R2
from keras_ganloss.penalties.weight_clipping import (
    WeightClipping as WeightClipping,
)
from keras_ganloss.utils import registry

# The only list there is.
CLASSES = registry.by_snake_case_name(R1, R2, GradientPenalty, WeightClipping)


def get(identifier, base_class=Penalty):
    """Returns the penalty of an instance or a config.

    Names are refused: a penalty without its weight says nothing.

    Args:
        identifier: A penalty or its config.
        base_class: `Penalty` (default), or `GeneratorPenalty`.
    """
    return registry.get(
        identifier,
        base_class,
        {},
        "Penalties carry their weight, so they are objects, such as "
        f"`R1(1.0)`, of the classes {sorted(CLASSES)}. ",
    )
