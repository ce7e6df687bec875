"""HTML as a tree: whatever is in it is escaped when it is written."""

import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

# What no HTML may contain, not even escaped.
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def element(tag: str, *children: Any, **attributes: Any) -> ElementTree.Element:
    """Returns an element of a page.

    Args:
        tag: String, such as `"p"`.
        *children: Elements and texts, in their order.
        **attributes: Strings or numbers. `class_` is `class`, other
            underscores are hyphens.

    Example:

    >>> to_html(element("p", "1 < 2", class_="note"))
    '<p class="note">1 &lt; 2</p>'
    """
    made = ElementTree.Element(
        tag,
        {
            name.rstrip("_").replace("_", "-"): _clean(str(value))
            for name, value in attributes.items()
        },
    )
    for child in children:
        if not isinstance(child, str):
            made.append(child)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + _clean(child)
        else:
            made.text = (made.text or "") + _clean(child)
    return made


def to_html(root: ElementTree.Element) -> str:
    """Returns an element and all in it as a string."""
    return ElementTree.tostring(root, encoding="unicode", method="html")


def table(rows: Any, head: Sequence[str] | None = None) -> ElementTree.Element:
    """Returns a table; the first entry of each row is its heading.

    Args:
        rows: List of rows, each a list of texts or elements.
        head: Optional list of texts above the columns.
    """
    parts = []
    if head:
        cells = [element("th", text, scope="col") for text in head]
        parts.append(element("thead", element("tr", *cells)))
    body = [
        element(
            "tr",
            element("th", first, scope="row"),
            *[element("td", entry) for entry in rest],
        )
        for first, *rest in rows
    ]
    parts.append(element("tbody", *body))
    # A wide table scrolls by itself, not with the page.
    return element("div", element("table", *parts), class_="scroll")


def _clean(text):
    return CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)
