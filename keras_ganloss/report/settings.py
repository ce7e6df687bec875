"""How a game was set up, in words."""

import math
import platform
import sys
from importlib import metadata
from typing import Any

import keras
import numpy as np

from keras_ganloss.game.in_words import compiled_with
from keras_ganloss.utils.described import describe


def settings(game: Any) -> dict[str, Any]:
    """Returns what a game was compiled with.

    Args:
        game: A compiled game.

    Returns:
        Dictionary of name to text; what is empty is left out.
    """
    first = {"game": type(game).__name__}
    if game.seed is not None:
        first["seed"] = describe(game.seed)
    last = {"precision": game.dtype_policy.name}
    return {**first, **compiled_with(game), **last}


def networks(game: Any) -> list[Any]:
    """Returns the networks of both players, with their sizes.

    Args:
        game: A game.

    Returns:
        List of dictionaries: `name`, `player`, `parameters`, `trainable`
        (counts), `inputs`, `outputs` (texts), `layers` (a list of
        `(name, class, shape of the output, parameters)`).
    """
    players = [("generator", game.g_networks)]
    players.append(("discriminator", game.d_networks))
    return [
        {
            "name": network.name,
            "player": player,
            "parameters": _count(network.weights),
            "trainable": _count(network.trainable_variables),
            "inputs": _shapes(getattr(network, "inputs", None)),
            "outputs": _shapes(getattr(network, "outputs", None)),
            "layers": [_layer(layer) for layer in network.layers],
        }
        for player, group in players
        for network in group
    ]


def versions() -> dict[str, Any]:
    """Returns the versions that a run depends on, name to text."""
    backend = keras.backend.backend()
    try:
        own = metadata.version("keras-ganloss")
    except metadata.PackageNotFoundError:
        own = "not installed"
    return {
        "keras_ganloss": own,
        "keras": keras.__version__,
        # Its package has other names, too.
        f"{backend} (the backend)": sys.modules[backend].__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} on {platform.machine()}",
    }


def _layer(layer):
    try:
        shape = _shapes(keras.tree.flatten(layer.output))
    except (AttributeError, ValueError):  # Called never, or more than once.
        shape = ""
    return (
        layer.name,
        type(layer).__name__,
        shape,
        _count(layer.weights),
    )


def _shapes(tensors):
    if tensors is None:
        return "not known"
    return ", ".join(
        " x ".join("?" if n is None else str(n) for n in tensor.shape[1:])
        or "a number"
        for tensor in tensors
    )


def _count(variables):
    return sum(math.prod(variable.shape) for variable in variables)
