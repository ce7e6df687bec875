"""Objects in words: the call that makes them."""

import inspect
import math
from typing import Any

import keras
import numpy as np

# How something is called and computed says little of what it does.
UNSAID = ("name", "dtype")
# What readers look for, default or not.
SAID = ("learning_rate", "weight")
# Entries of a list that nobody reads to its end.
LONG = 16


class Described:
    """Mix-in of what users pass to a game: its `repr` is the call, as made.

    Defaults are left out: `R1(weight=0.1)`, not an address in memory. Stands
    before classes of Keras among the bases.
    """

    def __repr__(self) -> str:
        return _call(self)


def describe(value: Any) -> str:
    """Returns an object as the call that makes it, most defaults left out.

    Args:
        value: An object with `get_config`, a function, or plain values.

    Example:

    >>> describe([keras.optimizers.SGD(0.1, momentum=0.5)])
    'SGD(learning_rate=0.1, momentum=0.5)'
    """
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and "class_name" not in value:
        return ", ".join(f"{k}: {describe(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(describe, value))
    return _code(value)


def _code(value):
    """Returns a value as it would stand in code."""
    if isinstance(value, dict) and "class_name" in value:
        return _describe_config(value)
    if isinstance(value, dict):
        items = [f"{key!r}: {_code(entry)}" for key, entry in value.items()]
        return f"{{{', '.join(items)}}}"
    if isinstance(value, (list, tuple)):
        if len(value) > LONG:
            return f"a list of {len(value)}"
        return f"[{', '.join(map(_code, value))}]"
    if isinstance(value, (bool, str)) or value is None:
        return repr(value)
    if isinstance(value, (int, float, np.number, np.ndarray)):
        return f"{value:.6g}" if np.ndim(value) == 0 else "an array"
    if isinstance(value, keras.Model):
        return value.name
    if isinstance(value, Described):
        return repr(value)
    if hasattr(value, "get_config") and not inspect.isclass(value):
        return _call(value)
    return getattr(value, "__name__", type(value).__name__)


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
        given = _config(value)
    arguments = [
        f"{parameter.name}={_code(given[parameter.name])}"
        for parameter in named
        if _is_said(parameter, given)
    ]
    return f"{type(value).__name__}({', '.join(arguments)})"


def _config(value):
    """Returns what there is: a `repr` must do for what is half made, too."""
    try:
        return value.get_config()
    except Exception:
        return vars(value)


def _is_said(parameter, given):
    name = parameter.name
    if name in UNSAID or name not in given:
        return False
    return name in SAID or not _is_same(given[name], parameter.default)


def _describe_config(config):
    try:
        return _code(keras.saving.deserialize_keras_object(config))
    except (TypeError, ValueError):  # Of a class that is not registered.
        return str(config["class_name"])


def _is_same(value, default):
    if isinstance(value, (float, np.floating)) and isinstance(
        default, (int, float)
    ):
        return math.isclose(value, default, rel_tol=1e-6)
    if isinstance(value, (list, tuple)) and isinstance(default, (list, tuple)):
        return _code(value) == _code(default)
    return type(value) is type(default) and value == default
