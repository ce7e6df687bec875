"""Comparison of shapes where two tensors meet."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Shape
from keras_ganloss.utils.typing import Tensor


def compatible(first: Shape, second: Shape) -> bool:
    """Whether two static shapes may be the same; `None` fits anything."""
    return len(first) == len(second) and all(
        a is None or b is None or a == b for a, b in zip(first, second)
    )


def batch_size(samples: Nest) -> Any:
    """Returns how many samples there are, an int or a scalar tensor.

    Args:
        samples: A tensor or a nest of tensors of shape `(batch_size, ...)`.
    """
    return ops.shape(keras.tree.flatten(samples)[0])[0]


def check_same_shape(
    first: Tensor,
    second: Tensor,
    first_name: str,
    second_name: str,
    advice: str,
) -> None:
    """Raises if two tensors would be broadcast against each other.

    `(8, 1) - (8,)` is silently `(8, 8)`, which trains on nonsense.

    Raises:
        ValueError: If the static shapes differ.
    """
    if not compatible(tuple(first.shape), tuple(second.shape)):
        raise ValueError(
            f"`{first_name}` and `{second_name}` must have the same shape. "
            f"{advice} Received: {first_name}.shape={tuple(first.shape)}, "
            f"{second_name}.shape={tuple(second.shape)}"
        )


def map_shapes(function: Callable[..., Any], shapes: Any) -> Any:
    """Returns what a function makes of a shape, or of each of several.

    What comes is a plain list or dict, though Keras may have made others of
    those that are attributes of a model.

    Args:
        function: Function of a tuple.
        shapes: A tuple, or a list or a dict of such.
    """
    if isinstance(shapes, dict):
        return {key: function(shape) for key, shape in shapes.items()}
    if any(map(keras.tree.is_nested, shapes)):
        return [function(shape) for shape in shapes]
    return function(shapes)
