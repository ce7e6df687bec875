"""Curves of a panel, drawn by matplotlib."""

import math
from collections.abc import Iterable
from typing import Any

from keras_ganloss.report import curves as curves_module
from keras_ganloss.report.curves import ACCURACY
from keras_ganloss.report.curves import COLORS
from keras_ganloss.report.curves import OTHERS
from keras_ganloss.report.curves import RATES

INK, FAINT, LINE, GRID = "#333333", "#999999", "#bbbbbb", "#e6e6e6"
DASHED = (0, (4, 2))


def draw(
    axes: Any, title: str, curves: Any, levels: Iterable[float] = ()
) -> None:
    """Draws the curves of a panel, its ticks and its grid.

    Curves of validation data are dashed; a panel that spans three powers of
    ten has a logarithmic scale.

    Args:
        axes: Axes of matplotlib.
        title: String, of the panel.
        curves: Dictionary `{name of log: [(epoch, value), ...]}`.
        levels: Values to mark by a dotted line, where they are in sight.
    """
    colors = curves_module.color_names(curves)
    labels = curves_module.labels(curves)
    for name, points in curves.items():
        is_validation = name != curves_module.stem(name)
        color = colors[name]
        axes.plot(
            *zip(*points, strict=True),
            color=COLORS[color] if color in COLORS else OTHERS[color],
            linewidth=1.4 if is_validation else 1.8,
            linestyle=DASHED if is_validation else "solid",
            marker="o",
            markersize=4,
            markevery=_alone([value for _, value in points]),
            label=labels.get(name),
        )
    points = [point for points in curves.values() for point in points]
    _scale(axes, title, *zip(*points, strict=True))
    low, high = axes.get_ylim()
    axes.set_ylim(low, high)  # Whatever is marked, curves fill the panel.
    for level in levels:
        if low <= level <= high:
            axes.axhline(level, color=FAINT, linewidth=1.0, linestyle=":")
    axes.tick_params(which="both", labelsize=8, colors=INK, length=3)
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(LINE)


def _alone(values):
    """Returns the places of numbers that no line reaches."""
    finite = [False, *map(math.isfinite, values), False]
    return [
        place
        for place in range(len(values))
        if finite[place : place + 3] == [False, True, False]
    ]


def _scale(axes, title, epochs, values):
    axes.margins(x=0.02, y=0.08)
    axes.xaxis.get_major_locator().set_params(integer=True)
    if min(epochs) == max(epochs):
        axes.set_xlim(min(epochs) - 1, max(epochs) + 1)
    if title == ACCURACY:
        axes.set_ylim(-0.03, 1.03)
    elif curves_module.is_logarithmic(title, values):
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("")
    elif title == RATES:
        axes.ticklabel_format(axis="y", style="sci", scilimits=(0, 0))
        axes.yaxis.get_offset_text().set(size=8, color=INK)
