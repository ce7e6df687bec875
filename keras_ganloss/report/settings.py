"""How a game was set up, in words."""

import inspect
import math
import platform
import sys
from importlib import metadata

import keras
import numpy as np

from keras_ganloss.game.game import Game
from keras_ganloss.losses.adversarial_loss import LossSide

# How something is called and computed says little of what it does.
UNSAID = ("name", "dtype")
# What readers look for, default or not.
SAID = ("learning_rate", "weight")


def describe(value):
    """Returns an object as the call that makes it, most defaults left out.

    Args:
        value: An object with `get_config`, a function, or plain values.

    Example:

    >>> describe([keras.optimizers.SGD(0.1, momentum=0.5)])
    'SGD(learning_rate=0.1, momentum=0.5)'
    """
    if isinstance(value, LossSide):
        return describe(value.loss)
    if isinstance(value, dict) and "class_name" in value:
        return _describe_config(value)
    if isinstance(value, dict):
        return ", ".join(f"{k}: {describe(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(describe, value))
    if isinstance(value, (bool, str)) or value is None:
        return str(value)
    if isinstance(value, (int, float, np.number, np.ndarray)):
        return f"{value:.6g}" if np.ndim(value) == 0 else "an array"
    if hasattr(value, "get_config") and not inspect.isclass(value):
        return _call(value)
    return getattr(value, "__name__", type(value).__name__)


def settings(game):
    """Returns what a game was compiled with.

    Args:
        game: A compiled game.

    Returns:
        Dictionary of name to text; what is empty is left out.
    """
    values = {"game": type(game).__name__, "seed": game.seed}
    for compile in (Game.compile, type(game).compile):
        for name in inspect.signature(compile).parameters:
            values[name] = getattr(game, name, None)
    supervised = getattr(game, "supervised_loss", None)
    if supervised is not None:
        values["loss"] = supervised.loss
    values["metrics"] = game.user_metrics
    values["precision"] = game.dtype_policy.name
    return {
        name: describe(value)
        for name, value in values.items()
        if value is not None and value is not False and value not in ([], {})
    }


def networks(game):
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


def versions():
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


def _call(value):
    named = [
        parameter
        for parameter in inspect.signature(type(value)).parameters.values()
        if parameter.kind
        not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
    ]
    given = vars(value)
    if not all(parameter.name in given for parameter in named):
        # Not the first choice: Keras warns where it serializes a lambda.
        given = value.get_config()
    arguments = [
        f"{parameter.name}={describe(given[parameter.name])}"
        for parameter in named
        if _is_said(parameter, given)
    ]
    return f"{type(value).__name__}({', '.join(arguments)})"


def _is_said(parameter, given):
    name = parameter.name
    if name in UNSAID or name not in given:
        return False
    return name in SAID or not _is_same(given[name], parameter.default)


def _describe_config(config):
    try:
        return describe(keras.saving.deserialize_keras_object(config))
    except (TypeError, ValueError):  # Of a class that is not registered.
        return str(config["class_name"])


def _is_same(value, default):
    if isinstance(value, (float, np.floating)) and isinstance(
        default, (int, float)
    ):
        return math.isclose(value, default, rel_tol=1e-6)
    return type(value) is type(default) and value == default


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
