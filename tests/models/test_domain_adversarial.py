"""Features of two domains that a discriminator cannot tell apart."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss.layers import ReverseGradient
from keras_ganloss.losses import ModifiedMinimax
from keras_ganloss.losses import RoleSwapped
from keras_ganloss.models import DomainAdversarial
from keras_ganloss.optimizers import DomainAdversarialSchedule
from tests.helpers import limits
from tests.helpers.networks import raises
from tests.helpers.networks import seeded
from tests.helpers.networks import sgd
from tests.helpers.networks import train

RNG = np.random.default_rng(0)
SOURCE = RNG.normal(size=(8, 3)).astype("float32")
TARGET = RNG.normal(size=(8, 3)).astype("float32") + 1.0
LABELS = np.arange(8) % 2


def dense(inputs, size, seed):
    layer = layers.Dense(
        size, "tanh" if size == 4 else None, kernel_initializer=seeded(seed)
    )
    return keras.Sequential([keras.Input((inputs,)), layer])


def networks():
    return dense(3, 4, 0), dense(4, 2, 1), dense(4, 1, 2)


def cross_entropy():
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def game(made=None, **settings):
    game = DomainAdversarial(*(made or networks()), seed=0)
    settings = {"loss": cross_entropy(), "metrics": ["accuracy"], **settings}
    game.compile(sgd(), sgd(), **settings)
    return game


def reversed_loss(real_output, fake_output):
    """Minus the discriminator's loss: gradient reversal."""
    return -(ops.softplus(-real_output) + ops.softplus(fake_output))


def test_it_is_gradient_reversal():
    """As a plain Keras model with `ReverseGradient`, trained by SGD."""
    weight = 0.3
    ours = game(
        d_loss="modified_minimax",
        g_loss=reversed_loss,
        updates="simultaneous",
        loss_weights={"adversarial": weight},
    )
    logs = train(ours, (SOURCE, TARGET), LABELS, epochs=3)

    encoder, classifier, discriminator = networks()
    source, target = keras.Input((3,)), keras.Input((3,))
    features = [encoder(source), encoder(target)]
    back = ReverseGradient(weight)
    judged = [discriminator(back(one)) for one in features]
    theirs = keras.Model([source, target], [classifier(features[0]), *judged])
    bce = keras.losses.BinaryCrossentropy(from_logits=True)
    theirs.compile(sgd(), [cross_entropy(), bce, bce])
    ones = np.ones((8, 1))
    train(theirs, [SOURCE, TARGET], [LABELS, ones, 0.0 * ones], epochs=3)
    pairs = (
        (ours.encoder, encoder),
        (ours.classifier, classifier),
        (ours.discriminator, discriminator),
    )
    weights = [
        pair
        for one, other in pairs
        for pair in zip(one.get_weights(), other.get_weights(), strict=True)
    ]
    for one, other in weights:
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
    assert set(logs) >= {"d_loss", "g_loss", "supervised", "accuracy"}


def test_without_the_game_it_is_keras():
    ours = game(
        loss_weights={"adversarial": 0.0},
    )
    settings = {
        "epochs": 2,
        "sample_weight": np.linspace(0.0, 2.0, 8, dtype="float32"),
    }
    logs = train(ours, (SOURCE, TARGET), LABELS, **settings)
    encoder, classifier, _ = networks()
    plain = keras.Sequential([encoder, classifier])
    plain.compile(sgd(), cross_entropy(), metrics=["accuracy"])
    expected = train(plain, SOURCE, LABELS, **settings)
    np.testing.assert_allclose(logs["loss"], expected["loss"], rtol=1e-5)
    assert logs["accuracy"] == pytest.approx(expected["accuracy"])
    np.testing.assert_allclose(
        ours.predict(TARGET, verbose=0),
        plain.predict(TARGET, verbose=0),
        rtol=1e-4,
        atol=1e-6,
    )
    # How well it serves in the other domain.
    found = ours.evaluate((TARGET, TARGET), LABELS, verbose=0, return_dict=True)
    right = plain.evaluate(TARGET, LABELS, verbose=0, return_dict=True)
    assert found["accuracy"] == pytest.approx(right["accuracy"])


@pytest.mark.parametrize(
    "g_loss, moves",
    [(None, [False, True]), (RoleSwapped(ModifiedMinimax()), [True, True])],
)
def test_whose_features_move(g_loss, moves):
    """The partner of `d_loss` moves the target's features alone (ADDA).

    The encoder has one weight for a number that source samples alone have,
    and one for what those of the target have.
    """
    kernel = keras.initializers.Constant(np.array([[1.0], [1.0]]))
    encoder = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(1, use_bias=False, kernel_initializer=kernel),
        ]
    )
    ours = game(
        (encoder, dense(1, 2, 1), dense(1, 1, 2)),
        d_loss="modified_minimax",
        g_loss=g_loss,
        loss_weights={"supervised": 0.0},
    )
    source = np.array([[1.0, 0.0]] * 4, "float32")
    train(ours, (source, source[:, ::-1].copy()), LABELS[:4])
    moved = encoder.get_weights()[0][:, 0] != 1.0
    assert moved.tolist() == moves


def test_save_and_load(tmp_path):
    settings = {
        "ema": 0.9,
        "loss_weights": {"adversarial": DomainAdversarialSchedule(10)},
    }
    ours = game(**settings)
    data = (SOURCE, TARGET), LABELS
    train(ours, *data, validation_data=data)
    ours.save(tmp_path / "game.keras")
    again = keras.saving.load_model(tmp_path / "game.keras")
    np.testing.assert_array_equal(
        ours.predict(TARGET, verbose=0), again.predict(TARGET, verbose=0)
    )
    assert train(ours, *data) == train(again, *data)


def test_data_must_be_a_pair():
    with raises(r"fit\(\(source_x, target_x\), source_y\)"):
        train(game(), SOURCE, LABELS)


@limits.only("tensorflow", "it writes these files")
def test_export(tmp_path):
    import tensorflow as tf

    ours = game()
    ours.export(tmp_path / "1", verbose=False)
    served = tf.saved_model.load(tmp_path / "1").signatures["serving_default"]
    np.testing.assert_allclose(
        served(source=tf.constant(TARGET))["samples"],
        ours.predict(TARGET, verbose=0),
        rtol=1e-5,
        atol=1e-6,
    )
