"""What is public is on a list, and each name has an entry on the site."""

import importlib.metadata

import pytest

import keras_ganloss
from docs.generators import api

MESSAGE = "Run `python docs/generators/api.py`, and look at what changed."


def test_names_are_those_of_the_list():
    assert api.NAMES.read_text() == api.listing(), MESSAGE


@pytest.mark.parametrize("module", api.MODULES)
def test_page_has_every_name(module):
    assert api.page_path(module).read_text() == api.page(module), MESSAGE


def test_site_has_every_page():
    site = (api.ROOT / "mkdocs.yml").read_text()
    for page in (api.ROOT / "docs").rglob("*.md"):
        assert f" {page.relative_to(api.ROOT / 'docs')}\n" in site, page


def test_version_is_that_of_the_package():
    assert keras_ganloss.__version__ == importlib.metadata.version(
        "keras-ganloss"
    )
