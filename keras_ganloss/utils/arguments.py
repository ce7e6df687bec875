"""What users pass: one meaning of a number, a choice and a list everywhere.

Each function takes the name of an argument and its value, returns the value
as the plain Python object that a config can hold, and raises a `ValueError`
otherwise. Numbers of numpy are numbers; `True` is none; NaN and infinity are
none either. `hint` is a sentence for the error message: what to do.
"""

import contextlib
import math
import numbers
import reprlib
from typing import Any

from keras_ganloss.utils.suggestions import did_you_mean

_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = 120


def shown(value: Any) -> str:
    """Returns the `repr` of any object, cut to what fits into a message."""
    return " ".join(_REPR.repr(value).split())


def is_number(value: Any) -> bool:
    """Whether it is a finite real number, of Python or of numpy."""
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    return real and math.isfinite(value)


def is_int(value: Any) -> bool:
    """Whether it is an integer, of Python or of numpy."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def int_of_at_least(least: int, name: str, value: Any, hint: str = "") -> int:
    """Returns an int; raises unless it is one of at least `least`."""
    if is_int(value) and value >= least:
        return int(value)
    raise _error(name, value, f"must be an integer of at least {least}", hint)


def positive_int(name: str, value: Any, hint: str = "") -> int:
    """Returns an int; raises unless it is one of at least 1."""
    return int_of_at_least(1, name, value, hint)


def non_negative_int(name: str, value: Any, hint: str = "") -> int:
    """Returns an int; raises unless it is one of at least 0."""
    return int_of_at_least(0, name, value, hint)


def number(name: str, value: Any, hint: str = "") -> float:
    """Returns a float; raises unless it is a finite number."""
    if is_number(value):
        return float(value)
    raise _error(name, value, "must be a finite number", hint)


def positive(name: str, value: Any, hint: str = "") -> float:
    """Returns a float; raises unless it is a number above 0."""
    if is_number(value) and value > 0:
        return float(value)
    raise _error(name, value, "must be positive, a finite number", hint)


def non_negative(name: str, value: Any, hint: str = "") -> float:
    """Returns a float; raises unless it is a number of at least 0."""
    if is_number(value) and value >= 0:
        return float(value)
    wanted = "must be a finite number that is not negative"
    raise _error(name, value, wanted, hint)


def fraction(name: str, value: Any, hint: str = "", ends: str = "[]") -> float:
    """Returns a float; raises unless it is a number from 0 to 1.

    Args:
        name, value, hint: See above.
        ends: How an interval is written: `"[)"` leaves out 1, `"(]"` 0.
    """
    if is_number(value) and 0 <= value <= 1:
        if (value > 0 or ends[0] == "[") and (value < 1 or ends[1] == "]"):
            return float(value)
    wanted = f"must be a number in {ends[0]}0, 1{ends[1]}"
    raise _error(name, value, wanted, hint)


def value_range(name: str, value: Any, hint: str = "") -> tuple[float, float]:
    """Returns two floats, the values of black and of white, or raises."""
    with contextlib.suppress(TypeError, ValueError):
        low, high = value
        if is_number(low) and is_number(high) and low < high:
            return float(low), float(high)
    wanted = "must be a pair of numbers, the values of black and of white"
    raise _error(name, value, f"{wanted}, such as (-1.0, 1.0)", hint)


def one_of(choices: Any, name: str, value: Any, hint: str = "") -> str:
    """Returns a string; raises unless it is one of `choices`."""
    if isinstance(value, str) and value in choices:
        return value
    hint = f"{did_you_mean(value, choices)}{hint}"
    raise _error(name, value, f"must be one of {list(choices)}", hint)


def as_list(name: str, values: Any) -> list[Any]:
    """Returns a list, empty for `None`; raises unless it is one, or a tuple."""
    if values is None:
        return []
    if isinstance(values, (list, tuple)):
        return list(values)
    raise ValueError(
        f"`{name}` must be a list of objects. Received: "
        f"{name}={shown(values)} (of type {type(values).__name__})"
    )


def _error(name, value, wanted, hint):
    hint = f"{hint.strip()} " if hint else ""
    return ValueError(
        f"`{name}` {wanted}. {hint}Received: {name}={shown(value)}"
    )
