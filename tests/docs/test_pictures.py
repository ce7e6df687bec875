"""The page about pictures: its blocks run, and make what they say."""

import keras
import numpy as np
import pytest

from keras_ganloss import SupervisedGAN
from tests.helpers import image_games
from tests.helpers import page_blocks as blocks

PAGE = "how-to/pictures.md"
SHAPE = (4, 4, 1)

for package in ("PIL", "matplotlib", "tensorboard"):
    pytest.importorskip(package)

FILES = {
    "report": ["report.html"],
    "pictures": [
        "latents",
        "nearest_fakes",
        "nearest_reals",
        "report.html",
        "samples",
        "truncation",
    ],
    "answers": ["answers"],
    "points": ["points"],
    "conditional": [],
    "arrays": [],
    "tensorboard": ["logs"],
}


class Short:
    """A game that trains for two epochs, whatever it is asked for."""

    def __init__(self, game):
        self.game = game

    def fit(self, *data, epochs, callbacks):
        self.game.fit(*data, epochs=2, verbose=0, callbacks=callbacks)


def supervised_game():
    game = image_games.mirror(SHAPE)
    answer, source = keras.Input(SHAPE), keras.Input(SHAPE)
    difference = keras.layers.Subtract()([answer, source])
    discriminator = keras.Model(
        [answer, source], game.discriminator(difference)
    )
    return image_games.compiled(SupervisedGAN(game.generator, discriminator))


def scope():
    generator = np.random.default_rng(0)
    images = generator.normal(size=(64, *SHAPE)).astype("float32")
    points = generator.normal(size=(64, 2)).astype("float32")
    return {
        "np": np,
        "images": images,
        "test_images": images + 1.0,
        "points": points,
        "gan": Short(image_games.mirror(SHAPE)),
        "toy_gan": Short(image_games.mirror((2,))),
        "x": images,
        "y": images,
        "x_test": images,
        "y_test": images,
        "supervised_gan": Short(supervised_game()),
    }


@pytest.mark.parametrize("name", FILES)
def test_block(name, tmp_path, monkeypatch):
    from keras_ganloss import callbacks

    monkeypatch.chdir(tmp_path)
    names = {**scope(), "callbacks": callbacks}
    if name == "arrays":
        names["gan"] = names["gan"].game
    exec(blocks.named_blocks(PAGE)[name], names)
    made = sorted(path.name for path in tmp_path.glob("run/*"))
    assert made == FILES[name]
    if name == "arrays":
        assert names["picture"].shape == (8, 32, 1)
        assert names["samples"].shape == (24, *SHAPE)


def test_every_block_is_run():
    assert set(blocks.named_blocks(PAGE)) == set(FILES)


def test_every_image_is_there_and_small():
    text = (blocks.DOCS / PAGE).read_text()
    names = [part.split('"')[0] for part in text.split('src="')[1:]]
    assert len(names) == 5
    for name in names:
        assert (blocks.DOCS / "how-to" / name).stat().st_size < 150_000
