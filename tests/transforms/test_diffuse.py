import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import SupervisedGAN
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import FeatureMatching
from keras_ganloss.pools import SamplePool
from keras_ganloss.transforms import ADA
from keras_ganloss.transforms import Diffuse
from keras_ganloss.transforms import Pack
from keras_ganloss.transforms import RandomWindow
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import mlp
from tests.helpers.networks import raises
from tests.helpers.networks import seeded
from tests.helpers.networks import train
from tests.helpers.turns import make_turn

LEVELS = [0.0, 0.6, 1.0]


def diffused(x, condition=None, levels=LEVELS, **settings):
    turn = make_turn(**settings)
    x = ops.convert_to_tensor(np.asarray(x, "float32"))
    y, told = Diffuse(levels)(x, condition, turn)
    return ops.convert_to_numpy(y), told


def test_mean_and_deviation_of_each_level():
    y, level = diffused(np.full((30_000, 1), 2.0))
    level = ops.convert_to_numpy(level)
    assert level.shape == (30_000, 1)
    np.testing.assert_array_equal(np.unique(level), np.float32(LEVELS))
    for value in LEVELS:
        part = y[level == np.float32(value)]
        assert abs(len(part) / 30_000 - 1 / 3) < 0.02
        assert abs(part.mean() - 2.0 * np.sqrt(1 - value**2)) < 0.05
        assert abs(part.std() - value) < 0.03


def test_partners_share_level_and_noise():
    x = np.random.default_rng(0).normal(size=(16, 4, 4, 1))
    y, level = diffused(x, step=2)
    other, same = diffused(x + 1.0, step=2)
    share = ops.convert_to_numpy(level)
    np.testing.assert_array_equal(share, ops.convert_to_numpy(same))
    expected = np.sqrt(1 - share**2).reshape(-1, 1, 1, 1) * np.ones_like(y)
    np.testing.assert_allclose(other - y, expected, atol=1e-5)
    assert np.abs(diffused(x, step=3)[0] - y).max() > 0.1


def test_what_is_told_stands_beside_the_condition():
    x, label = np.zeros((4, 2)), ops.ones((4,))
    _, level = diffused(x)
    _, (condition, again) = diffused(x, label)
    assert condition is label
    np.testing.assert_array_equal(
        ops.convert_to_numpy(level), ops.convert_to_numpy(again)
    )


def test_parts_of_a_sample_have_noise_of_their_own():
    zeros = ops.zeros((4, 2))
    parts, _ = Diffuse([1.0])([zeros, zeros], None, make_turn())
    first, second = map(ops.convert_to_numpy, parts)
    assert np.abs(first - second).max() > 0.1


def judge(condition=None, size=1):
    sample, level = keras.Input((2 * size,)), keras.Input((size,))
    parts = [sample, level]
    inputs = [sample, level]
    if condition is not None:
        parts.append(keras.Input((condition,)))
        inputs = [sample, [parts[-1], level]]
    x = layers.Concatenate()(parts)
    x = layers.Dense(4, "tanh", kernel_initializer=seeded(1))(x)
    return keras.Model(inputs, layers.Dense(1, kernel_initializer=seeded(2))(x))


def game(transforms, discriminator=None, **kwargs):
    networks = (mlp(3, 2), discriminator or judge())
    gan = GAN(*networks, conditional=False, seed=0)
    gan.compile(transforms=transforms, **kwargs)
    return gan


def test_level_zero_alone_changes_nothing():
    """The same game by hand: a discriminator that is told zero."""
    sample = keras.Input((2,))
    discriminator = judge()
    zero = layers.Lambda(lambda x: 0.0 * x[:, :1], output_shape=(1,))(sample)
    plain = keras.Model(sample, discriminator([sample, zero]))
    start = discriminator.get_weights()
    expected = train(game([], plain, penalties=[R1(1.0)]), data())
    discriminator.set_weights(start)
    found = train(
        game([Diffuse([0.0])], discriminator, penalties=[R1(1.0)]), data()
    )
    for name in ("d_loss", "g_loss", "r1"):
        np.testing.assert_allclose(found[name], expected[name], rtol=2e-5)


def test_saved_and_loaded(tmp_path):
    gan = game([Diffuse(LEVELS)], pool=SamplePool(4), ema=0.5)
    train(gan, data())
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    for one in (gan, again):
        train(one, data(), validation_data=(data(seed=1),))
    for network in ("generator", "discriminator"):
        found, expected = (
            getattr(one, network).get_weights() for one in (again, gan)
        )
        assert equal(found, expected)
    assert equal(again.generate(5, seed=1), gan.generate(5, seed=1))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_windows_of_half_precision_are_the_same(dtype):
    samples = ops.reshape(ops.arange(64, dtype="float32"), (4, 16, 1))
    full, half = (
        RandomWindow(5)(ops.cast(samples, one), None, make_turn())[0]
        for one in ("float32", dtype)
    )
    assert keras.backend.standardize_dtype(half.dtype) == dtype
    found, expected = map(
        ops.convert_to_numpy, (ops.cast(half, "float32"), full)
    )
    np.testing.assert_array_equal(found, expected)


def test_with_a_condition():
    noise, wanted = keras.Input((3,)), keras.Input((2,))
    fake = layers.Dense(2)(layers.Concatenate()([noise, wanted]))
    generator = keras.Model([noise, wanted], fake)
    gan = GAN(generator, judge(condition=2), seed=0)
    gan.compile(transforms=[Diffuse(LEVELS)])
    history = train(gan, data(), data(seed=1))
    assert np.isfinite(history["d_loss"]).all()


def test_packed_levels():
    gan = game([Diffuse(LEVELS), Pack(2)], judge(size=2))
    assert np.isfinite(train(gan, data(8))["d_loss"]).all()


def test_messages():
    with raises("Let it take what `transforms` tell it"):
        game([Diffuse(LEVELS)], mlp(2, 1))
    with raises("`augmentations` must not tell"):
        game([ADA([Diffuse(LEVELS)])])
    with raises("`levels` must be"):
        Diffuse([0.5, 1.5])
    with raises("`levels` must be a list"):
        Diffuse(0.5)


def test_windows_of_a_game_are_those_of_partners():
    """The distance of features of windows, which by hand is one."""
    rise = keras.Sequential([keras.Input((9, 1)), layers.Dense(1)])
    rise.layers[-1].set_weights([np.ones((1, 1)), np.ones(1)])
    inputs = keras.Input((4, 1))
    seen = layers.Identity(name="seen")(inputs)
    logits = layers.Dense(1)(layers.Flatten()(seen))
    gan = SupervisedGAN(
        rise, keras.Model(inputs, logits), conditional=False, seed=0
    )
    gan.compile(
        loss="mae",
        transforms=[RandomWindow(4)],
        g_penalties=[FeatureMatching(["seen"], 1.0, distance="mae")],
        g_optimizer=keras.optimizers.SGD(0.0),
    )
    x = np.random.default_rng(0).normal(size=(8, 9, 1)).astype("float32")
    np.testing.assert_allclose(
        train(gan, x, x)["feature_matching"], 1.0, rtol=1e-5
    )
