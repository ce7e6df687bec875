"""Which of some names somebody may have meant."""

import difflib


def did_you_mean(name, names):
    """Returns a sentence for an error message, or an empty string.

    Example:

    >>> did_you_mean("hing", ["hinge", "wasserstein"])
    "Did you mean 'hinge'? "
    """
    near = difflib.get_close_matches(
        str(name).lower(), [*map(str, names)], n=1, cutoff=0.6
    )
    return f"Did you mean {near[0]!r}? " if near else ""
