"""Games whose networks have layers in common: saved, loaded, trained on."""

import warnings

import keras
import numpy as np
import pytest
from keras import layers

from keras_ganloss import CycleGAN
from keras_ganloss import SupervisedGAN
from keras_ganloss.backend import keras_internals
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import mlp
from tests.helpers.networks import raises
from tests.helpers.networks import seeded
from tests.helpers.networks import train
from tests.helpers.networks import weights

X, Y = data(8), data(8, seed=1)


def dense(num, seed, **kwargs):
    return layers.Dense(num, kernel_initializer=seeded(seed), **kwargs)


def trunk():
    return dense(2, 0, activation="tanh", kernel_regularizer="l2", name="trunk")


def block():
    return keras.Sequential(
        [keras.Input((2,)), trunk(), layers.Dropout(0.5, seed=1)], name="block"
    )


def sequential(shared, seed, outputs):
    return keras.Sequential([keras.Input((2,)), shared, dense(outputs, seed)])


def functional(shared, seed, outputs):
    """It calls the shared layer twice."""
    inputs = keras.Input((2,))
    hidden = layers.Add()([shared(inputs), shared(dense(2, seed)(inputs))])
    return keras.Model(inputs, dense(outputs, seed + 1)(hidden))


def nested(shared, seed, outputs):
    inner = functional(shared, seed, 2)
    return keras.Sequential([keras.Input((2,)), inner, dense(outputs, seed)])


def game(make, shared, of="generators"):
    """A cycle of networks, the two of one player with a layer in common."""
    pairs = {
        "generators": [mlp(2, 2, seed=5), mlp(2, 2, seed=6)],
        "critics": [mlp(2, 1, seed=7), mlp(2, 1, seed=8)],
    }
    outputs = 2 if of == "generators" else 1
    pairs[of] = [make(shared, seed, outputs) for seed in (10, 20)]
    gan = CycleGAN(*pairs["generators"], *pairs["critics"], seed=3)
    gan.compile(
        keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.01), ema=0.5
    )
    return gan


def shared_weights(networks):
    ids = [{id(weight) for weight in network.weights} for network in networks]
    return len(set.intersection(*ids))


def assert_same(one, two):
    """They make the same now, and after the same step."""
    assert equal(weights(one), weights(two))
    assert equal(*[[gan.predict(X)] for gan in (one, two)])
    assert equal(*[[gan.translate_back(Y)] for gan in (one, two)])
    assert equal(*[train(gan, X, Y)["g_loss"] for gan in (one, two)])
    assert equal(weights(one), weights(two))


def saved_and_loaded(gan, path):
    gan.save(path / "gan.keras")
    return keras.saving.load_model(path / "gan.keras")


@pytest.mark.parametrize(
    ("make", "shared", "of", "steps"),
    [
        (sequential, trunk, "generators", 0),
        (functional, block, "critics", 2),
        (nested, block, "generators", 2),
    ],
)
def test_what_is_loaded_shares_them_still(make, shared, of, steps, tmp_path):
    gan = game(make, shared(), of)
    if steps:
        train(gan, X, Y)
    loaded = saved_and_loaded(gan, tmp_path)
    networks = loaded.g_networks if of == "generators" else loaded.d_networks
    assert shared_weights(networks) == 2
    assert len(loaded.weights) == len(gan.weights)
    assert_same(gan, loaded)


def test_a_layer_of_both_players_that_learns_nothing(tmp_path):
    """All four networks begin with it; no count of calls is mixed up."""
    shared = trunk()
    shared.trainable = False
    networks = [functional(shared, seed, 2) for seed in (10, 20)]
    critics = [functional(shared, seed, 1) for seed in (30, 40)]
    gan = CycleGAN(*networks, *critics, seed=3)
    gan.compile()
    loaded = saved_and_loaded(gan, tmp_path)
    assert shared_weights([*loaded.g_networks, *loaded.d_networks]) == 2
    assert_same(gan, loaded)


def test_one_network_for_both_ways(tmp_path):
    network = mlp(2, 2)
    gan = CycleGAN(network, network, mlp(2, 1), mlp(2, 1), seed=3)
    gan.compile()
    loaded = saved_and_loaded(gan, tmp_path)
    assert loaded.x_to_y is loaded.y_to_x
    assert_same(gan, loaded)


def test_frozen_in_part(tmp_path):
    """The file says which weights train; the shared ones do not."""
    shared = block()
    shared.trainable = False
    gan = game(nested, shared)
    loaded = saved_and_loaded(gan, tmp_path)
    before = loaded.get_weights()
    assert_same(gan, loaded)
    kept = [
        np.array_equal(one, other)
        for one, other in zip(before, loaded.get_weights())
    ]
    assert 2 <= sum(kept) < len(kept)
    assert not any(
        weight.trainable
        for layer in keras_internals.flatten_layers(loaded.x_to_y)
        for weight in layer.weights
        if layer.name == "trunk"
    )


def test_a_supervised_generator_that_calls_a_layer_twice(tmp_path):
    gan = SupervisedGAN(functional(trunk(), 10, 1), mlp(1, 1), False, seed=3)
    gan.compile(loss="mae")
    loaded = saved_and_loaded(gan, tmp_path)
    assert len(loaded.generator.weights) == len(gan.generator.weights)
    logs = [train(one, X, Y[:, :1]) for one in (gan, loaded)]
    assert logs[0] == logs[1]
    assert equal(weights(gan), weights(loaded))


def test_weights_alone(tmp_path):
    path = tmp_path / "gan.weights.h5"
    gan, other = game(functional, trunk()), game(functional, trunk())
    train(gan, X, Y)
    gan.save_weights(path)
    train(other, Y, X)
    other.load_weights(path)
    assert equal(gan.get_weights(), other.get_weights())


def hidden(shared, seed, outputs):
    """The shared layer stands where no graph shows it."""
    inputs = keras.Input((2,))
    hidden = layers.Reshape((1, 2))(inputs)
    hidden = layers.TimeDistributed(shared, name="each")(hidden)
    return keras.Model(inputs, dense(outputs, seed)(layers.Flatten()(hidden)))


def test_what_a_file_cannot_tell_is_said_in_compile(tmp_path):
    with pytest.warns(UserWarning, match="save_weights.*Received: .*'each'"):
        gan = game(hidden, trunk())
    train(gan, X, Y)
    with pytest.warns(UserWarning, match="share"):
        other = game(hidden, trunk())
    gan.save(tmp_path / "gan.keras")
    with raises("load_weights"):
        keras.saving.load_model(tmp_path / "gan.keras")
    for path in ("gan.keras", "gan.weights.h5"):
        train(other, Y, X)
        if path.endswith("h5"):
            gan.save_weights(tmp_path / path)
        other.load_weights(tmp_path / path)
        assert equal(gan.get_weights(), other.get_weights())


def test_what_is_no_sharing():
    """An input and an activation in common have nothing to save."""
    inputs = keras.Input((2,))
    squash = layers.Activation("tanh")
    networks = [
        keras.Model(inputs, dense(2, seed)(squash(inputs))) for seed in (1, 2)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gan = CycleGAN(*networks, mlp(2, 1), mlp(2, 1))
        gan.compile()
    assert gan.get_config()["shared_layers"] == []
    again = CycleGAN.from_config(gan.get_config())
    again.set_weights(gan.get_weights())
    assert equal([gan.predict(X)], [again.predict(X)])
