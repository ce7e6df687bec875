"""Networks in configs, with their weights."""

import base64
import copy
import io
from typing import Any

import keras
import numpy as np


def to_config(network: Any) -> Any:
    """Returns what stands for a network, and its weights, in a config.

    Keras leaves weights to the file of a model, but metrics out of that: a
    loaded metric would see through random weights.

    Args:
        network: A name, or a `keras.Model`.
    """
    if isinstance(network, str):
        return network
    file = io.BytesIO()
    np.savez(file, *map(_as_float, network.get_weights()))
    return {
        "network": keras.saving.serialize_keras_object(network),
        "weights": base64.b64encode(file.getvalue()).decode("ascii"),
    }


def from_config(config: Any) -> Any:
    """Returns the network that `to_config` was given."""
    if isinstance(config, str):
        return config
    # Keras takes apart what it deserializes.
    network = keras.saving.deserialize_keras_object(
        copy.deepcopy(config["network"])
    )
    with np.load(io.BytesIO(base64.b64decode(config["weights"]))) as file:
        network.set_weights(list(file.values()))
    return network


def _as_float(array):
    """NumPy knows no bfloat16, which fits into float32."""
    return array if array.dtype == "float64" else np.float32(array)
