import numpy as np
import pytest

from keras_ganloss.callbacks import LatentGrid
from keras_ganloss.callbacks import interpolate
from keras_ganloss.metrics import spherical_interpolation
from tests.helpers import image_games
from tests.helpers.networks import begin_average

Image = pytest.importorskip("PIL.Image")


def test_ends_are_what_generate_makes():
    game = image_games.mirror()
    # The averaged weights are the ones that count.
    begin_average(game)
    (variable,) = game.generator.trainable_variables
    variable.assign(np.full(variable.shape, 7.0))
    made = interpolate(game, seeds=[(3, 7), (7, 5)], columns=4)
    assert made.shape == (8, 2, 2, 1)
    ends = {seed: game.generate(1, seed=seed)[0] for seed in (3, 5, 7)}
    for index, seed in ((0, 3), (3, 7), (4, 7), (7, 5)):
        np.testing.assert_allclose(made[index], ends[seed], rtol=1e-6)
    expected = spherical_interpolation(
        np.repeat(ends[3][None], 4, axis=0),
        np.repeat(ends[7][None], 4, axis=0),
        [0.0, 1 / 3, 2 / 3, 1.0],
    )
    np.testing.assert_allclose(made[:4], expected, rtol=1e-5, atol=1e-6)


def test_a_condition_stays_along_its_row():
    game = image_games.conditional_mirror()
    labels = np.array([[10.0], [20.0]], "float32")
    seeds = [(0, 1), (0, 1)]
    made = interpolate(game, seeds, columns=3, condition=labels)
    np.testing.assert_allclose(made[:3] + 10.0, made[3:], rtol=1e-5)
    start = game.generate(1, condition=labels[1:], seed=0)
    np.testing.assert_allclose(made[3], start[0], rtol=1e-5)
    with pytest.raises(ValueError, match="`condition`"):
        interpolate(game, seeds)


def test_drawn_codes_stay_along_their_row():
    game = image_games.coded_mirror()
    made = interpolate(game, seeds=[(4, 9)], columns=3)
    first = game.generate(1, seed=4)[0]
    np.testing.assert_allclose(made[0], first, rtol=1e-6)
    for sample in made:
        np.testing.assert_allclose(sample[1], first[1], rtol=1e-6)
    assert abs(made[2][0] - first[0]).max() > 0.1


def test_rows_of_the_picture(tmp_path):
    game = image_games.mirror((30, 30, 3))
    grid = LatentGrid(tmp_path, seeds=[(0, 1), (2, 3)], columns=5)
    grid.set_model(game)
    grid.on_train_begin()
    grid.on_epoch_end(0)
    picture = np.asarray(Image.open(tmp_path / "epoch_0001.png"))
    # Three times as large, 450 pixels wide beside crisp labels.
    assert picture.shape[0] == 180
    assert picture.shape[1] > 450 and picture.shape[2] == 3
    end = game.generate(1, seed=3)[0]
    expected = np.floor((np.clip(end, -1, 1) + 1) / 2 * 255 + 0.5)
    np.testing.assert_allclose(picture[90::3, -90::3], expected, atol=1)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"seeds": []}, r"seeds=\[\]"),
        ({"seeds": [(1, 2, 3)]}, "pairs"),
        ({"seeds": [1, 2]}, "pairs"),
        ({"columns": 1}, "columns=1"),
        ({"every": 0}, "every=0"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        LatentGrid(**arguments)


def test_model_without_latents():
    with pytest.raises(ValueError, match="starts from latents"):
        interpolate(object())


def test_samples_that_are_no_images():
    grid = LatentGrid()
    grid.set_model(image_games.mirror((5,)))
    with pytest.raises(ValueError, match="`LatentGrid` draws images"):
        grid.on_train_begin()
