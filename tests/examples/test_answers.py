"""What the examples of the learned loss measure, on data of known answers."""

import importlib
import pathlib
import sys

import numpy as np
import pytest

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
NAMES = (
    "datasets",
    "rows",
    "pictures",
    "colorization",
    "next_frame",
    "photos",
)


@pytest.fixture(scope="module")
def example():
    """Imports examples by name, and leaves no trace of their short names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXAMPLES))
        for name in NAMES:
            patch.delitem(sys.modules, name, raising=False)
        yield importlib.import_module
        for name in NAMES:
            sys.modules.pop(name, None)


def test_colors_are_split_and_joined(example):
    colorization = example("colorization")
    images = np.random.default_rng(0).uniform(-1, 1, (2, 4, 4, 3))
    gray, colors = colorization.split(images)
    np.testing.assert_allclose(
        colorization.join(gray, colors), images, atol=1e-5
    )


def test_channels_by_hand(example):
    # Pure blue: luminance 0.114 of the way from black to white, and as blue
    # as it gets; (-0.114 / 1.402) * 2 in red.
    gray, colors = example("colorization").split(
        np.array([[[[-1.0, -1.0, 1.0]]]])
    )
    assert gray.item() == pytest.approx(-1.0 + 2.0 * 0.114)
    assert colors.ravel() == pytest.approx([1.0, -0.228 / 1.402])


def test_measures_of_colors(example):
    colorization = example("colorization")
    images = np.random.default_rng(0).uniform(-1, 1, (2, 4, 4, 3))
    assert colorization.measure(images, images) == pytest.approx((1, 1, 0))
    gray = np.repeat(colorization.split(images)[0], 3, axis=-1)
    assert colorization.measure(gray, images)[0] == pytest.approx(0, abs=1e-5)


def test_frames_move_and_turn(example):
    next_frame = example("next_frame")
    articles = np.ones((1, 28, 28, 1), "float32")
    articles[0, 0, 0] = -1.0  # No article is the same when it is moved.
    frames, following, other = next_frame.make_sequences(articles, 20, seed=0)
    places = [
        np.argwhere(part[..., 0] == 2.0).reshape(20, -1, 3)[:, -1, 1:]
        for part in (frames[..., :1], frames[..., 1:], following, other)
    ]
    before = places[1] - places[0]
    ways = [place - places[1] for place in places[2:]]
    for way in (before, *ways):
        assert (np.abs(way).sum(axis=1) == 6).all()
    # Both turns are at right angles, and opposite.
    assert (np.sum(before * ways[0], axis=1) == 0).all()
    assert (ways[0] == -ways[1]).all()


def test_measures_of_frames_by_hand(example):
    next_frame = example("next_frame")
    following, other = np.zeros((2, 1, 4, 4, 1))
    following[0, 0, 0], other[0, 3, 3] = 2.0, 2.0
    # A single pixel of two: two differences of 2 among 12 each way.
    assert next_frame.gradient_energy(following) == pytest.approx(8 / 12)
    # Half of each: twice as many differences, half as large. Off by 1 in two
    # pixels of 16 from either.
    average = (following + other) / 2.0
    assert next_frame.measure(average, following, other) == pytest.approx(
        (0.5, np.sqrt(2 / 16), np.sqrt(2 / 16))
    )
    assert next_frame.measure(other, following, other) == pytest.approx(
        (1.0, 0.0, np.sqrt(8 / 16))
    )


def test_small_and_large_squares_are_of_one_place(example):
    datasets = example("datasets")
    photo = np.random.default_rng(0).integers(0, 256, (300, 420, 3), "uint8")
    small, large = example("photos").squares([photo], step=40, scale=4)
    assert small.shape[1:] == (16, 16, 3) and large.shape[1:] == (64, 64, 3)
    again = np.stack(
        [
            datasets.shrink(np.round(127.5 * image + 127.5).astype("uint8"), 4)
            for image in large
        ]
    )
    # The kernel sees two small pixels beyond the square.
    np.testing.assert_allclose(
        datasets.to_range(again)[:, 2:-2, 2:-2], small[:, 2:-2, 2:-2], atol=1e-2
    )


def test_signal_to_noise_by_hand(example):
    real = np.zeros((2, 4, 4, 3), "float32")
    # Off by 255 at one value of 48, and by 51 everywhere: 10 log10(48), 10
    # log10(25).
    other = real.copy()
    other[0, 0, 0, 0] = 255
    other[1] = 51
    found = example("photos").signal_to_noise(other, real)
    assert found == pytest.approx([10 * np.log10(48), 10 * np.log10(25)])
