"""The precision of losses: float32 at least, whatever the networks'."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.backend.keras_internals import flatten_layers
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


def widen(tensor: Tensor) -> Tensor:
    """Casts to float32, or leaves float64 as it is.

    Losses, penalties and the gradients in them lose too much in float16
    and bfloat16.
    """
    return ops.cast(tensor, wide_dtype(tensor.dtype))


def wide_dtype(dtype: Any) -> str:
    """Returns the dtype that `widen` makes of one."""
    dtype = keras.backend.standardize_dtype(dtype)
    return dtype if dtype == "float64" else "float32"


def widen_all(tensors: Nest) -> Nest:
    """Applies `widen` to a nest of tensors."""
    return keras.tree.map_structure(widen, tensors)


def computes_in_float16(network: keras.Model) -> bool:
    """Whether a layer computes in float16, where small gradients vanish."""
    return any(
        layer.compute_dtype == "float16" for layer in flatten_layers(network)
    )
