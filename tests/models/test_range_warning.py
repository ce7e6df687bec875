"""The most frequent mistake: bytes, or [0, 1], for a generator of [-1, 1]."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_ganloss import GAN
from keras_ganloss import CycleGAN
from keras_ganloss import SupervisedGAN
from keras_ganloss.game.range_checks import last_activation
from tests.helpers import limits
from tests.helpers.networks import LATENT
from tests.helpers.networks import labelled
from tests.helpers.networks import mlp

UNIT = np.linspace(0.0, 1.0, 32).reshape(16, 2).astype("float32")
RANGES = {
    "bytes": (255 * UNIT).astype("uint8"),
    "255": 255.0 * UNIT,
    "unit": UNIT,
    "signed": 2.0 * UNIT - 1.0,
    "standard": 5.0 * UNIT - 2.5,
    "dark": 0.4 * UNIT,
    "sparse": np.where(UNIT > 0.9, 1.0, -1.0).astype("float32"),
}


def gan(activation):
    game = GAN(mlp(LATENT, 2, activation=activation), mlp(2, 1))
    game.compile()
    return game


def said(game, *args, **kwargs):
    """Returns what `fit` warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        game.fit(*args, verbose=0, **kwargs)
    texts = [str(warning.message) for warning in caught]
    return [text for text in texts if "range of the data" in text]


@pytest.mark.parametrize(
    "activation, warned",
    [
        ("tanh", {"bytes", "255", "unit", "standard"}),
        ("sigmoid", {"bytes", "255", "signed", "standard", "sparse"}),
        ("relu", {"signed", "standard", "sparse"}),
        (None, set()),
    ],
)
def test_which_ranges(activation, warned):
    game = gan(activation)
    found = set()
    for name, samples in RANGES.items():
        game.range_is_checked = False
        if said(game, samples):
            found.add(name)
    assert found == warned


def test_both_ranges_and_what_to_do_are_in_the_message():
    (text,) = said(gan("tanh"), RANGES["bytes"])
    assert "`generator`, which ends in 'tanh'" in text
    assert "`x / 127.5 - 1`" in text
    assert "Received: data in [0, 255], tanh in [-1, 1]" in text
    (text,) = said(gan("tanh"), RANGES["unit"])
    assert "`2 * x - 1`" in text
    (text,) = said(gan("sigmoid"), RANGES["signed"])
    assert "`(x + 1) / 2`" in text and "data in [-1, 1]" in text


def test_once():
    game = gan("tanh")
    assert len(said(game, UNIT, epochs=2)) == 1
    assert not said(game, UNIT)


def test_labels_are_no_samples():
    generator, discriminator = labelled()
    inputs = generator.inputs
    tanh = layers.Activation("tanh")(generator(inputs))
    game = GAN(keras.Model(inputs, tanh), discriminator)
    game.compile()
    assert not said(game, RANGES["signed"], np.arange(16) % 3)


def supervised():
    game = SupervisedGAN(
        mlp(2, 2, activation="sigmoid"), mlp(2, 1), conditional=False
    )
    game.compile(loss="mae")
    return game


def test_targets_and_not_inputs():
    assert not said(supervised(), RANGES["255"], RANGES["unit"])
    (text,) = said(supervised(), RANGES["unit"], RANGES["255"])
    assert "`generator`" in text and "`x / 255`" in text


def test_each_domain():
    def cycle():
        nets = [mlp(2, 2, activation="tanh") for _ in "xy"]
        game = CycleGAN(*nets, mlp(2, 1), mlp(2, 1))
        game.compile()
        return game

    (text,) = said(cycle(), RANGES["signed"], RANGES["255"])
    assert "`x_to_y`" in text
    (text,) = said(cycle(), RANGES["255"], RANGES["signed"])
    assert "`y_to_x`" in text


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return RANGES["255"][4 * index : 4 * index + 4]


def test_sources_that_can_be_read_again():
    assert said(gan("tanh"), Batches())
    dataset = tf.data.Dataset.from_tensor_slices(RANGES["255"]).batch(4)
    assert said(gan("tanh"), dataset)


@limits.only("tensorflow", "a stream is one on all of them")
def test_nothing_is_taken_from_a_stream():
    read = []

    def stream():
        for index in range(4):
            read.append(index)
            yield RANGES["255"][4 * index : 4 * index + 4]

    spec = tf.TensorSpec((None, 2), "float32")
    game = gan("tanh")
    dataset = tf.data.Dataset.from_generator(stream, output_signature=spec)
    assert not said(game, dataset)
    assert read == [0, 1, 2, 3]


IMAGE = (4, 4, 1)


@pytest.mark.parametrize(
    "end, name",
    [
        ([layers.Dense(16, "tanh"), layers.Reshape(IMAGE)], "tanh"),
        ([layers.Dense(16), layers.Activation("sigmoid")], "sigmoid"),
        ([keras.Sequential([layers.Dense(16, "tanh")])], "tanh"),
        ([layers.Dense(16, "tanh"), layers.Rescaling(127.5)], "rescaling"),
        ([layers.Dense(16, "tanh"), layers.Dense(16)], "linear"),
    ],
)
def test_what_a_network_ends_in(end, name):
    network = keras.Sequential([keras.Input((3,)), *end])
    assert last_activation(network) == name


def test_operations_at_the_end():
    inputs = keras.Input((3,))
    hidden = layers.Dense(2, "tanh")(inputs)
    assert last_activation(keras.Model(inputs, hidden)) == "tanh"
    scaled = keras.Model(inputs, 127.5 * hidden + 127.5)
    assert last_activation(scaled) not in ("tanh", "sigmoid")
    squashed = keras.Model(inputs, keras.ops.tanh(layers.Dense(2)(inputs)))
    assert last_activation(squashed) == "tanh"
