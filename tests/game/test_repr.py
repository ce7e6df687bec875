"""The `repr` of a game says its networks, players and settings."""

import keras
from keras import layers

from keras_ganloss import GAN
from keras_ganloss import SupervisedGAN
from keras_ganloss.penalties import R1


def gan():
    return GAN(
        keras.Sequential([keras.Input((4,)), layers.Dense(2)]),
        keras.Sequential([keras.Input((2,)), layers.Dense(1)]),
    )


def test_before_compile():
    assert repr(gan()) == (
        "<GAN\n"
        "    generator `generator`: Sequential, 10 weights\n"
        "    discriminator `discriminator`: Sequential, 3 weights\n"
        "    not compiled>"
    )


def test_settings():
    game = gan()
    game.compile(d_loss="hinge", penalties=[R1(0.2)], ema=0.9, d_steps=2)
    lines = [line.strip(" >") for line in repr(game).split("\n")]
    for line in ("d_loss=Hinge()", "penalties=R1(weight=0.2)", "ema=0.9"):
        assert line in lines
    assert "d_steps=2" in lines
    assert not any(line.startswith("pool") for line in lines)
    assert len(lines) < 20


def test_explicit_loss():
    image, answer = keras.Input((2,)), keras.Input((2,))
    both = layers.Concatenate()([answer, image])
    game = SupervisedGAN(
        keras.Sequential([keras.Input((2,)), layers.Dense(2)]),
        keras.Model([answer, image], layers.Dense(1)(both)),
    )
    game.compile(loss="mae", d_loss="hinge")
    assert "\n    loss=mae" in repr(game)
