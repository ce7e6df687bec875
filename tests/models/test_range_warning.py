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
    game = GAN(mlp(LATENT, 2, activation=activation), mlp(2, 1), seed=0)
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


def batches():
    return [RANGES["255"][start : start + 4] for start in range(0, 16, 4)]


class Batches(keras.utils.PyDataset):
    """Known by index; `steps` is how many there are, or `None`."""

    def __init__(self, steps=4):
        super().__init__()
        self.steps = steps

    @property
    def num_batches(self):
        return self.steps

    def __getitem__(self, index):
        return batches()[index % 4]


def stream(read):
    """A generator that notes what was taken from it."""
    for index, batch in enumerate(batches() * 3):
        read.append(index)
        yield (batch,)


def unsized(read=None):
    return tf.data.Dataset.from_generator(
        lambda: stream([] if read is None else read),
        output_signature=(tf.TensorSpec((None, 2), "float32"),),
    )


def loader():
    data = pytest.importorskip("torch.utils.data")
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    samples = data.TensorDataset(torch.as_tensor(RANGES["255"]))
    return data.DataLoader(samples, batch_size=4, shuffle=True)


@pytest.mark.parametrize(
    "source",
    [
        Batches,
        lambda: Batches(None),
        lambda: stream([]),
        lambda: tf.data.Dataset.from_tensor_slices(RANGES["255"]).batch(4),
        unsized,
        lambda: unsized().repeat(),
        loader,
    ],
    ids=[
        "sequence",
        "endless",
        "stream",
        "sized",
        "unsized",
        "repeat",
        "torch",
    ],
)
def test_sources(source):
    """Whatever there is to look at, it is said once."""
    game = gan("tanh")
    (text,) = said(game, source(), epochs=2, steps_per_epoch=2)
    assert "Received: data in [" in text
    assert not said(game, source(), steps_per_epoch=2)


@limits.only("tensorflow", "a stream is one on all of them")
def test_each_element_of_a_dataset_is_read_once():
    read = []
    assert said(gan("tanh"), unsized(read))
    assert read == list(range(12))


def trained_on(source, checked, **kwargs):
    """Returns weights after an epoch, with a look at the data or without."""
    game = gan("tanh")
    game.range_is_checked = not checked
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras.utils.set_random_seed(0)
        game.fit(source, verbose=0, **kwargs)
    return game.get_weights()


def shuffled():
    samples = tf.data.Dataset.from_tensor_slices(RANGES["255"])
    return samples.shuffle(16, seed=1).batch(4)


@pytest.mark.parametrize(
    "source",
    [lambda: stream([]), shuffled, loader],
    ids=["stream", "tf", "torch"],
)
def test_a_look_changes_nothing(source):
    """Neither what is trained on nor its order, in two epochs."""
    kwargs = {"epochs": 2, "steps_per_epoch": 4}
    with_look, without = [
        trained_on(source(), checked, **kwargs) for checked in (True, False)
    ]
    for one, other in zip(with_look, without):
        np.testing.assert_array_equal(one, other)


def test_where_nothing_is_left_keras_says_so():
    game = gan("tanh")
    with pytest.raises((ValueError, StopIteration)):
        game.fit((batch for batch in ()), verbose=0)


def test_domains_in_a_dataset():
    nets = [mlp(2, 2, activation="tanh") for _ in "xy"]
    game = CycleGAN(*nets, mlp(2, 1), mlp(2, 1))
    game.compile()
    pairs = (RANGES["signed"], RANGES["255"])
    dataset = tf.data.Dataset.from_tensor_slices(pairs).batch(4)
    (text,) = said(game, dataset)
    assert "`x_to_y`" in text


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
