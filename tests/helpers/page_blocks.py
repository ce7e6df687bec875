"""The Python blocks of a page, to run them."""

import pathlib
import re

DOCS = pathlib.Path(__file__).parents[2] / "docs"


def named_blocks(page):
    """Returns the blocks that follow a comment, `<!-- name -->`, by name."""
    text = (DOCS / page).read_text()
    return dict(re.findall(r"<!-- (.*?) -->\n```python\n(.*?)```", text, re.S))
