"""Gradient norms against numbers by hand, steps of SGD, and differences."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import SupervisedGAN
from keras_ganloss.balances import GradientRatio
from keras_ganloss.metrics import GradientNorms
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import Distance
from keras_ganloss.penalties import Drift
from keras_ganloss.updates import Alternating
from tests.helpers import dirac

NAMES = ("d_gradient_norm", "g_gradient_norm")
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(6, 3)).astype("float32")
Y = RANDOM.normal(size=(6, 2)).astype("float32")


def compiled_dirac(rate=0.1, metrics=None, **options):
    """Gradients are theta, which is 1 and stays, and psi, 2 at first."""
    gan = dirac.dirac_gan(theta=1.0, psi=2.0)
    options.setdefault("g_optimizer", keras.optimizers.SGD(0.0))
    gan.compile(
        keras.optimizers.SGD(rate, clipnorm=0.5),
        d_loss="wasserstein",
        metrics=[GradientNorms()] if metrics is None else metrics,
        run_eagerly=True,
        **options,
    )
    return gan


def norms(gan, num, epochs=1):
    """Trains on so many batches; returns lists of the norms by epoch."""
    history = gan.fit(
        np.zeros((num, 1)), batch_size=1, epochs=epochs, verbose=0
    ).history
    return [history[name] for name in NAMES]


# The discriminator's gradient is 1, clipped to a half: psi falls by 0.05.
@pytest.mark.parametrize(
    ("options", "num", "generator"),
    [
        ({}, 1, 1.95),
        ({}, 2, (1.95 + 1.9) / 2),
        ({"updates": "simultaneous"}, 2, (2.0 + 1.95) / 2),
        ({"updates": Alternating(first="generator")}, 1, 2.0),
        ({"d_steps": 2}, 2, 1.9),
        ({"d_steps": 2, "ema": 0.9}, 4, (1.9 + 1.8) / 2),
        ({"g_steps": 3}, 1, 1.95),
        ({"updates": Alternating(d_every=2)}, 3, (2 * 1.95 + 1.9) / 3),
    ],
)
def test_numbers_by_hand_before_clipping(options, num, generator):
    found = norms(compiled_dirac(**options), num)
    np.testing.assert_allclose(found, [[1.0], [generator]], rtol=1e-6)


def test_each_of_several_updates_counts():
    gan = dirac.dirac_gan(theta=1.0, psi=2.0)
    gan.compile(
        dirac.sgd(0.0),
        dirac.sgd(0.25),
        d_loss="least_squares",
        g_steps=2,
        metrics=[GradientNorms()],
        run_eagerly=True,
    )
    # Of (psi theta - 1)^2 / 2: at theta = 1, then at 1 - 0.25 * 2.
    found = norms(gan, 1)
    np.testing.assert_allclose(found, [[2.0], [(2.0 + 0.0) / 2]], atol=1e-6)


def dense(units, seed, **options):
    kernel = keras.initializers.GlorotNormal(seed=seed)
    return layers.Dense(units, kernel_initializer=kernel, **options)


def networks():
    """Networks with a frozen layer, a layer's loss, and smooth losses."""
    frozen = dense(4, 0, activation="tanh", name="frozen")
    generator = keras.Sequential(
        [keras.Input((3,)), frozen, dense(2, 1, kernel_regularizer="l2")]
    )
    frozen.trainable = False
    discriminator = keras.Sequential(
        [keras.Input((2,)), dense(3, 2, activation="tanh"), dense(1, 3)]
    )
    return generator, discriminator


def supervised(rate=0.1, **options):
    gan = SupervisedGAN(*networks(), conditional=False, seed=0)
    options = {
        "metrics": [GradientNorms(), "mae"],
        "run_eagerly": True,
        **options,
    }
    gan.compile(
        keras.optimizers.SGD(rate),
        keras.optimizers.SGD(rate),
        loss="mse",
        d_loss="least_squares",
        penalties=[R1(2.0), Drift(0.5)],
        **{"loss_weights": {"adversarial": 3.0}, **options},
    )
    return gan


def trainable(player):
    return [ops.convert_to_numpy(v).copy() for v in player.variables]


def fit(gan, **options):
    """One batch an epoch."""
    return gan.fit(
        X, Y, batch_size=6, shuffle=False, verbose=0, **options
    ).history


@pytest.mark.parametrize(
    "options",
    [
        {"ema": 0.9},
        {"updates": "simultaneous"},
        {"updates": "consensus"},
        {
            "loss_weights": {"adversarial": GradientRatio(0.5)},
            "g_penalties": [Distance("mae", 0.3, name="pixel")],
        },
    ],
    ids=["ema", "simultaneous", "consensus", "ratio"],
)
def test_it_is_the_step_that_is_taken(options):
    """Of plain gradient descent: the way, by the learning rate."""
    gan = supervised(**options)
    before = [trainable(player) for player in gan.players]
    history = fit(gan)
    for player, start, name in zip(gan.players, before, NAMES):
        way = [b - a for a, b in zip(start, trainable(player))]
        length = np.sqrt(sum(np.sum(part**2) for part in way))
        assert history[name] == [pytest.approx(length / 0.1, rel=1e-4)]


def test_finite_differences_of_both_losses():
    """Along the step the loss falls by the gradient's norm."""
    gan = supervised(rate=0.125, updates="simultaneous")
    start = [trainable(player) for player in gan.players]
    found = fit(gan)
    ways = [
        [a - b for a, b in zip(before, trainable(player))]
        for player, before in zip(gan.players, start)
    ]

    def loss_at(player, name, share):
        for index, one in enumerate(gan.players):
            far = share if one is player else 0.0
            for variable, value, way in zip(
                one.variables, start[index], ways[index]
            ):
                variable.assign(value + far * way)
        logs = gan.evaluate(X, Y, batch_size=6, verbose=0, return_dict=True)
        return logs[name]

    for player, way, loss in zip(gan.players, ways, ("d_loss", "g_loss")):
        length = np.sqrt(sum(np.sum(part**2) for part in way))
        share = 2.0**-6 / length
        rise = loss_at(player, loss, share) - loss_at(player, loss, -share)
        assert found[f"{player.prefix}_gradient_norm"] == [
            pytest.approx(rise / 2.0**-5, rel=2e-3)
        ]


def test_the_scale_is_taken_out_and_skipped_steps_do_not_count():
    optimizer = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.0), initial_scale=2.0**127
    )
    gan = compiled_dirac(0.0, g_optimizer=optimizer)
    # A gradient of 2 overflows twice, also in float32: 2^128, then 2^128 / 2
    # is the loss that fits.
    alone, both = norms(gan, 1), norms(gan, 2)
    assert np.isnan(alone[1][0])
    assert both[1] == [2.0]
    assert float(ops.convert_to_numpy(optimizer.dynamic_scale)) == 2.0**126


def test_before_the_learned_loss_it_is_the_others_gradient():
    gan = supervised(rate=0.0, adversarial_start=2, run_eagerly=False)
    first = fit(gan)
    assert NAMES[0] not in first
    history = fit(gan, epochs=2)
    assert history[NAMES[1]][0] == first[NAMES[1]][0]
    both = fit(supervised(rate=0.0))
    assert history[NAMES[1]][1] == pytest.approx(both[NAMES[1]][0])
    assert history[NAMES[0]] == [pytest.approx(both[NAMES[0]][0])]
    assert first[NAMES[1]][0] != pytest.approx(both[NAMES[1]][0], rel=0.01)


def test_evaluation_has_none():
    gan = supervised()
    history = fit(gan, validation_data=(X, Y))
    assert {*NAMES} <= {*history}
    assert not [name for name in history if name.startswith("val_d_grad")]
    logs = gan.evaluate(X, Y, verbose=0, return_dict=True)
    assert not {*NAMES} & {*logs, *gan.metrics_names}
    assert np.isfinite(list(logs.values())).all()
    logs = gan.test_on_batch(X, Y, return_dict=True)
    assert not {*NAMES} & {*logs}
    assert logs["mae"] > 0.0


def test_saved_and_loaded(tmp_path):
    gan = supervised()
    fit(gan)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    ends = [fit(one) for one in (gan, loaded)]
    for name in NAMES:
        assert ends[0][name] == pytest.approx(ends[1][name], rel=1e-6)


def test_a_run_without_is_the_same_and_has_none():
    ends = []
    for metrics in (["mae"], [GradientNorms(), "mae"]):
        gan = supervised(metrics=metrics)
        logs = fit(gan)
        shown = [logs.pop(name) for name in NAMES if name in logs]
        assert len(shown) == (2 if len(metrics) == 2 else 0)
        ends.append((logs, gan.get_weights()))
    assert ends[0][0] == ends[1][0]
    for one, other in zip(ends[0][1], ends[1][1], strict=True):
        np.testing.assert_array_equal(one, other)


def test_added_to_the_metrics_of_a_compiled_model():
    generator, discriminator = networks()
    generator.compile("sgd", "mse", metrics=["mae"])
    gan = SupervisedGAN.from_compiled(
        generator,
        discriminator,
        conditional=False,
        metrics=[GradientNorms()],
    )
    logs = gan.train_on_batch(X, Y, return_dict=True), fit(gan)
    assert {*NAMES, "mae"} <= {*logs[0]} & {*logs[1]}


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"metrics": [GradientNorms(), GradientNorms()]}, "name of its own"),
        ({"penalties": [R1(1.0, name="d_gradient_norm")]}, "overwrite"),
        ({"log_gradient_norms": True}, r"metrics\.GradientNorms\(\)"),
    ],
)
def test_errors(options, match):
    with pytest.raises(ValueError, match=f"(?s){match}.*Received: "):
        compiled_dirac(**options)
