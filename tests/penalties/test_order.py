"""What is listed in `penalties` is a set: its order changes nothing.

All penalties of a player together, every third set of two in both orders,
and four in all orders, on networks that draw, that have moving statistics, and
whose layers add to the loss.
"""

import functools
import itertools

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import layers
from keras_ganloss import penalties
from keras_ganloss.penalties import DRAGAN
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import R2
from keras_ganloss.penalties import Drift
from keras_ganloss.penalties import FeatureMatching
from keras_ganloss.penalties import GradientPenalty
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import seeded
from tests.helpers.networks import sgd
from tests.helpers.networks import weights
from tests.helpers.penalty_cases import MAKE
from tests.helpers.penalty_cases import MAKE_OF_GENERATOR
from tests.helpers.penalty_cases import negated

BATCHES = [(data(4, 3, seed),) for seed in range(2)]


@keras.saving.register_keras_serializable("test_order")
class Counting(keras.layers.Layer):
    """Counts its calls; adds a loss to each."""

    num_calls = 0

    def call(self, inputs):
        self.num_calls += 1
        self.add_loss(0.1 * ops.mean(ops.square(inputs)))
        return inputs


def network(num_inputs, num_outputs, seed):
    return keras.Sequential(
        [
            keras.Input((num_inputs,)),
            Counting(),
            keras.layers.Dense(
                4,
                "tanh",
                kernel_initializer=seeded(seed),
                kernel_regularizer=keras.regularizers.L2(0.01),
                activity_regularizer=keras.regularizers.L1(0.1),
                name="hidden",
            ),
            layers.BatchNormalization(momentum=0.5),
            keras.layers.Dropout(0.3, seed=seed, name="dropout"),
            keras.layers.Dense(
                num_outputs, kernel_initializer=seeded(seed + 1)
            ),
        ]
    )


@functools.cache
def networks():
    """A generator, a discriminator, and the values they begin with."""
    pair = network(2, 3, 10), network(3, 1, 20)
    return pair, [list(map(ops.convert_to_numpy, n.variables)) for n in pair]


def make(**settings):
    """A game whose networks are as they were at first."""
    pair, start = networks()
    for one, values in zip(pair, start):
        for variable, value in zip(one.variables, values):
            variable.assign(value)
    gan = GAN(*pair, seed=0)
    gan.compile(sgd(), sgd(), run_eagerly=True, **settings)
    return gan


# How a batch is played: by one player, or by both.
PLAYS = {
    "penalties": lambda gan, batch: gan.updates.play_discriminator(gan, batch),
    "g_penalties": lambda gan, batch: gan.updates.play_generator(gan, batch),
    "both": lambda gan, batch: gan.update_players(batch),
}


def run(play, **settings):
    """Two steps: what they return, and all variables afterwards, as arrays."""
    gan, found = make(**settings), []
    for batch in BATCHES:
        batch = keras.tree.map_structure(ops.convert_to_tensor, batch)
        found += keras.tree.flatten(PLAYS[play](gan, batch))
    found = [ops.convert_to_numpy(x) for x in found if x is not None]
    assert all(np.isfinite(value).all() for value in found)
    return found, weights(gan)


def check_orders(argument, make_list, orders, play=None):
    first, *others = (
        run(
            play or argument,
            **{argument: [make_list()[index] for index in order]},
        )
        for order in orders
    )
    for found, variables in others:
        assert equal(found, first[0]) and equal(variables, first[1])


def of(makers, names, weight=0.1):
    return [makers[name](weight) for name in names]


# These games have no targets.
OF_GENERATOR = {k: v for k, v in MAKE_OF_GENERATOR.items() if k != "distance"}
KINDS = {"penalties": MAKE, "g_penalties": OF_GENERATOR}
PAIRS = [
    (argument, pair)
    for argument, makers in KINDS.items()
    for pair in list(itertools.combinations(sorted(makers), 2))[::3]
]


@pytest.mark.parametrize("argument, names", PAIRS, ids=str)
def test_two_of_a_player(argument, names):
    makers = KINDS[argument]
    check_orders(argument, lambda: of(makers, names), [(0, 1), (1, 0)])


@pytest.mark.parametrize("argument", KINDS)
def test_all_of_a_player(argument):
    makers = KINDS[argument]
    order = list(range(len(makers)))
    shuffled = np.random.default_rng(0).permutation(order)
    check_orders(
        argument,
        lambda: of(makers, sorted(makers)),
        [order, order[::-1], shuffled],
        play="both",
    )


def test_all_orders_of_four():
    """Two ask for gradients, two draw, and one passes its samples again."""
    noise = keras.layers.GaussianNoise

    def four():
        return [
            R1(0.1),
            Drift(0.1),
            GradientPenalty(0.1),
            penalties.ConsistencyRegularization(noise(0.1, seed=3), 0.1),
        ]

    orders = itertools.permutations(range(4))
    check_orders("penalties", four, orders, play="both")


def test_two_of_one_class():
    """Of one name are those alone that are not logged."""

    def two():
        return [penalties.NormClipping(1.0), penalties.NormClipping(0.5, 0)]

    check_orders("penalties", two, [(0, 1), (1, 0)])


# The fewest passes: whoever asks, each sample passes the discriminator once.


def passes(play, **settings):
    """How often samples pass the discriminator."""
    gan = make(**settings)
    layer = gan.discriminator.layers[0]
    layer.num_calls = 0
    gan.gradients_are_checked = True  # Which calls networks, too.
    batch = keras.tree.map_structure(ops.convert_to_tensor, BATCHES[0])
    PLAYS[play](gan, batch)
    return layer.num_calls


@pytest.mark.parametrize(
    "make_list, expected",
    [
        (lambda: [], 2),
        (lambda: [R1(0.1), Drift()], 2),
        (lambda: [Drift(), R1(0.1)], 2),
        (lambda: [R1(0.1), R2(0.1), Drift(), penalties.LeCam(start=0)], 2),
        (lambda: [Drift(), penalties.Sobolev(), R1(0.1)], 2),
        # Samples of their own.
        (lambda: [penalties.MaxGradientPenalty(0.1), R1(0.1)], 3),
        (lambda: [GradientPenalty(0.1), Drift()], 3),
        (lambda: [Drift(), GradientPenalty(0.1), R1(0.1), DRAGAN(0.1)], 4),
        (lambda: [penalties.BalancedConsistency(negated), R1(0.1)], 4),
    ],
)
def test_passes_in_the_discriminators_turn(make_list, expected):
    assert passes("penalties", penalties=make_list()) == expected


@pytest.mark.parametrize(
    "settings, expected",
    [
        ({}, 1),
        ({"d_loss": "relativistic"}, 2),
        ({"g_penalties": [FeatureMatching(["hidden"])]}, 2),
        (
            {
                "g_penalties": [
                    FeatureMatching(["hidden"]),
                    FeatureMatching(["dropout"], name="deeper"),
                ]
            },
            2,
        ),
    ],
)
def test_passes_in_the_generators_turn(settings, expected):
    assert passes("g_penalties", **settings) == expected


def test_passes_in_a_turn_of_both():
    found = passes(
        "both",
        updates="simultaneous",
        penalties=[Drift(), R1(0.1)],
        g_penalties=[FeatureMatching(["hidden"])],
    )
    assert found == 2


def test_a_pass_counts_once():
    """What layers add to the loss is that of two passes, whoever asks."""
    _, alone = run("both")
    _, asked = run("both", penalties=[R1(0.0), R2(0.0), Drift(0.0)])
    for one, other in zip(alone, asked, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
