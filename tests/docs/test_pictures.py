"""The page about pictures: what its blocks leave behind."""

import pytest

from tests.helpers import page_blocks

PAGE = "how-to/pictures.md"


@pytest.fixture
def after():
    for package in ("PIL", "matplotlib", "tensorboard"):
        pytest.importorskip(package)
    return page_blocks.run(PAGE)


def test_arrays(after):
    assert after["arrays"]["picture"].shape == (16, 64, 1)
    assert after["arrays"]["samples"].shape == (24, 8, 8, 1)


def test_files(after):
    assert {
        "answers",
        "latents",
        "logs",
        "nearest_fakes",
        "nearest_reals",
        "points",
        "report.html",
        "samples",
        "truncation",
    } <= set(after["files"])


def test_every_image_is_there_and_small():
    text = (page_blocks.DOCS / PAGE).read_text()
    names = [part.split('"')[0] for part in text.split('src="')[1:]]
    assert len(names) == 5
    for name in names:
        assert (page_blocks.DOCS / "how-to" / name).stat().st_size < 150_000
