"""Latents found again: of a linear generator, whose inverse is known."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss.models import LatentGAN
from tests.helpers.networks import data
from tests.helpers.networks import linear
from tests.helpers.networks import mlp
from tests.helpers.networks import raises

KERNEL = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, -1.0]], "float32")
BIAS = np.array([1.0, 0.0, -2.0], "float32")


def known():
    """Three numbers from two, and back by least squares."""
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
    generator.set_weights([KERNEL, BIAS])
    return generator


def search(num=6, **kwargs):
    """With the best rate of gradient descent on this quadratic."""
    search = LatentGAN(known(), num, seed=0, **kwargs)
    slopes = np.linalg.eigvalsh(KERNEL @ KERNEL.T) * 2 / (3 * num)
    optimizer = keras.optimizers.SGD(float(2 / slopes.sum()), momentum=0.1)
    search.compile(optimizer, "mse")
    return search


def all_weights(model):
    return [ops.convert_to_numpy(weight) for weight in model.weights]


def test_latents_are_recovered():
    latents = data(6, 2)
    game = search()
    found = game.project(latents @ KERNEL + BIAS, epochs=40)
    np.testing.assert_allclose(found, latents, atol=1e-3)
    np.testing.assert_allclose(
        game.reconstruct(), latents @ KERNEL + BIAS, atol=1e-3
    )


def test_what_cannot_be_made_is_projected():
    """The closest that a linear generator makes is the least-squares fit."""
    targets = data(6, 3)
    expected = (targets - BIAS) @ np.linalg.pinv(KERNEL)
    found = search().project(targets, epochs=40)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_limit():
    latents = np.array([[-0.25, 3.0], [-3.0, 1.0]], "float32")
    game = search(2, limit=0.5)
    assert np.abs(ops.convert_to_numpy(game.latents)).max() <= 0.5
    found = game.project(latents @ KERNEL + BIAS, epochs=40)
    # What is out of reach by 2.5 stays at the limit, and the other number
    # makes up for it: (0, 1, -1) (2, 1, 0) / 5 is 0.2, over 2 it is 0.5.
    expected = [[-0.25 + 0.2 * 2.5, 0.5], [-0.5, 1.0 - 0.5 * 2.5]]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_one_step_by_hand():
    game = LatentGAN(linear(1, kernel=3.0), 1)
    game.compile(keras.optimizers.SGD(0.01), "mse")
    game.latents.assign([[1.0]])
    # d/dz (3 z - 5)^2 = 6 (3 z - 5) = -12.
    found = game.project(np.array([[5.0]], "float32"), epochs=1)
    assert found[0, 0] == pytest.approx(1.12, rel=1e-6)


def test_realism_by_hand():
    """Pulled by a discriminator of slope 2, with the Wasserstein loss."""
    game = LatentGAN(
        linear(1, kernel=3.0),
        2,
        discriminator=linear(1, kernel=2.0),
        realism=0.5,
        realism_loss="wasserstein",
    )
    game.compile(keras.optimizers.SGD(0.01), "mse")
    game.latents.assign([[1.0], [2.0]])
    targets = np.array([[3.0], [6.0]], "float32")
    loss = game.evaluate(np.arange(2), targets, verbose=0)
    assert loss == pytest.approx(-0.5 * (6.0 + 12.0) / 2)
    # No error; the slope is -0.5 * 2 * 3, over a batch of two.
    found = game.project(targets, epochs=1)
    np.testing.assert_allclose(found, [[1.015], [2.015]], rtol=1e-6)


def test_networks_do_not_move():
    generator = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(3, kernel_regularizer=keras.regularizers.L2(1.0)),
            layers.BatchNormalization(),
        ]
    )
    before = all_weights(generator)
    game = LatentGAN(generator, 6, discriminator=mlp(3, 1), seed=0)
    game.compile("adam", "mse")
    start = ops.convert_to_numpy(game.latents)
    game.project(data(6, 3), epochs=2, batch_size=4)
    assert np.abs(ops.convert_to_numpy(game.latents) - start).min() > 0
    for one, other in zip(all_weights(generator), before):
        np.testing.assert_array_equal(one, other)
    assert all(weight.trainable for weight in generator.weights[:4])
    assert [w.name for w in game.trainable_variables] == ["latents"]
    # Nor does their weight decay count: nobody pays it here.
    expected = np.mean((game.reconstruct() - data(6, 3)) ** 2)
    lone = LatentGAN(generator, 6)
    lone.compile("adam", "mse")
    lone.latents.assign(ops.copy(game.latents.value))
    loss = lone.evaluate(np.arange(6), data(6, 3), verbose=0)
    assert loss == pytest.approx(expected, rel=1e-5)


def test_same_seed_same_start():
    starts = [
        ops.convert_to_numpy(LatentGAN(known(), 2000, seed=seed).latents)
        for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(starts[0], starts[1])
    assert not np.array_equal(starts[0], starts[2])
    assert 1.9 < np.abs(starts[0]).max() <= 2.0
    # The variance of a standard normal number within two deviations.
    assert starts[0].var() == pytest.approx(0.774, abs=0.03)


def test_saved_in_the_middle_it_ends_the_same(tmp_path):
    targets = data(6, 3)
    whole, half = search(limit=1.5), search(limit=1.5)
    expected = whole.project(targets, epochs=4)
    half.project(targets, epochs=2)
    half.save(tmp_path / "search.keras")
    half = keras.saving.load_model(tmp_path / "search.keras")
    assert half.limit == 1.5
    found = half.project(targets, epochs=4, initial_epoch=2)
    np.testing.assert_array_equal(found, expected)


def test_everything_survives_saving(tmp_path):
    game = LatentGAN(
        known(),
        3,
        limit=2.5,
        discriminator=mlp(3, 1),
        realism=0.25,
        realism_loss="hinge",
        seed=4,
    )
    game.compile("adam", "mae")
    game.project(data(3, 3))
    game.save(tmp_path / "search.keras")
    again = keras.saving.load_model(tmp_path / "search.keras")
    for name in ("num", "latent_shape", "limit", "realism", "seed", "name"):
        assert getattr(again, name) == getattr(game, name)
    pair = np.arange(3), data(3, 3)
    assert again.evaluate(*pair, verbose=0) == pytest.approx(
        game.evaluate(*pair, verbose=0), rel=1e-6
    )


def test_what_is_refused():
    with raises("`num` must be an integer"):
        LatentGAN(known(), 0)
    with raises("`limit` must be positive"):
        LatentGAN(known(), 2, limit=0.0)
    with raises("`realism_loss` must not need real samples"):
        LatentGAN(known(), 2, realism_loss="relativistic")
    with raises("`generator` must take latents alone"):
        joint = keras.Input((2,)), keras.Input((1,))
        LatentGAN(keras.Model(joint, layers.Add()(joint)), 2)
    with raises("`targets` must be 6 samples"):
        search().project(data(5, 3))
