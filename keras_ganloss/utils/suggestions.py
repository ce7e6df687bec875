"""Which of some names somebody may have meant."""

import difflib
from typing import Any


def did_you_mean(name: str, names: Any) -> str:
    """Returns a sentence for an error message, or an empty string.

    Example:

    >>> did_you_mean("hing", ["hinge", "wasserstein"])
    "Did you mean 'hinge'? "
    """
    if not isinstance(name, str):
        return ""
    near = difflib.get_close_matches(name.lower(), list(names), n=1)
    return f"Did you mean {near[0]!r}? " if near else ""
