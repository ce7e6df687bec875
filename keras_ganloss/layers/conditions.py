"""What layers know about the condition that they are given."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


def embedding_of(
    num_classes: int, units: int, initializer: Any, **kwargs: Any
) -> keras.Layer:
    """Returns the layer that makes `units` numbers of a condition.

    Args:
        num_classes: Int, for class numbers, or `None` for vectors.
        units: Int.
        initializer: Of the layer's only weight.
        **kwargs: See `keras.layers.Layer`.
    """
    if num_classes is None:
        return keras.layers.Dense(
            units, use_bias=False, kernel_initializer=initializer, **kwargs
        )
    return keras.layers.Embedding(
        num_classes, units, embeddings_initializer=initializer, **kwargs
    )


def check_num_classes(num_classes: int) -> int | None:
    """Returns `num_classes`; raises unless it is positive or `None`."""
    if num_classes is None:
        return None
    hint = "`None` is for conditions that are vectors."
    return arguments.positive_int("num_classes", num_classes, hint)


def check_shapes(layer: Any, input_shape: Any) -> tuple[Any, Any]:
    """Returns the shapes of the inputs and of the condition.

    Raises:
        ValueError: If these are not two, or do not fit `layer.num_classes`.
    """
    name = type(layer).__name__
    if len(input_shape) != 2 or not isinstance(input_shape[0], (list, tuple)):
        raise ValueError(
            f"`{name}` must be called on two inputs, `[inputs, condition]`. "
            f"Received: input_shape={input_shape}"
        )
    shape, condition_shape = map(tuple, input_shape)
    if layer.num_classes is None and len(condition_shape) != 2:
        raise ValueError(
            f"The condition of `{name}(num_classes=None)` must be vectors, of "
            "shape `(batch_size, size)`. For class numbers, pass "
            f"`num_classes`. Received: condition_shape={condition_shape}"
        )
    if layer.num_classes is not None and condition_shape[1:] not in ((), (1,)):
        raise ValueError(
            f"The condition of `{name}(num_classes={layer.num_classes})` must "
            "be class numbers, of shape `(batch_size,)` or `(batch_size, 1)`. "
            "For vectors, one-hot ones included, leave `num_classes` out. "
            f"Received: condition_shape={condition_shape}"
        )
    return shape, condition_shape


def flat(condition: Nest, num_classes: int) -> Tensor:
    """Returns class numbers as `(batch_size,)`, and vectors as they are."""
    return condition if num_classes is None else ops.reshape(condition, (-1,))
