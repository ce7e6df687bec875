"""What `docs/how-to/freezing.md` says."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import CycleGAN
from keras_ganloss.callbacks import ForPlayer
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import game
from tests.helpers.networks import mlp
from tests.helpers.networks import raises
from tests.helpers.networks import train

X = data(8)


def adam():
    return keras.optimizers.Adam(0.05)


def make_game():
    return game(
        d_optimizer=adam(), g_optimizer=adam(), ema=0.9, run_eagerly=True
    )


PARTS = {
    "discriminator": lambda gan: ("discriminator", gan.discriminator),
    "generator": lambda gan: ("generator", gan.generator),
    "first layer": lambda gan: ("discriminator", gan.discriminator.layers[0]),
    "last layer": lambda gan: ("generator", gan.generator.layers[-1]),
}


STEPS = {
    "fit": lambda gan: train(gan, X),
    "train_on_batch": lambda gan: gan.train_on_batch(X),
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
@pytest.mark.parametrize("trained", [False, True])
def test_frozen_since_compile(part, step, trained):
    gan = make_game()
    if trained:
        train(gan, X)
    before = gan.discriminator.get_weights() + gan.generator.get_weights()
    owner, frozen = part(gan)
    frozen.trainable = False
    with raises(f"`trainable` in the {owner}", f"new `{owner[0]}_optimizer`"):
        step(gan)
    after = gan.discriminator.get_weights() + gan.generator.get_weights()
    assert equal(after, before)
    frozen.trainable = True
    step(gan)


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_unfrozen_since_compile(step):
    networks = mlp(3, 2), mlp(2, 1)
    networks[1].layers[0].trainable = False
    gan = game(networks, run_eagerly=True)
    networks[1].layers[0].trainable = True
    with raises("`trainable` in the discriminator", "new `d_optimizer`"):
        step(gan)


def test_frozen_by_a_callback():
    gan = make_game()
    freeze = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: setattr(
            gan.discriminator, "trainable", epoch < 1
        )
    )
    with raises("`trainable` in the discriminator"):
        train(gan, X, epochs=3, callbacks=[freeze])
    assert int(gan.d_optimizer.iterations) == 2


def test_holding_a_player_still():
    gan = make_game()
    train(gan, X)
    before = gan.discriminator.get_weights(), gan.generator.get_weights()
    schedule = keras.callbacks.LearningRateScheduler(lambda epoch: 0.0)
    callback = ForPlayer("discriminator", schedule)
    train(gan, X, epochs=2, callbacks=[callback])
    assert equal(gan.discriminator.get_weights(), before[0])
    assert not any(
        np.array_equal(*pair)
        for pair in zip(gan.generator.get_weights(), before[1])
    )


def test_freezing_layers_in_mid_training():
    """The other optimizer goes on, and so do the averages."""
    gan = make_game()
    train(gan, X, epochs=2)
    gan.discriminator.layers[0].trainable = False
    first, last = [layer.get_weights() for layer in gan.discriminator.layers]
    slots = [ops.convert_to_numpy(v) for v in gan.g_optimizer.variables]
    answer = gan.predict(data(3, 3), verbose=0)
    gan.compile(
        d_optimizer=adam(),
        g_optimizer=gan.g_optimizer,
        ema=0.9,
        run_eagerly=True,
    )
    assert equal(
        [ops.convert_to_numpy(v) for v in gan.g_optimizer.variables], slots
    )
    np.testing.assert_allclose(
        gan.predict(data(3, 3), verbose=0), answer, atol=1e-6
    )
    train(gan, X)
    assert int(gan.g_optimizer.iterations) == 6
    assert int(gan.d_optimizer.iterations) == 2
    assert equal(gan.discriminator.layers[0].get_weights(), first)
    assert not equal(gan.discriminator.layers[1].get_weights(), last)
    counts = ops.convert_to_numpy(gan.weight_average.num_updates)
    assert counts.tolist() == [6, 6, 6, 6]


def test_the_averaged_generators_of_a_cycle_gan():
    networks = [mlp(2, 2, seed) for seed in (0, 2)]
    judges = [mlp(2, 1, seed) for seed in (4, 6)]
    gan = CycleGAN(*networks, *judges, seed=0)
    gan.compile(g_optimizer=adam(), ema=0.9, run_eagerly=True)
    train(gan, X, X + 1.0)
    for name, translate in (
        ("x_to_y", gan.translate),
        ("y_to_x", gan.translate_back),
    ):
        copy = gan.averaged_generator(name)
        np.testing.assert_allclose(
            copy.predict(data(3), verbose=0), translate(data(3)), atol=1e-6
        )
        assert not equal(copy.get_weights(), getattr(gan, name).get_weights())
    with raises("`name` must be one of", "x_to_y"):
        gan.averaged_generator()
