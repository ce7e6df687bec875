"""Covered pictures of discriminators whose every logit is known."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import CycleGAN
from keras_ganloss import SupervisedGAN
from keras_ganloss.callbacks import LogitGrid
from keras_ganloss.callbacks.logit_grid import cover
from keras_ganloss.transforms import InstanceNoise
from tests.helpers import image_games

Image = pytest.importorskip("PIL.Image")

HEAD = 24  # Height of the headings, in pixels.
REAL, FAKE = np.array([[58, 143, 92], [160, 69, 126]], "float64")
SIDE = 90  # Of the images, so that a row of four is wide enough.
SHAPE = (SIDE, SIDE, 1)
IMAGES = np.random.default_rng(0).uniform(-1.0, 1.0, (3, *SHAPE))
IMAGES = IMAGES.astype("float32")
LABELS = np.array([[0.0], [1.0], [2.0]], "float32")


@pytest.fixture(autouse=True)
def channels_last():
    assert keras.config.image_data_format() == "channels_last"


class Corners(layers.Layer):
    """The means of the quarters of an image, times a weight of one."""

    def build(self, shape):
        self.factor = self.add_weight(shape=(), initializer="ones")

    def call(self, inputs):
        parts = ops.reshape(inputs, (-1, 2, SIDE // 2, 2, SIDE // 2, 1))
        return self.factor * ops.mean(parts, axis=(2, 4))


def quarters(images):
    return images.reshape(-1, 2, SIDE // 2, 2, SIDE // 2).mean((2, 4))


def judge(*conditions, heads=("patch",)):
    """Means of quarters, plus the condition; other heads are multiples."""
    image = keras.Input(SHAPE)
    others = [keras.Input((1,)) for _ in conditions]
    logits = Corners()(image)
    for one in others:
        logits = layers.Add()([logits, layers.Reshape((1, 1, 1))(one)])
    outputs = {
        name: layers.Rescaling(2.0**index)(logits)
        for index, name in enumerate(heads)
    }
    outputs = outputs if len(heads) > 1 else outputs[heads[0]]
    return keras.Model([image, *others] if others else image, outputs)


def answers(*conditions):
    image = keras.Input(SHAPE)
    others = [keras.Input((1,)) for _ in conditions]
    outputs = image_games.Offset()(layers.Rescaling(-0.5)(image))
    return keras.Model([image, *others] if others else image, outputs)


def compiled(game, **options):
    game.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0),
                 d_loss="hinge", **options)  # fmt: skip
    return game


def supervised(network, **options):
    return compiled(
        SupervisedGAN(answers(), network, conditional=False), **options
    )


def covered(images, logits, limit):
    """By hand: gray, three quarters of it covered where logits are full."""
    gray = np.floor((images + 1.0) / 2.0 * 255.0 + 0.5)
    logits = logits.repeat(SIDE // 2, 1).repeat(SIDE // 2, 2)[..., None]
    share = 0.75 * np.clip(np.abs(logits) / limit, 0.0, 1.0)
    colors = np.where(logits > 0.0, REAL, FAKE)
    return gray.repeat(3, -1), (1.0 - share) * gray + share * colors


def draw(grid, model):
    """Returns the picture of the first epoch, without the headings."""
    grid.set_model(model)
    grid.on_train_begin()
    grid.on_epoch_end(0, {})
    grid.on_train_end()
    assert [path.name for path in grid.directory.iterdir()] == [
        "epoch_0001.png"
    ]
    return np.asarray(Image.open(grid.directory / "epoch_0001.png"))[HEAD:]


def assert_drawn(picture, real, fake, real_logits, fake_logits, limit):
    columns = [
        *covered(real, real_logits, limit),
        *covered(fake, fake_logits, limit),
    ]
    rows = [np.concatenate(row, axis=1) for row in zip(*columns)]
    expected = np.concatenate(rows)
    np.testing.assert_allclose(
        picture[:, : expected.shape[1]], expected, atol=1.0
    )


@pytest.mark.parametrize("limit", [0.05, None])
def test_a_supervised_game_by_hand(tmp_path, limit):
    grid = LogitGrid(
        tmp_path, (IMAGES, IMAGES), limit=limit, value_range=(-1, 1)
    )
    game = supervised(judge(), transforms=[InstanceNoise(0.5)])
    picture = draw(grid, game)
    logits = quarters(IMAGES)
    assert_drawn(picture, IMAGES, -0.5 * IMAGES, logits, -0.5 * logits,
                 limit or np.abs(logits).max())  # fmt: skip


def test_a_conditional_gan(tmp_path):
    latent, label = keras.Input(SHAPE), keras.Input((1,))
    generator = keras.Model([latent, label], image_games.Offset()(latent))
    game = compiled(GAN(generator, judge("label"), seed=0), ema=0.5)
    grid = LogitGrid(tmp_path, (IMAGES, LABELS), limit=2.0)
    picture = draw(grid, game)
    images, logits = grid.judged()
    np.testing.assert_array_equal(images[:3], IMAGES)
    expected = quarters(images[..., 0]) + np.tile(LABELS, (2, 1))[..., None]
    np.testing.assert_allclose(logits, expected, atol=1e-5)
    assert_drawn(picture, IMAGES, np.clip(images[3:], -1, 1), logits[:3],
                 logits[3:], 2.0)  # fmt: skip
    np.testing.assert_array_equal(grid.judged()[0], images)  # Same latents.


def test_one_of_several_heads(tmp_path):
    game = supervised(judge(heads=("one", "two")))
    grid = LogitGrid(tmp_path, (IMAGES, IMAGES), output="two")
    grid.begin(game)
    np.testing.assert_allclose(
        grid.judged()[1][:3], 2.0 * quarters(IMAGES), atol=1e-5
    )
    grid = LogitGrid(tmp_path, (IMAGES, IMAGES))
    with pytest.raises(ValueError, match="'one', 'two'.*output=None"):
        grid.begin(game)


def test_one_of_several_discriminators(tmp_path):
    networks = [answers(), answers(), judge(), judge()]
    networks[3].trainable_variables[0].assign(5.0)
    game = compiled(CycleGAN(*networks))
    grid = LogitGrid(
        tmp_path, (IMAGES, -IMAGES), discriminator="y_discriminator"
    )
    grid.begin(game)
    images, logits = grid.judged()
    np.testing.assert_allclose(images[:3], -IMAGES)
    np.testing.assert_allclose(logits, 5.0 * quarters(images), atol=1e-5)
    with pytest.raises(ValueError, match="x_discriminator.*Received"):
        LogitGrid(tmp_path, (IMAGES, IMAGES)).begin(game)


def test_one_logit_a_picture_covers_all_of_it(tmp_path):
    game = image_games.mirror()
    images = np.ones((4, 2, 2, 1), "float32")
    grid = LogitGrid(tmp_path, images, limit=1e-6)
    logits = game.discriminator.predict(images, verbose=0)
    picture = draw(grid, game)
    color = np.where(logits > 0.0, REAL, FAKE)
    # White, covered by three quarters.
    expected = np.floor(0.25 * 255.0 + 0.75 * color + 0.5)
    rows = picture[SIDE // 2 :: SIDE, SIDE + SIDE // 2]
    np.testing.assert_array_equal(rows, expected)


def test_colors_with_opacity_stay_as_opaque():
    pixels = np.full((1, 2, 2, 4), 100, "uint8")
    found = cover(pixels, np.array([[[1.0]]]))
    np.testing.assert_array_equal(found[..., 3], 100)
    expected = np.floor(25.0 + 0.75 * REAL + 0.5)
    np.testing.assert_array_equal(found[0, 0, 0, :3], expected)
    assert (cover(pixels, np.array([[[np.nan]]])) == 100).all()


def test_errors(tmp_path):
    with pytest.raises(ValueError, match="limit=0"):
        LogitGrid(tmp_path, IMAGES, limit=0)
    with pytest.raises(ValueError, match="game of this package"):
        LogitGrid(tmp_path, IMAGES).begin(answers())
    image = keras.Input(SHAPE)
    features = layers.Dense(3)(Corners()(image))
    with pytest.warns(UserWarning, match="more than a logit"):
        game = supervised(keras.Model(image, features))
    with pytest.raises(ValueError, match=r"one logit a patch.*\(6, 2, 2, 3\)"):
        LogitGrid(tmp_path, (IMAGES, IMAGES)).begin(game)
