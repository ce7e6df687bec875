"""The precision of losses: float32 at least, whatever the networks'."""

import keras
from keras import ops


def widen(tensor):
    """Casts to float32, or leaves float64 as it is.

    Losses, penalties and the gradients in them lose too much in float16
    and bfloat16.
    """
    dtype = keras.backend.standardize_dtype(tensor.dtype)
    return tensor if dtype == "float64" else ops.cast(tensor, "float32")


def widen_all(tensors):
    """Applies `widen` to a nest of tensors."""
    return keras.tree.map_structure(widen, tensors)


def computes_in_float16(network):
    """Whether a layer computes in float16, where small gradients vanish."""
    return any(
        layer.compute_dtype == "float16" for layer in network._flatten_layers()
    )
