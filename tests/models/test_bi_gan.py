"""Pairs of samples and latents, by hand and back again."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss.losses import Hinge
from keras_ganloss.losses import Relativistic
from keras_ganloss.losses.role_swapped import RoleSwapped
from keras_ganloss.models import BiGAN
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import GradientPenalty
from keras_ganloss.pools import SamplePool
from tests.helpers import limits
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import linear
from tests.helpers.networks import mlp
from tests.helpers.networks import raises
from tests.helpers.networks import seeded
from tests.helpers.networks import sgd
from tests.helpers.networks import train
from tests.helpers.networks import weights


def judge_of_pairs(num_sample, num_latent, kernel=None):
    sample, latent = keras.Input((num_sample,)), keras.Input((num_latent,))
    pair = layers.Concatenate()([sample, latent])
    if kernel is None:
        pair = layers.Dense(8, "tanh", kernel_initializer=seeded(7))(pair)
        kernel = seeded(8)
    output = layers.Dense(1, use_bias=False, kernel_initializer=kernel)(pair)
    return keras.Model([sample, latent], output)


def small(**kwargs):
    gan = BiGAN(mlp(3, 2, 1), mlp(2, 3, 3), judge_of_pairs(2, 3), seed=0)
    gan.compile(
        **{"d_optimizer": sgd(), "g_optimizer": sgd(), "ema": 0.5, **kwargs}
    )
    return gan


def test_one_step_by_hand():
    """Real pairs get less, fake pairs more: the encoder moves by mean x."""
    discriminator = judge_of_pairs(1, 1, keras.initializers.Constant(2.0))
    gan = BiGAN(linear(1), linear(1, kernel=3.0), discriminator, seed=0)
    gan.compile(sgd(0.1), sgd(0.1), "wasserstein", updates="simultaneous")
    x = np.array([[0.5], [2.0]], "float32")
    logs = train(gan, x, batch_size=2)
    # D(x, 3 x) = 8 x, whose mean is 10; the encoder's slope is 2 mean x.
    assert logs["real_output"] == pytest.approx([10.0])
    encoder = float(ops.convert_to_numpy(gan.encoder.weights[0])[0, 0])
    assert encoder == pytest.approx(3.0 - 0.1 * 2.0 * 1.25)
    assert logs["g_loss"] == pytest.approx([-logs["d_loss"][0]])
    # D(z, z) = 4 z: the generator's slope is -2 mean z.
    mean = logs["fake_output"][0] / 4
    generator = float(ops.convert_to_numpy(gan.generator.weights[0])[0, 0])
    assert generator == pytest.approx(1.0 + 0.1 * 2.0 * mean, rel=1e-5)


def test_losses():
    gan = small()
    assert isinstance(gan.g_loss.loss, RoleSwapped)
    assert gan.d_loss.loss is gan.g_loss.loss  # One memory, not two.
    gan = small(d_loss="hinge")
    assert isinstance(gan.d_loss.loss.base, Hinge)
    gan = small(g_loss=Relativistic())
    assert isinstance(gan.d_loss.loss, Relativistic)
    with raises("`g_loss` must look at the outputs on real samples"):
        small(d_loss="hinge", g_loss="hinge")


def test_encoding_and_back():
    """Of linear networks that undo each other."""
    networks = linear(1, kernel=2.0), linear(1, kernel=0.5)
    gan = BiGAN(*networks, judge_of_pairs(1, 1))
    x = data(5, 1)
    np.testing.assert_allclose(gan.encode(x), 0.5 * x, rtol=1e-6)
    np.testing.assert_allclose(gan.reconstruct(x), x, rtol=1e-6)


def test_the_average_encodes():
    gan = small(ema=0.5)
    train(gan, data(8))
    current = gan.encoder.predict(data(4), verbose=0)
    average = gan.encode(data(4))
    assert not np.allclose(average, current, atol=1e-5)
    with gan.averaged_in_place():
        np.testing.assert_allclose(
            gan.encoder.predict(data(4), verbose=0), average, rtol=1e-6
        )


def test_codes_are_recovered():
    """A normal distribution: generator and encoder undo each other."""
    random = np.random.default_rng(0)
    x = random.standard_normal((2048, 2)) @ np.array([[1.0, 0.6], [0.0, 0.5]])
    x = x.astype("float32")

    def affine(seed):
        return keras.Sequential(
            [
                keras.Input((2,)),
                layers.Dense(2, kernel_initializer=seeded(seed)),
            ]
        )

    sample, latent = keras.Input((2,)), keras.Input((2,))
    hidden = layers.Concatenate()([sample, latent])
    for seed in (0, 1):
        hidden = layers.Dense(
            32, "leaky_relu", kernel_initializer=seeded(seed)
        )(hidden)
    output = layers.Dense(1, kernel_initializer=seeded(2))(hidden)
    gan = BiGAN(
        affine(5), affine(6), keras.Model([sample, latent], output), seed=0
    )
    gan.compile(
        keras.optimizers.Adam(5e-3, beta_1=0.5),
        keras.optimizers.Adam(5e-3, beta_1=0.5),
        penalties=[R1(0.1)],
        ema=0.99,
    )
    gan.fit(x, batch_size=64, epochs=40, verbose=0, shuffle=False)
    latents = data(500, 2)
    made = gan.predict(latents, verbose=0)
    assert np.abs(gan.encode(made) - latents).mean() < 0.1
    assert np.abs(gan.reconstruct(x) - x).mean() < 0.05
    # A turned normal distribution is itself: only this much is known.
    assert np.abs(np.cov(made.T) - np.cov(x.T)).max() < 0.15
    assert np.abs(np.cov(gan.encode(x).T) - np.eye(2)).max() < 0.15


def test_penalties_get_pairs():
    logs = train(small(penalties=[GradientPenalty(1.0)]), data(4))
    gan = BiGAN(
        linear(1), linear(1), judge_of_pairs(1, 1, keras.initializers.Ones())
    )
    gan.compile(penalties=[GradientPenalty(1.0)])
    logs = train(gan, data(4, 1))
    # The slope of x + z has the length of the square root of 2.
    (name,) = (penalty.name for penalty in gan.penalties)
    expected = (np.sqrt(2.0) - 1.0) ** 2
    assert logs[name] == pytest.approx([expected], rel=1e-4)


def test_saved_in_the_middle_it_ends_the_same(tmp_path):
    whole, half = small(), small()
    history = train(whole, data(8), epochs=4)
    train(half, data(8), epochs=2)
    half.save(tmp_path / "gan.keras")
    half = keras.saving.load_model(tmp_path / "gan.keras")
    later = train(half, data(8), epochs=4, initial_epoch=2)
    assert equal(weights(half), weights(whole))
    assert later["g_loss"] == history["g_loss"][2:]
    np.testing.assert_array_equal(half.encode(data(4)), whole.encode(data(4)))


def test_export(tmp_path):
    gan = small()
    with limits.EXPORT.raises():
        gan.export(tmp_path / "1", verbose=False)
    limits.EXPORT.skip()
    import tensorflow as tf

    served = tf.saved_model.load(str(tmp_path / "1"))
    latent = data(3, 3)
    np.testing.assert_allclose(
        served.signatures["serving_default"](latent=tf.constant(latent))[
            "samples"
        ],
        gan.predict(latent, verbose=0),
        rtol=1e-5,
    )


def test_what_is_refused():
    with raises("`encoder` must return latents", r"\(None, 3\)"):
        BiGAN(mlp(3, 2), mlp(2, 4), judge_of_pairs(2, 3))
    with raises(r"`discriminator` must take `\[sample, latent\]`"):
        BiGAN(mlp(3, 2), mlp(2, 3), mlp(2, 1))
    with raises("`encoder` must be a `keras.Model`"):
        BiGAN(mlp(3, 2), None, judge_of_pairs(2, 3))
    with raises("Leave `pool` out"):
        small(pool=SamplePool(8))
