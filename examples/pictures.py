"""
Title: Pictures for the examples
Description: Rows of images under each other, each with its name.
Runs in: less than a second.
"""

import numpy as np
from matplotlib import figure
from PIL import Image
from PIL import ImageDraw
from PIL import ImageFont

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


def save_columns(path, columns, gap=6, heading=26):
    """Writes a picture with a column of photos for each name, 1:1.

    Args:
        path: Where to write.
        columns: Dict of name to arrays `(height, width, 3)` of uint8, of one
            size, and as many in each column.
        gap, heading: Ints, pixels between photos, and above them for names.
    """
    first = next(iter(columns.values()))
    num, (height, width, _) = len(first), first[0].shape
    size = (width + gap) * len(columns) - gap, (height + gap) * num + heading
    picture = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(16)
    for column, (name, images) in enumerate(columns.items()):
        left = column * (width + gap)
        middle = left + width // 2, heading // 2
        pen.text(middle, name, "black", font, anchor="mm")
        for row, image in enumerate(images):
            top = heading + row * (height + gap)
            picture.paste(Image.fromarray(image), (left, top))
    picture.save(path, optimize=True)
