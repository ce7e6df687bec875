"""Whatever looks at a run leaves it as it is, bit for bit."""

import keras
import numpy as np
import pytest

from keras_ganloss import GAN
from keras_ganloss import callbacks
from tests.helpers import image_games

pytest.importorskip("PIL")
pytest.importorskip("matplotlib")
pytest.importorskip("tensorboard")

SHAPE = (4, 4, 1)
IMAGES = np.random.default_rng(0).normal(size=(24, *SHAPE)).astype("float32")
POINTS = np.random.default_rng(0).normal(size=(24, 2)).astype("float32")


def noisy_game():
    """A game whose networks draw and have moving statistics."""
    generator = keras.Sequential(
        [
            keras.Input(SHAPE),
            keras.layers.BatchNormalization(),
            keras.layers.GaussianNoise(0.1, seed=3),
            image_games.Offset(),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input(SHAPE),
            keras.layers.Dropout(0.3, seed=4),
            keras.layers.Flatten(),
            keras.layers.Dense(1, kernel_initializer="ones"),
        ]
    )
    return image_games.compiled(GAN(generator, discriminator, seed=0))


def image_watchers(path):
    pictures = [
        callbacks.SampleGrid(path / "samples", num=4, columns=2),
        callbacks.LatentGrid(path / "latents", columns=3),
        callbacks.TruncationGrid(path / "truncation", columns=3),
        callbacks.NearestFakes(path / "fakes", IMAGES[:2], num=9),
        callbacks.NearestReals(path / "reals", IMAGES, num=2),
        callbacks.LogitGrid(path / "logits", IMAGES[:2]),
    ]
    return [
        *pictures,
        callbacks.HistoryPlot(path / "history.png"),
        callbacks.TensorBoard(path / "logs", pictures, data=IMAGES[:8]),
        callbacks.Report(path / "report.html", pictures),
    ]


def point_watchers(path):
    plot = callbacks.ScatterPlot(path / "points", POINTS, num=20)
    return [
        plot,
        callbacks.TensorBoard(path / "logs", [plot], data=POINTS[:8]),
        callbacks.Report(path / "report.html", [plot]),
    ]


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize(
    "make_game, data, make_watchers",
    [
        (noisy_game, IMAGES, image_watchers),
        (lambda: image_games.mirror((2,)), POINTS, point_watchers),
    ],
    ids=["images", "points"],
)
def test_history_and_weights(tmp_path, make_game, data, make_watchers, shuffle):
    results = []
    for watchers in ([], make_watchers(tmp_path)):
        keras.utils.set_random_seed(0)
        game = make_game()
        history = game.fit(
            data,
            epochs=2,
            batch_size=8,
            shuffle=shuffle,
            verbose=0,
            callbacks=watchers,
        )
        weights = [image_games.numpy(weight) for weight in game.weights]
        results.append((history.history, weights))
    (alone, weights), (watched, watched_weights) = results
    assert watched == alone
    for first, second in zip(weights, watched_weights):
        np.testing.assert_array_equal(first, second)
    assert len(list(tmp_path.iterdir())) >= 3
