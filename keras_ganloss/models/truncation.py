"""Normal latents, with or without their tails."""

import math
from typing import Any

import keras
from keras import ops

from keras_ganloss.utils import arguments
from keras_ganloss.utils.shapes import map_shapes
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Shape
from keras_ganloss.utils.typing import Tensor


def check_truncation(truncation: float) -> None:
    """Raises unless it is a positive number or `None`."""
    if truncation is not None:
        hint = "Pass one such as 0.7, or `None`."
        arguments.positive("truncation", truncation, hint)


def normal(shape: Shape, truncation: Any, seed: Any) -> Tensor:
    """Draws from a standard normal distribution.

    Args:
        shape: Tuple.
        truncation: Optional float: values lie within plus and minus this,
            distributed as if those beyond were drawn again.
        seed: Int or `keras.random.SeedGenerator`.

    Returns:
        Tensor.
    """
    if truncation is None:
        return keras.random.normal(shape, seed=seed)
    # The inverse of the distribution function, as `x = sqrt(2) erfinv(u)`
    # for u uniform in [-1, 1].
    largest = math.erf(truncation / math.sqrt(2.0))
    uniform = keras.random.uniform(shape, -largest, largest, seed=seed)
    latent = math.sqrt(2.0) * ops.erfinv(uniform)
    return ops.clip(latent, -truncation, truncation)


def draw_latents(
    num: int, latent_shape: Any, truncation: float | None, seed: Any
) -> Nest:
    """Draws normal latents beforehand; returns numpy arrays.

    Args:
        num: Int, how many.
        latent_shape: What `building.get_latent_shape` returned.
        truncation, seed: See `normal`.
    """
    return map_shapes(
        lambda shape: ops.convert_to_numpy(
            normal((num, *shape), truncation, seed)
        ),
        latent_shape,
    )
