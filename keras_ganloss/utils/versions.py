"""Its version, and the oldest Keras and TensorFlow that it runs on."""

import importlib.metadata

import keras
from packaging.version import Version

__version__ = "0.1.0"

# The oldest that the test suite was run on; `setup.cfg` says the same.
OLDEST = {"keras": "3.14", "tensorflow": "2.20"}


def check_versions() -> None:
    """Raises if Keras, or the TensorFlow under it, is too old.

    TensorFlow is not imported, and not looked at where it has no metadata
    under this name (such as `tf-nightly`) or is not the backend.

    Raises:
        ImportError: If one is too old.
    """
    check_version("keras", keras.__version__)
    if keras.backend.backend() == "tensorflow":
        try:
            version = importlib.metadata.version("tensorflow")
        except importlib.metadata.PackageNotFoundError:
            return
        check_version("tensorflow", version)


def check_version(package: str, version: str) -> None:
    """Raises an ImportError if `version` of `package` is too old.

    Example:

    >>> check_version("keras", "99.0.0")
    """
    # By release, so that its candidates and nightlies are new enough.
    if Version(version).release < Version(OLDEST[package]).release:
        raise ImportError(
            f"keras_ganloss needs {package} {OLDEST[package]} or newer: "
            f'`pip install --upgrade "{package}>={OLDEST[package]}"`. '
            f"Received: {package} {version}"
        )
