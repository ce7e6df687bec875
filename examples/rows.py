"""
Title: Pictures of several answers to the same inputs
Description: A row of images for each of them, with what it is beside it.
Runs in: a second.
"""

import os
import pathlib

import numpy as np


def draw_rows(rows, path):
    """Writes a picture with one labeled row for each entry.

    Args:
        rows: Dict of label to images `(num, height, width, channels)` in
            [-1, 1], gray or color, as many in each.
        path: Path of a PNG file, put there when it is complete.
    """
    from matplotlib import figure

    num = len(next(iter(rows.values())))
    picture = figure.Figure(
        figsize=(1.7 + 0.66 * num, 0.7 * len(rows)), layout="constrained"
    )
    axes = picture.subplots(len(rows), 1)
    for axis, (label, images) in zip(axes, rows.items()):
        # A white line between one image and the next.
        images = np.pad(
            images, ((0, 0), (0, 0), (0, 1), (0, 0)), constant_values=1.0
        )
        pixels = np.clip((np.concatenate(images, axis=1) + 1.0) / 2.0, 0.0, 1.0)
        pixels = np.broadcast_to(pixels, (*pixels.shape[:2], 3))
        axis.imshow(pixels, interpolation="nearest")
        axis.set_axis_off()
        axis.text(
            -0.01,
            0.5,
            label,
            horizontalalignment="right",
            verticalalignment="center",
            transform=axis.transAxes,
        )
    path = pathlib.Path(path)
    incomplete = path.with_suffix(".incomplete")
    picture.savefig(incomplete, dpi=100, format="png", bbox_inches="tight")
    os.replace(incomplete, path)
