"""
Title: Photos for the examples
Description: Squares to train on, photos that are held out, what is measured.
Runs in: some seconds.
"""

import datasets
import numpy as np

from keras_ganloss import metrics

SIZE = 64  # Of a square.
HELD_OUT = 288, 448  # Height and width.
# Of the first photos, what pictures show: from which row and column on.
PLACES = ((16, 56), (16, 170))
SHOWN = 256


def contrast(images):
    """Mean absolute difference of neighboring pixels, one a picture."""
    differences = [np.abs(np.diff(images, axis=axis)) for axis in (1, 2)]
    return sum(part.mean((1, 2, 3), "float32") for part in differences)


def squares(photos, step, scale=1):
    """Cuts photos into squares to train on.

    Each photo at a half and at a quarter of its size, so that it is sharp.
    Much of a photo is out of focus, or sky: a quarter of the squares is kept,
    those with most contrast between neighbors.

    Args:
        photos: List of arrays `(height, width, 3)` of uint8.
        step: Int, from one square to the next.
        scale: Int, how many times smaller the other squares are.

    Returns:
        Arrays `(num, 64 // scale, 64 // scale, 3)` and `(num, 64, 64, 3)` in
        [-1, 1], of the same places.
    """
    small, large = [], []
    for photo in photos:
        for factor in (2, 4):
            answer = datasets.shrink(photo, factor)
            source = datasets.shrink(answer, scale)
            small.append(datasets.cut(source, SIZE // scale, step // scale))
            large.append(datasets.cut(answer, SIZE, step))
    small, large = map(datasets.to_range, map(np.concatenate, (small, large)))
    contrasts = contrast(large)
    kept = contrasts >= np.quantile(contrasts, 0.75)
    return small[kept], large[kept]


def held_out():
    """Returns the middle of photos of other kinds, `(7, 288, 448, 3)`."""
    height, width = HELD_OUT
    middles = []
    for photo in datasets.known_photos().values():
        top = (photo.shape[0] - height) // 2
        left = (photo.shape[1] - width) // 2
        middles.append(photo[top : top + height, left : left + width])
    return np.stack(middles)


def places(photos):
    """Returns what pictures show of the first two photos, 256 x 256 each."""
    return [
        photo[top : top + SHOWN, left : left + SHOWN]
        for photo, (top, left) in zip(photos, PLACES)
    ]


def to_pixels(answers):
    """Maps what a network made for [-1, 1] to uint8."""
    return np.clip(127.5 * answers + 128.0, 0.0, 255.0).astype("uint8")


def measure(answers, real):
    """Compares photos with the real ones.

    The signal-to-noise ratio, in decibels, is what the absolute error is good
    at. The perceptual distance is LPIPS's formula with five layers of
    EfficientNet-Lite0, place by place; the Fréchet distance compares what
    squares are like, wherever they are. The contrast is that of neighboring
    pixels, that of the real photos being 1.

    Args:
        answers, real: Arrays `(num, height, width, 3)` of uint8.

    Returns:
        Dict of name to float.
    """
    answers, real = (part.astype("float32") for part in (answers, real))
    settings = {"value_range": (0, 255)}
    perceptual = metrics.PerceptualDistance(**settings)
    frechet = metrics.FrechetDistance("efficientnet_lite0", **settings)
    for pair in zip(real, answers):
        perceptual.update_state(*(photo[None] for photo in pair))
        frechet.update_state(
            *(datasets.cut(photo, SIZE, SIZE // 2) for photo in pair)
        )
    return {
        "psnr": float(signal_to_noise(answers, real).mean()),
        "perceptual": float(perceptual.result()),
        "frechet": float(frechet.result()),
        "contrast": float(contrast(answers).mean() / contrast(real).mean()),
    }


def signal_to_noise(answers, real):
    """Peak signal-to-noise ratios, in decibels, one a photo."""
    return 10.0 * np.log10(255.0**2 / np.square(answers - real).mean((1, 2, 3)))
