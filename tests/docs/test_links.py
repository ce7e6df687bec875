"""Links between pages lead to files, and to headings, that are there."""

import re

import pytest

from tests.helpers.page_blocks import DOCS

ROOT = DOCS.parent
PAGES = [*ROOT.glob("*.md"), *sorted(DOCS.rglob("*.md"))]


def anchors(page):
    """Returns the anchors of a page's headings, as sites make them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    of_api = set(re.findall(r"^::: (.*)$", page.read_text(), re.MULTILINE))
    plain = [re.sub(r"[^\w\- ]", "", one).lower() for one in headings]
    return of_api | {one.strip().replace(" ", "-") for one in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    found = re.findall(r"\]\(\s*([^)\s]+)\s*\)", text)
    found += re.findall(r'src="([^"]+)"', text)
    for link in found:
        path, _, anchor = link.partition("#")
        if path.startswith(("http:", "https:", "mailto:")):
            continue
        goal = (page.parent / path) if path else page
        assert goal.exists(), link
        if anchor:
            assert anchor in anchors(goal), link


def test_every_picture_is_shown_somewhere():
    text = "".join(page.read_text() for page in PAGES)
    for picture in sorted((DOCS / "images").rglob("*.png")):
        assert picture.name in text, picture
