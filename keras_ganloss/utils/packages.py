"""Packages that only some parts need."""

import importlib.util
from typing import Any


def require(who: str, *packages: Any) -> None:
    """Raises if a package is missing.

    Args:
        who: Name of what needs them.
        *packages: Pairs `(name of the module, name of the package)`.

    Raises:
        ImportError: With the line that installs them.
    """
    for module, package in packages:
        if importlib.util.find_spec(module) is None:
            raise ImportError(
                f"`{who}` needs the package `{package}`: "
                "`pip install keras-ganloss[examples]`."
            )


PILLOW = ("PIL", "pillow")
MATPLOTLIB = ("matplotlib", "matplotlib")
TENSORBOARD = ("tensorboard", "tensorboard")
