"""Curves within a page: a drawing, what it shows, and numbers to point at."""

import io
import json
import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from keras_ganloss.report import curves as curves_module
from keras_ganloss.report import drawing
from keras_ganloss.report.curves import COLORS
from keras_ganloss.report.curves import OTHERS
from keras_ganloss.report.markup import element

INCHES = (5.0, 2.8)  # Of 72 to the width of a page's column and more.
# Colors of the drawing, which a page gives by names: a dark one has others.
NAMES = {
    **dict(zip(OTHERS, ("d", "g", "real", "fake", "e", "f"))),
    **{color: name for name, color in COLORS.items()},
    drawing.INK: "faint",
    drawing.FAINT: "faint",
    drawing.LINE: "line",
    drawing.GRID: "line",
}


def line_chart(
    title: str,
    curves: Any,
    text: str = "",
    levels: Sequence[float] = (),
) -> Any:
    """Draws curves into a panel.

    Args:
        title: String.
        curves: Dictionary `{name of log: [(epoch, value), ...]}`. What is
            not finite is a gap.
        text: What the chart shows, and how to read it.
        levels: Values to mark by a dotted line.

    Returns:
        A `figure` element: title, curves, text, and a legend with the last
        values, in which a page's script shows those of the epoch that is
        pointed at.
    """
    svg, places = _drawing(title, curves, levels)
    svg.set("role", "img")
    svg.set("aria-label", summary(title, curves))
    return element(
        "figure",
        element("figcaption", title, element("span", class_="when")),
        svg,
        _legend(curves, list(places)),
        *([element("p", text, class_="faint")] if text else []),
        class_="chart",
        data_epochs=json.dumps(list(places)),
        data_places=json.dumps(list(places.values())),
    )


def summary(title: str, curves: Any) -> str:
    """Returns in words what a chart shows, for those who do not see it."""
    parts = [
        f"{_name(name)} from {number(points[0][1])} to {number(points[-1][1])}"
        for name, points in curves.items()
    ]
    last = max(epoch for points in curves.values() for epoch, _ in points)
    return f"{title} until epoch {last}: {', '.join(parts)}"


def number(value: Any) -> str:
    """Returns a number with four digits."""
    return f"{value:.4g}"


def _drawing(title, curves, levels):
    """Returns an `svg` element, and where on its width each epoch is."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=INCHES)
    FigureCanvasSVG(figure)
    figure.subplots_adjust(left=0.12, right=0.99, bottom=0.09, top=0.95)
    axes = figure.add_subplot()
    drawing.draw(axes, title, curves, levels)
    file = io.BytesIO()
    # Texts stay texts, and runs that are equal have equal pages.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": title}):
        figure.savefig(file, format="svg", transparent=True)
    epochs = sorted({e for points in curves.values() for e, _ in points})
    pixels = axes.transData.transform([(epoch, 1.0) for epoch in epochs])
    places = pixels[:, 0] / figure.bbox.width
    return _within_a_page(file.getvalue()), {
        epoch: round(float(place), 4) for epoch, place in zip(epochs, places)
    }


def _within_a_page(svg):
    """Returns an element without what only a file of its own has."""
    root = ElementTree.fromstring(svg)
    for each in list(root.iter()):
        for kind in ("{*}metadata", "{*}style"):
            for part in each.findall(kind):
                each.remove(part)
        each.tag = _local(each.tag)
        each.attrib = {_local(k): v for k, v in each.attrib.items()}
        style = each.get("style", "")
        if each.tag == "g":  # Every drawing has the same ones.
            each.attrib.pop("id", None)
        if each.tag == "text":  # The page has fonts of its own.
            anchor = re.search("text-anchor: \\w+", style)
            each.set("style", anchor[0] if anchor else "")
        elif style:
            each.set("style", _with_names(style))
    return element("svg", *root, viewBox=root.get("viewBox"))


def _local(name):
    return name.rpartition("}")[2]


def _with_names(style):
    return re.sub(
        "#[0-9a-f]{6}",
        lambda found: (
            f"var(--{NAMES[found[0]]})" if found[0] in NAMES else found[0]
        ),
        style,
    )


def _legend(curves, epochs):
    colors = curves_module.color_names(curves)
    entries = []
    for name, points in curves.items():
        validation = "" if name == curves_module.stem(name) else " validation"
        line = element(
            "path",
            d="M1 5H21",
            class_=f"curve color-{colors[name]}{validation}",
        )
        key = element("svg", line, viewBox="0 0 22 10", aria_hidden="true")
        values = {epoch: number(value) for epoch, value in points}
        entries.append(
            element(
                "li",
                key,
                f" {_name(name)} ",
                element("b", number(points[-1][1])),
                data_values=json.dumps([values.get(e, "") for e in epochs]),
            )
        )
    return element("ul", *entries, class_="legend")


def _name(name):
    stem = curves_module.stem(name)
    text = curves_module.label(stem)
    return text if name == stem else f"{text} (validation)"
