"""One pass of a network for all metrics that look at the same samples."""

import contextlib
import contextvars
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

from keras_ganloss.utils.typing import Nest

_KNOWN = contextvars.ContextVar("known", default=None)


@contextlib.contextmanager
def shared_passes() -> Iterator[None]:
    """A block in which `compute_once` remembers: one step of an evaluation.

    Not longer: what is computed in a compiled step means nothing outside.
    """
    token = _KNOWN.set({})
    try:
        yield
    finally:
        _KNOWN.reset(token)


def compute_once(key: str, function: Callable[..., Any], samples: Nest) -> Any:
    """Returns `function(samples)`, computed once within `shared_passes`.

    Args:
        key: What tells this function from others, hashable.
        function: Function of `samples`.
        samples: A tensor. It is known again as an object, not by its values.
    """
    known = _KNOWN.get()
    if known is None:
        return function(samples)
    place = (key, id(samples))
    if place not in known:
        # With the samples: no other tensor gets their place in memory.
        known[place] = samples, function(samples)
    return known[place][1]
