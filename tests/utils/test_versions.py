import configparser
import importlib.metadata
import pathlib
import re

import keras
import pytest

from keras_ganloss.utils import versions

SETUP = pathlib.Path(__file__).parents[2] / "setup.cfg"


@pytest.mark.parametrize(
    "package, version",
    [
        ("keras", "2.15.0"),
        ("keras", "3.9.0"),  # Older than 3.14, though "9" > "14".
        ("keras", "3.13.2"),
        ("tensorflow", "2.9.1"),
        ("tensorflow", "2.19.1"),
        ("tensorflow", "1.15"),
        ("keras", "3"),
    ],
)
def test_older_is_refused(package, version):
    with pytest.raises(
        ImportError, match=rf"Received: {package} {re.escape(version)}$"
    ):
        versions.check_version(package, version)


@pytest.mark.parametrize(
    "package, version",
    [
        ("keras", "3.14.0"),
        ("keras", "3.14.0rc0"),
        ("keras", "3.100.0.dev20300101"),
        ("keras", "4.0.0"),
        ("keras", "4"),
        ("tensorflow", "2.20.0"),
        ("tensorflow", "2.100.0-dev20300101"),
        ("tensorflow", "3.0.0"),
        ("tensorflow", "2.21.0+nv25.8"),  # A build of a vendor.
    ],
)
def test_oldest_and_newer_are_taken(package, version):
    versions.check_version(package, version)


def test_message_says_how_to_upgrade():
    with pytest.raises(ImportError) as error:
        versions.check_version("keras", "3.9.0")
    oldest = versions.OLDEST["keras"]
    assert f"keras {oldest} or newer" in str(error.value)
    assert f'pip install --upgrade "keras>={oldest}"' in str(error.value)


def test_installed_ones_are_taken():
    versions.check_versions()


def test_old_keras_is_found(monkeypatch):
    monkeypatch.setattr(keras, "__version__", "3.0.5")
    with pytest.raises(ImportError, match="Received: keras 3.0.5"):
        versions.check_versions()


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="Not looked at elsewhere."
)
def test_old_tensorflow_is_found(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", lambda package: "2.16.2")
    with pytest.raises(ImportError, match="Received: tensorflow 2.16.2"):
        versions.check_versions()


def test_tensorflow_by_another_name_is_taken(monkeypatch):
    def missing(package):
        raise importlib.metadata.PackageNotFoundError(package)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    versions.check_versions()


def test_tensorflow_is_not_looked_at_under_another_backend(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", lambda package: "1.0")
    monkeypatch.setattr(keras.backend, "backend", lambda: "another")
    versions.check_versions()


def test_setup_says_the_same():
    parser = configparser.ConfigParser()
    parser.read(SETUP)
    required = parser["options"]["install_requires"].split()
    for package, oldest in versions.OLDEST.items():
        assert f"{package}>={oldest}" in required
