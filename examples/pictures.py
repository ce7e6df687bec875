"""
Title: Pictures for the examples
Description: Rows of images under each other, each with its name.
Runs in: less than a second.
"""

import numpy as np
from matplotlib import figure

from keras_ganloss.callbacks import tile

SIDE = 0.4  # Of an image, in inches.


def save_rows(path, rows, value_range=(-1.0, 1.0), side=SIDE):
    """Writes a picture with a row of images for each name.

    Args:
        path: Where to write.
        rows: Dict of name to array `(num, height, width, channels)`, the
            same number in each row.
        value_range: Pair of the values of black and white.
        side: Width and height of an image, in inches.
    """
    low, high = value_range
    columns = len(next(iter(rows.values())))
    grid = tile(np.concatenate(list(rows.values())), columns)
    grid = np.clip((grid - low) / (high - low), 0.0, 1.0)
    size = side * columns, side * len(rows)
    picture = figure.Figure(figsize=size)
    axes = picture.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.imshow(
        grid, "gray", vmin=0.0, vmax=1.0, extent=(0, columns, 0, len(rows))
    )
    axes.set_yticks(np.arange(len(rows))[::-1] + 0.5, rows)
    axes.tick_params(length=0, pad=6)
    axes.set_xticks([])
    axes.set_frame_on(False)
    picture.savefig(path, dpi=120, bbox_inches="tight", pad_inches=0.08)
