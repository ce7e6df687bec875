"""One import of the package gives all of it."""

import pathlib
import subprocess
import sys

import keras_ganloss

INNER = {"backend", "report", "utils"}  # Nobody calls these by name.


def test_public_packages_are_attributes():
    """In a process of its own: other tests have imported them."""
    folder = pathlib.Path(keras_ganloss.__file__).parent
    names = {path.parent.name for path in folder.glob("*/__init__.py")} - INNER
    assert {"callbacks", "losses", "models"} <= names
    code = f"import keras_ganloss as k; [getattr(k, n) for n in {names}]"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
