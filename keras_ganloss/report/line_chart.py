"""Curves as SVG, within a page."""

import math
from typing import Any

from keras_ganloss.report import curves as curves_module
from keras_ganloss.report.markup import element
from keras_ganloss.report.scale import Scale

WIDTH, HEIGHT = 360, 200
LEFT, RIGHT, TOP, BOTTOM = 48, 344, 8, 172
ROOM = 0.05  # Above and below the curves, as a share of their extent.


def line_chart(title: str, curves: Any) -> Any:
    """Draws curves into a panel.

    Args:
        title: String.
        curves: Dictionary `{name of log: [(epoch, value), ...]}`. What is
            not finite is a gap.

    Returns:
        A `figure` element: title, curves, and a legend with the last values.
    """
    points = [point for points in curves.values() for point in points]
    epochs = [epoch for epoch, _ in points]
    values = [value for _, value in points if math.isfinite(value)]
    across = Scale(min(epochs), max(epochs), LEFT, RIGHT)
    up = _value_scale(title, values or [0.0])
    colors = curves_module.color_names(curves)
    drawing = element(
        "svg",
        *_axes(across, up),
        *_middle(title, up),
        *[
            _curve(name, points, across, up, colors[name])
            for name, points in curves.items()
        ],
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=summary(title, curves),
    )
    return element(
        "figure",
        element("figcaption", title),
        drawing,
        _legend(curves, colors),
        class_="chart",
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


def _value_scale(title, values):
    if title == curves_module.ACCURACY:
        return Scale(0.0, 1.0, BOTTOM, TOP)
    low, high = min(values), max(values)
    if curves_module.is_logarithmic(title, values):
        return Scale(low, high, BOTTOM, TOP, is_logarithmic=True)
    room = ROOM * (high - low) or 0.5 * abs(high) or 0.5
    return Scale(low - room, high + room, BOTTOM, TOP)


def _axes(across, up):
    for value in up.ticks():
        y = f"{up(value):.1f}"
        yield element("line", x1=LEFT, x2=RIGHT, y1=y, y2=y, class_="grid")
        yield element(
            "text", f"{value:.5g}", x=LEFT - 6, y=y, dy=4, class_="up"
        )
    for epoch in across.ticks(5):
        if epoch == int(epoch):
            x = f"{across(epoch):.1f}"
            yield element("text", f"{epoch:.0f}", x=x, y=188, class_="across")
    yield element(
        "line", x1=LEFT, x2=RIGHT, y1=BOTTOM, y2=BOTTOM, class_="axis"
    )


def _middle(title, up):
    if title == curves_module.ACCURACY:
        y = f"{up(0.5):.1f}"
        yield element("line", x1=LEFT, x2=RIGHT, y1=y, y2=y, class_="middle")


def _curve(name, points, across, up, color):
    parts = []
    pen_is_down = False
    for epoch, value in points:
        if not math.isfinite(value):
            pen_is_down = False
            continue
        command = "L" if pen_is_down else "M"
        parts.append(f"{command}{across(epoch):.1f} {up(value):.1f}")
        if not pen_is_down:
            parts.append("h0")  # With round ends, a lone point is a dot.
        pen_is_down = True
    validation = "" if name == curves_module.stem(name) else " validation"
    return element(
        "path",
        element("title", _name(name)),
        d="".join(parts),
        class_=f"curve color-{color}{validation}",
    )


def _legend(curves, colors):
    entries = []
    for name, points in curves.items():
        validation = "" if name == curves_module.stem(name) else " validation"
        line = element(
            "path",
            d="M1 5H21",
            class_=f"curve color-{colors[name]}{validation}",
        )
        key = element("svg", line, viewBox="0 0 22 10", aria_hidden="true")
        value = element("b", number(points[-1][1]))
        entries.append(element("li", key, f" {_name(name)} ", value))
    return element("ul", *entries, class_="legend")


def _name(name):
    stem = curves_module.stem(name)
    text = curves_module.label(stem)
    return text if name == stem else f"{text} (validation)"
