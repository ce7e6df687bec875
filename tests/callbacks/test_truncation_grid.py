import numpy as np
import pytest

from keras_ganloss.callbacks import TruncationGrid
from keras_ganloss.callbacks import truncate
from tests.helpers import image_games

Image = pytest.importorskip("PIL.Image")


def test_the_same_latents_shrink():
    game = image_games.mirror((8,))
    made = truncate(game, [None, 1.0, 0.3], columns=50, seed=3)
    rows = made.reshape(3, 50, 8)
    assert 2.0 < abs(rows[0]).max() < 5.0
    for row, threshold in zip(rows[1:], (1.0, 0.3)):
        assert 0.9 * threshold < abs(row).max() <= threshold
        # The same uniform numbers: neither sign nor order changes.
        np.testing.assert_array_equal(np.sign(row), np.sign(rows[0]))
        np.testing.assert_array_equal(
            np.argsort(row, axis=None), np.argsort(rows[0], axis=None)
        )
        assert (abs(row) <= abs(rows[0]) + 1e-6).all()


def test_no_truncation_is_normal():
    made = truncate(image_games.mirror((100,)), [None], columns=200)
    # Four standard errors of 20,000 numbers.
    assert abs(made.mean()) < 4 / np.sqrt(20_000)
    assert abs(made.var() - 1) < 4 * np.sqrt(2 / 20_000)


def test_a_condition_for_each_column():
    game = image_games.conditional_mirror()
    labels = np.array([[100.0], [200.0], [300.0]], "float32")
    made = truncate(game, [1.0, 0.5], 3, condition=labels)
    labels_read = made.mean(axis=(1, 2, 3)).round(-2)
    assert labels_read.tolist() == [100.0, 200.0, 300.0] * 2


def test_rows_of_the_picture(tmp_path):
    game = image_games.mirror((24, 24, 1))
    grid = TruncationGrid(
        tmp_path, thresholds=[None, 0.2], columns=3, value_range=(-1, 1)
    )
    grid.set_model(game)
    grid.on_train_begin()
    grid.on_epoch_end(0)
    picture = np.asarray(Image.open(tmp_path / "epoch_0001.png"))
    assert picture.shape[0] == 2 * 5 * 24
    assert picture.shape[1] > 3 * 5 * 24
    lower = picture[5 * 24 :, -3 * 5 * 24 :]
    # A fifth of the way from gray to black and to white.
    assert 102 <= lower.min() < 110 and 145 < lower.max() <= 153


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"thresholds": []}, r"thresholds=\[\]"),
        ({"thresholds": [None, 0.0]}, "positive"),
        ({"columns": 0}, "columns=0"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        TruncationGrid(**arguments)
