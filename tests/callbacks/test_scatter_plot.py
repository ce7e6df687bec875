import io

import numpy as np
import pytest

from keras_ganloss.callbacks import ScatterPlot
from keras_ganloss.callbacks.scatter_plot import limits
from tests.helpers import image_games

pytest.importorskip("matplotlib")
Image = pytest.importorskip("PIL.Image")

SQUARE = np.array([[-1.0, -3.0], [1.0, 3.0]])


def plot(real=SQUARE, **kwargs):
    picture = ScatterPlot(None, real, **kwargs)
    picture.set_model(image_games.mirror((2,)))
    picture.on_train_begin()
    return picture


def read(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def purple(pixels):
    """Where generated points are, but not the legend at the top right."""
    found = pixels[..., 0] - pixels[..., 1] > 40
    found[:120, 300:] = False
    return found


def test_axes_are_those_of_the_real_points():
    low, high = limits(SQUARE)
    # A square around the middle, with a quarter of 6 on each side.
    np.testing.assert_allclose(low, [-4.5, -4.5])
    np.testing.assert_allclose(high, [4.5, 4.5])
    low, high = limits(np.array([[5.0, 7.0]]))
    np.testing.assert_allclose(high - low, [1.5, 1.5])


def test_axes_stay_and_points_move():
    picture = plot(num=300)
    first = read(picture.draw(1))
    (variable,) = picture.model.generator.trainable_variables
    values = image_games.numpy(variable)
    variable.assign(values + np.array([2.0, 0.0]))
    picture.model.weight_average.variables[0].assign(values + [2.0, 0.0])
    second = read(picture.draw(1))
    assert first.shape == second.shape
    columns = [purple(pixels).nonzero()[1].mean() for pixels in (first, second)]
    # Two of nine units of a square of less than five inches.
    assert 80 < columns[1] - columns[0] < 110
    np.testing.assert_array_equal(first[-25:], second[-25:])  # Tick labels.


def test_points_outside_are_counted():
    picture = plot(num=4)
    points = np.array([[0, 0], [5, 0], [0, -4.6], [np.nan, 0]])
    assert picture._outside(points) == 3


def test_only_points():
    picture = ScatterPlot(None, SQUARE)
    picture.set_model(image_games.mirror())
    with pytest.raises(ValueError, match=r"samples of shape \(2, 2, 1\)"):
        picture.on_train_begin()
    picture.set_model(object())
    with pytest.raises(ValueError, match="`generate"):
        picture.on_train_begin()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"real": np.zeros((5, 3))}, r"real.shape=\(5, 3\)"),
        ({"real": np.zeros((0, 2))}, r"real.shape=\(0, 2\)"),
        ({"num": 0}, "num=0"),
        ({"every": 0}, "every=0"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        ScatterPlot(None, **{"real": SQUARE, **arguments})
