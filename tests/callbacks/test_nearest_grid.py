import keras
import numpy as np
import pytest

from keras_ganloss.callbacks import NearestFakes
from keras_ganloss.callbacks import NearestReals
from keras_ganloss.callbacks import nearest_grid
from keras_ganloss.utils.images import to_pixels
from tests.helpers import image_games

Image = pytest.importorskip("PIL.Image")

SHAPE = (24, 24, 1)


def draw(grid, game, tmp_path):
    grid.set_model(game)
    grid.on_train_begin()
    grid.on_epoch_end(0)
    return np.asarray(Image.open(tmp_path / "epoch_0001.png"))


def places(body, images):
    """Returns how far from the left a column of images is in a picture.

    Where each pixel of an image is `zoom` times as wide and as high.
    """
    zoom = len(body) // (24 * len(images))
    pixels = to_pixels(images, (-1, 1)).reshape(-1, 24).astype(int)
    shown, width = body[::zoom], 24 * zoom
    found = [
        x
        for x in range(body.shape[1] - width + 1)
        if abs(shown[:, x : x + width : zoom] - pixels).max() <= 1
    ]
    # A pixel or two further on, enlarged ones are the same.
    return [x for x in found if x - 1 not in found]


def test_chunks_are_one(monkeypatch):
    queries, references = np.random.default_rng(0).normal(size=(2, 20, 3))
    expected = nearest_grid.nearest(queries, references, 6)
    distances = np.linalg.norm(queries[:, None] - references, axis=-1)
    np.testing.assert_array_equal(
        expected[1], np.argsort(distances, axis=1)[:, :6]
    )
    np.testing.assert_allclose(
        expected[0], np.sort(distances, axis=1)[:, :6], rtol=1e-6
    )
    monkeypatch.setattr(nearest_grid, "CHUNK", 3)
    found = nearest_grid.nearest(queries, references, 6)
    np.testing.assert_array_equal(found[1], expected[1])
    np.testing.assert_allclose(found[0], expected[0])


def test_a_copy_is_found_at_distance_zero(tmp_path):
    game = image_games.mirror(SHAPE)
    fake = game.generate(2, seed=0)
    real = np.random.default_rng(1).normal(size=(50, *SHAPE))
    real = real.astype("float32")
    real[33], real[7] = fake[0], fake[1]
    distances, indices = nearest_grid.nearest(fake, real, 1)
    assert indices.ravel().tolist() == [33, 7]
    assert distances.tolist() == [[0.0], [0.0]]
    grid = NearestReals(tmp_path, real, num=2, neighbors=1)
    body = draw(grid, game, tmp_path)[24:]
    assert len(places(body, fake)) == 2


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_pictures_of_copies_are_side_by_side(tmp_path, data_format):
    shape = SHAPE if data_format == "channels_last" else (1, 24, 24)
    keras.config.set_image_data_format(data_format)
    try:
        game = image_games.mirror(shape)
        fake = game.generate(10, seed=0)
        real = fake[[4, 2]]
        grid = NearestFakes(tmp_path, real, num=10, neighbors=4)
        picture = draw(grid, game, tmp_path)
    finally:
        keras.config.set_image_data_format("channels_last")
    body = picture[24:]
    assert len(body) == 2 * 3 * 24
    first, second = places(body, real)
    assert second == first + 3 * 24 + nearest_grid.GAP
    assert body.shape[1] == second + 4 * 3 * 24


def test_features_decide(tmp_path):
    # The nearest by brightness alone.
    game = image_games.mirror(SHAPE)
    bright = lambda images: keras.ops.mean(images, axis=(1, 2, 3))[:, None]  # noqa: E731
    fake = game.generate(30, seed=0)
    levels = fake.mean(axis=(1, 2, 3))
    real = np.full((1, *SHAPE), levels[11], "float32")
    grid = NearestFakes(
        tmp_path,
        real,
        num=30,
        neighbors=1,
        features=bright,
        value_range=(-1, 1),
    )
    picture = draw(grid, game, tmp_path)
    assert len(places(picture[24:], fake[[11]])) == 1


def test_network_by_name():
    shape = (28, 28, 1)
    fake = image_games.mirror(shape).generate(5, seed=0)
    grid = NearestFakes(
        None, fake[[3]], num=5, neighbors=2, features="fashion_and_digits"
    )
    features = grid._featurize(fake)
    assert features.shape == (5, 64)
    distances, indices = nearest_grid.nearest(grid._real_features, features, 1)
    assert indices.tolist() == [[3]]
    assert distances[0, 0] == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"real": np.zeros((3, 4))}, r"real.shape=\(3, 4\)"),
        ({"real": np.zeros((3, 4, 4, 2))}, "1, 3 or 4"),
        ({"neighbors": 0}, "`neighbors`.*Received: neighbors=0"),
        ({"num": 3}, "neighbors=7 of 3 images"),
        ({"num": 0}, "num=0"),
        ({"features": "inception"}, "'inception'"),
        ({"features": "fashion_and_digits"}, r"\(28, 28, 1\)"),
    ],
)
def test_errors(arguments, message):
    arguments = {"real": np.zeros((3, *SHAPE)), **arguments}
    with pytest.raises(ValueError, match=message):
        NearestFakes(None, **arguments)


def test_too_few_real_images():
    with pytest.raises(ValueError, match="neighbors=7 of 3 images"):
        NearestReals(None, np.zeros((3, *SHAPE)))


def test_real_images_of_another_shape():
    grid = NearestReals(None, np.zeros((9, 12, 12, 1)))
    grid.set_model(image_games.mirror(SHAPE))
    with pytest.raises(ValueError, match=r"\(12, 12, 1\).*\(24, 24, 1\)"):
        grid.on_train_begin()
