"""What a turn shares, weighs and leaves alone, by hand."""

import dataclasses

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss.game import Game
from keras_ganloss.game import Samples
from keras_ganloss.models import CycleGAN
from keras_ganloss.penalties import R1
from tests.helpers.networks import data
from tests.helpers.networks import linear
from tests.helpers.networks import raises
from tests.helpers.networks import sgd
from tests.helpers.networks import train
from tests.helpers.turns import Maker
from tests.helpers.turns import make_turn

X, Y = data(8, 1), data(8, 1, seed=1) + 3.0
NO_CYCLE = {"cycle": 0.0}


def size(samples):
    return np.mean(np.abs(samples))


def factor(kernel, **kwargs):
    """A layer that multiplies by a number."""
    return layers.Dense(
        1,
        use_bias=False,
        kernel_initializer=keras.initializers.Constant(kernel),
        **kwargs,
    )


def two(shared, kernels):
    """Two networks of one number that begin with the same layer."""
    return [
        keras.Sequential([keras.Input((1,)), shared, factor(kernel)])
        for kernel in kernels
    ]


def game(generators=None, critics=None, kind=CycleGAN, **settings):
    """y = 2 x, x = y / 4, and critics that return their sample."""
    generators = generators or [linear(1, kernel=2.0), linear(1, kernel=0.25)]
    gan = kind(*generators, *(critics or [linear(1), linear(1)]), seed=0)
    settings = {
        "d_optimizer": sgd(0.01),
        "g_optimizer": sgd(0.01),
        "d_loss": "wasserstein",
        "loss_weights": NO_CYCLE,
        "updates": "simultaneous",
        **settings,
    }
    gan.compile(**settings)
    return gan


def evaluate(gan):
    return gan.evaluate(X, Y, verbose=0, return_dict=True)


def kernel_of(layer):
    return float(ops.convert_to_numpy(layer.kernel)[0, 0])


# Layers that several networks of a player have.


def regularized(kernel):
    return factor(
        kernel,
        kernel_regularizer=keras.regularizers.L2(0.5),
        activity_regularizer=keras.regularizers.L1(0.1),
    )


def test_a_trunk_of_two_discriminators_is_regularized_once():
    trunk = regularized(3.0)
    gan = game(critics=two(trunk, (1.0, -1.0)))
    # 0.5 * 3^2 of the kernel, once; 0.1 |3 x| of what passes, each time.
    passed = size(X) + size(0.25 * Y) + size(Y) + size(2.0 * X)
    logs = evaluate(gan)
    critics = 3.0 * np.mean(0.25 * Y - X) - 3.0 * np.mean(2.0 * X - Y)
    assert logs["d_loss"] == pytest.approx(
        critics + 4.5 + 0.3 * passed, rel=1e-5
    )
    train(gan, X, Y, batch_size=8)
    slope = np.mean(0.25 * Y - X) - np.mean(2.0 * X - Y)
    slope += 3.0 + 0.1 * passed
    assert kernel_of(trunk) == pytest.approx(3.0 - 0.01 * slope, rel=1e-5)


def test_a_layer_of_two_generators_is_regularized_once():
    shared = regularized(2.0)
    gan = game(two(shared, (1.0, 0.125)))
    logs = evaluate(gan)
    passed = size(X) + size(Y)
    critics = np.mean(2.0 * X) + np.mean(0.25 * Y)
    assert logs["g_loss"] == pytest.approx(
        -critics + 2.0 + 0.2 * passed, rel=1e-5
    )
    train(gan, X, Y, batch_size=8)
    slope = -np.mean(X) - 0.125 * np.mean(Y) + 2.0 + 0.1 * passed
    assert kernel_of(shared) == pytest.approx(2.0 - 0.01 * slope, rel=1e-5)


def test_later_calls_of_a_generator_add_nothing():
    """There and back again is called to compare, not to make fakes."""
    shared = regularized(2.0)
    logs = evaluate(game(two(shared, (1.0, 0.125)), loss_weights={"cycle": 1}))
    expected = -np.mean(2.0 * X) - np.mean(0.25 * Y) + 2.0
    expected += 0.2 * (size(X) + size(Y)) + logs["cycle"]
    assert logs["g_loss"] == pytest.approx(expected, rel=1e-5)


# The weight of a duel.


class Weighted(CycleGAN):
    """The judgement of x counts twice, that of y half."""

    def duels(self, samples, turn):
        return [
            dataclasses.replace(duel, weight=weight)
            for duel, weight in zip(super().duels(samples, turn), (2.0, 0.5))
        ]


def test_weights_of_duels():
    gan = game(kind=Weighted, penalties=[R1(2.0)])
    logs = evaluate(gan)
    # The penalty is 2 / 2 * 1^2 of each duel, and each output counts.
    of_x, of_y = 2.0 * np.mean(0.25 * Y - X), 0.5 * np.mean(2.0 * X - Y)
    expected = {
        "r1": 2.0,
        "d_loss": of_x + of_y + 2.0,
        "g_loss": -0.5 * np.mean(Y) - np.mean(X),
        "real_output": 0.5 * np.mean(X) + 0.5 * np.mean(Y),
        "fake_output": 0.125 * np.mean(Y) + np.mean(X),
    }
    for name, value in expected.items():
        assert logs[name] == pytest.approx(value, rel=1e-5)
    train(gan, X, Y, batch_size=8)
    found = [kernel_of(network.layers[0]) for network in gan.d_networks]
    slopes = of_x + 2.0, of_y + 2.0
    assert found == pytest.approx([1.0 - 0.01 * s for s in slopes], rel=1e-5)
    found = [kernel_of(network.layers[0]) for network in gan.g_networks]
    assert found == pytest.approx(
        [2.0 + 0.01 * 0.5 * np.mean(X), 0.25 + 0.01 * 2.0 * np.mean(Y)],
        rel=1e-5,
    )


# Networks that learn nothing.


def expert():
    """(3 x - 1) / 2, by the moving statistics."""
    network = keras.Sequential(
        [
            keras.Input((1,)),
            factor(3.0),
            layers.BatchNormalization(
                center=False,
                scale=False,
                epsilon=1.0,
                moving_mean_initializer="ones",
                moving_variance_initializer=keras.initializers.Constant(3.0),
            ),
            layers.Dropout(0.5),
        ]
    )
    return network


class Shaped(CycleGAN):
    """Samples of y shall be what a third network answers zero to."""

    g_terms = {**CycleGAN.g_terms, "shape": 1.0}

    def terms(self, samples, duels, turn):
        def shape():
            answers = turn.frozen(self.expert, samples.fake["y"])
            return ops.mean(ops.square(answers))

        return {**super().terms(samples, duels, turn), "shape": shape}


def shaped(**settings):
    gan = game(kind=Shaped, **settings)
    gan.expert = expert()
    return gan


def test_own_terms_beside_those_of_a_game():
    gan = shaped(loss_weights={"shape": 10.0, "identity": 5.0})
    logs = evaluate(gan)
    shape = np.mean((3.0 * X - 0.5) ** 2)
    cycle = 0.5 * size(X) + 0.5 * size(Y)
    identity = 0.75 * size(X) + size(Y)
    expected = {
        "shape": shape,
        "cycle": cycle,
        "identity": identity,
        "g_loss": -np.mean(2.0 * X) - np.mean(0.25 * Y)
        + 10.0 * cycle + 5.0 * identity + 10.0 * shape,
    }  # fmt: skip
    for name, value in expected.items():
        assert logs[name] == pytest.approx(value, rel=1e-5)
    # The default factor, and none.
    logs = evaluate(shaped())
    assert logs["g_loss"] == pytest.approx(
        shape - np.mean(2.0 * X) - np.mean(0.25 * Y), rel=1e-5
    )
    logs = evaluate(shaped(loss_weights={"shape": 0.0}))
    assert not {"shape", "identity"} & set(logs)
    assert logs["cycle"] == pytest.approx(cycle, rel=1e-5)


def test_a_frozen_network_passes_gradients_and_learns_nothing():
    gan = shaped()
    before = gan.expert.get_weights()
    train(gan, X, Y, batch_size=8)
    # k is 2 in (3 k x - 1)^2 / 4, and -k x is the critic's.
    slope = np.mean(1.5 * X * (6.0 * X - 1.0)) - np.mean(X)
    found = kernel_of(gan.x_to_y.layers[0])
    assert found == pytest.approx(2.0 - 0.01 * slope, rel=1e-5)
    for one, other in zip(before, gan.expert.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert gan.expert.trainable_weights


def test_frozen_answers_are_widened():
    half = keras.Sequential(
        [keras.Input((1,)), factor(2.0, dtype="mixed_bfloat16")]
    )
    found = make_turn().frozen(half, ops.ones((2, 1)))
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    np.testing.assert_array_equal(ops.convert_to_numpy(found), 2.0)


# Names of terms.


class Undeclared(CycleGAN):
    """Returns a term that it does not declare."""

    def terms(self, samples, duels, turn):
        return {**super().terms(samples, duels, turn), "shape": 1.0}


class Missing(CycleGAN):
    """Declares a term that it does not return."""

    g_terms = {**CycleGAN.g_terms, "shape": 1.0}


class Silent(CycleGAN):
    """Declares terms, and has no hook."""

    terms = Game.terms


@pytest.mark.parametrize("use", [evaluate, lambda gan: train(gan, X, Y)])
@pytest.mark.parametrize("kind", [Undeclared, Missing])
def test_terms_must_be_those_that_are_declared(kind, use):
    gan = game(kind=kind, loss_weights={"cycle": 1.0}, run_eagerly=True)
    with raises("`terms` must return", "'cycle', 'identity'"):
        use(gan)


def test_declared_terms_need_the_hook():
    gan = game(kind=Silent, loss_weights={"cycle": 1.0}, run_eagerly=True)
    with pytest.raises(NotImplementedError, match="Silent must implement `te"):
        evaluate(gan)


def test_terms_that_do_not_count_are_not_asked_for():
    gan = game(kind=Silent)
    assert "cycle" not in evaluate(gan)


# What fakes were made of.


def test_what_was_made_is_found_by_its_tensors():
    """Also where fakes are a nest, and where one call made no fake."""
    double = Maker(lambda inputs: {"a": 2.0 * inputs, "b": 3.0 * inputs})
    other = Maker(lambda inputs: inputs[0] + inputs[1])

    def draw(batch, turn):
        made = turn.generate(double, batch)
        told = turn.generate(other, batch, 1.0 + batch)
        turn.generate(other, batch, 5.0 + batch)
        fake = {"told": told, **made}
        real = {"told": 10.0 + batch, "a": 20.0 + batch, "b": 30.0 + batch}
        return Samples(real, fake)

    turn = make_turn(player="generator", draw=draw)
    batch = ops.ones((2, 1))
    samples = turn.draw(batch)
    first, second = turn.made
    assert first.network is double and second.network is other
    assert first.source is batch and first.condition is None
    assert second.fake is samples.fake["told"]
    assert second.real is samples.real["told"]
    assert first.real["a"] is samples.real["a"]
    assert first.real["b"] is samples.real["b"]
    np.testing.assert_array_equal(ops.convert_to_numpy(second.condition), 2.0)


def test_a_judge_is_one_for_the_same_arguments():
    network, label = linear(1), ops.ones((2,))
    turn = make_turn([network])
    judge = turn.judge(network, label)
    assert turn.judge(network, label) is judge
    assert turn.judge(network) is not judge
    assert turn.judge(linear(1), label) is not judge
    assert make_turn([network]).judge(network, label) is not judge
