"""Two domains without pairs: by hand, and where the answer is known."""

import copy

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss.models import CycleGAN
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import LatentDiversity
from keras_ganloss.penalties import OrthogonalRegularization
from keras_ganloss.pools import SamplePool
from tests.helpers import limits
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import linear
from tests.helpers.networks import mlp
from tests.helpers.networks import raises
from tests.helpers.networks import sgd
from tests.helpers.networks import train
from tests.helpers.networks import weights

X, Y = data(8, 1), data(8, 1, seed=1) + 3.0


def scaled(there=2.0, back=0.25, **settings):
    """One number a sample: y = 2 x, x = y / 4, and critics that return it."""
    gan = CycleGAN(
        linear(1, kernel=there), linear(1, kernel=back), linear(1), linear(1)
    )
    gan.compile(**{"d_loss": "wasserstein", "ema": None, **settings})
    return gan


def of_unequal_domains(**settings):
    """Domains of two and of three numbers."""
    gan = CycleGAN(
        mlp(2, 3, seed=0), mlp(3, 2, seed=2), mlp(2, 1, seed=4),
        mlp(3, 1, seed=6), seed=0,
    )  # fmt: skip
    gan.compile(**settings)
    return gan


def test_terms_by_hand():
    gan = scaled(loss_weights={"identity": 5.0, "adversarial": 0.5})
    logs = gan.evaluate(X, Y, verbose=0, return_dict=True)
    # There and back is a half; alone, a quarter of x and twice y.
    cycle = 0.5 * np.mean(np.abs(X)) + 0.5 * np.mean(np.abs(Y))
    identity = 0.75 * np.mean(np.abs(X)) + np.mean(np.abs(Y))
    critics = np.mean(2.0 * X) + np.mean(0.25 * Y)
    expected = {
        "cycle": cycle,
        "identity": identity,
        "d_loss": critics - np.mean(X) - np.mean(Y),
        "g_loss": -0.5 * critics + 10.0 * cycle + 5.0 * identity,
    }
    for name, value in expected.items():
        assert logs[name] == pytest.approx(value, rel=1e-5)


def test_one_step_by_hand():
    gan = scaled(d_optimizer=sgd(0.0), g_optimizer=sgd(0.01))
    train(gan, X, Y, batch_size=8)
    size = np.mean(np.abs(X)) + np.mean(np.abs(Y))
    there, back = [
        ops.convert_to_numpy(network.weights[0])[0, 0]
        for network in gan.g_networks
    ]
    # The critic's reward, and ten times what is lost there and back.
    assert there == pytest.approx(
        2.0 + 0.01 * (np.mean(X) + 10 * 0.25 * size), rel=1e-5
    )
    assert back == pytest.approx(
        0.25 + 0.01 * (np.mean(Y) + 10 * 2.0 * size), rel=1e-5
    )


@pytest.mark.parametrize(
    "factors, names, num_calls",
    [
        ({"cycle": 0.0}, set(), 1),
        ({}, {"cycle"}, 2),
        ({"identity": 1.0}, {"cycle", "identity"}, 3),
    ],
)
def test_what_has_no_factor_is_not_computed(factors, names, num_calls):
    gan = scaled(loss_weights=factors, run_eagerly=True)
    gan.gradients_are_checked = True  # Which calls networks, too.
    calls = []
    call = gan.x_to_y.layers[0].call

    def counted(inputs, training=None):
        calls.append(training)
        return call(inputs, training=training)

    gan.x_to_y.layers[0].call = counted
    history = train(gan, X, Y, batch_size=8)
    assert len(calls) == num_calls
    assert {"cycle", "identity"} & set(history) == names


def test_there_and_back_leaves_moving_statistics():
    def normalized(seed):
        return keras.Sequential(
            [keras.Input((1,)), layers.BatchNormalization(momentum=0.5)]
        )

    gan = CycleGAN(normalized(0), normalized(1), linear(1), linear(1))
    gan.compile(loss_weights={"identity": 1.0})
    before = weights(gan)
    gan.evaluate(X, Y, verbose=0)
    assert equal(before[: len(gan.weights)], weights(gan)[: len(gan.weights)])
    train(gan, X, Y, batch_size=8)
    for network, samples in ((gan.x_to_y, X), (gan.y_to_x, Y)):
        moved = float(network.layers[0].moving_mean.value[0])
        assert moved == pytest.approx(0.5 * np.mean(samples), rel=1e-5)


def test_pool_keeps_both_domains():
    gan = of_unequal_domains(pool=SamplePool(8), g_optimizer=sgd(0.0))
    x, y = data(8, 2), data(8, 3)
    train(gan, x, y, batch_size=4)
    _, fake_x, fake_y = gan.pool.state
    np.testing.assert_allclose(fake_x, gan.translate_back(y), rtol=1e-5)
    np.testing.assert_allclose(fake_y, gan.translate(x), rtol=1e-5)


def test_penalties_of_both_generators():
    gan = scaled(
        there=2.0,
        back=3.0,
        g_penalties=[
            OrthogonalRegularization(1.0, strict=True),
            LatentDiversity(0.5, stddev=0.1),
        ],
    )
    x, y = data(4000, 1), data(4000, 1, seed=1)
    logs = gan.evaluate(x, y, batch_size=4000, verbose=0, return_dict=True)
    # The kernels are 2 and 3: (4 - 1)^2 + (9 - 1)^2.
    name = "orthogonal_regularization"
    assert logs[name] == pytest.approx(73.0, rel=1e-5)
    # What noise of variance 0.01 does to each: 0.01 * (4 + 9).
    assert logs["latent_diversity"] == pytest.approx(-0.065, rel=0.1)


def test_known_answer():
    """Two normal distributions: there and back again, and to the right one."""
    random = np.random.default_rng(0)
    x = random.standard_normal((2048, 2)) * [1.0, 0.3]
    y = random.standard_normal((2048, 2)) * [1.0, 0.3]
    y = y @ np.array([[0.6, 0.8], [-0.8, 0.6]]) + [1.0, -1.0]
    x, y = x.astype("float32"), y.astype("float32")
    keras.utils.set_random_seed(0)

    def affine(seed):
        kernel = keras.initializers.Orthogonal(seed=seed)
        return keras.Sequential(
            [keras.Input((2,)), layers.Dense(2, kernel_initializer=kernel)]
        )

    def critic():
        return keras.Sequential(
            [
                keras.Input((2,)),
                layers.Dense(32, "leaky_relu"),
                layers.Dense(32, "leaky_relu"),
                layers.Dense(1),
            ]
        )

    gan = CycleGAN(affine(0), affine(1), critic(), critic(), seed=0)
    gan.compile(
        keras.optimizers.Adam(1e-2, beta_1=0.5),
        keras.optimizers.Adam(1e-2, beta_1=0.5),
        penalties=[R1(0.1)],
        loss_weights={"cycle": 1.0},
        ema=0.99,
    )
    gan.fit(x, y, batch_size=64, epochs=24, verbose=0)
    there = gan.translate(x)
    assert np.mean(np.abs(gan.translate_back(there) - x)) < 0.05
    assert np.mean(np.abs(gan.translate(gan.translate_back(y)) - y)) < 0.05
    for samples, wanted in ((there, y), (gan.translate_back(y), x)):
        means = samples.mean(axis=0) - wanted.mean(axis=0)
        covariances = np.cov(samples.T) - np.cov(wanted.T)
        assert np.abs(means).max() < 0.1
        assert np.abs(covariances).max() < 0.15


def test_translating_with_averages():
    gan = of_unequal_domains(ema=0.5)
    x, y = data(8, 2), data(8, 3)
    train(gan, x, y)
    np.testing.assert_array_equal(gan.translate(x), gan.predict(x, verbose=0))
    newest = gan.y_to_x.predict(y, verbose=0)
    averaged = gan.translate_back(y)
    assert np.abs(newest - averaged).max() > 1e-6
    np.testing.assert_array_equal(newest, gan.y_to_x.predict(y, verbose=0))
    with gan.averaged_in_place():
        np.testing.assert_allclose(averaged, gan.y_to_x.predict(y, verbose=0))


@pytest.mark.parametrize("settings", [{"ema": 0.9}, {"pool": SamplePool(4)}])
def test_saved_in_the_middle_it_ends_the_same(tmp_path, settings):
    whole, half = (
        of_unequal_domains(d_loss="least_squares", **copy.deepcopy(settings))
        for _ in range(2)
    )
    x, y = data(8, 2), data(8, 3)
    history = train(whole, x, y, epochs=4)
    train(half, x, y, epochs=2)
    half.save(tmp_path / "gan.keras")
    half = keras.saving.load_model(tmp_path / "gan.keras")
    later = train(half, x, y, epochs=4, initial_epoch=2)
    assert equal(weights(half), weights(whole))
    assert later["cycle"] == history["cycle"][2:]


def test_factors_are_saved(tmp_path):
    scaled(loss_weights={"cycle": 0.0, "identity": 2.0}).save(
        tmp_path / "gan.keras"
    )
    gan = keras.saving.load_model(tmp_path / "gan.keras")
    expected = {"adversarial": 1.0, "cycle": 0.0, "identity": 2.0}
    assert gan.loss_weights == expected
    assert gan.g_player.terms == ["identity"]


@pytest.mark.parametrize("direction", ["x_to_y", "y_to_x"])
def test_export(tmp_path, direction):
    gan = of_unequal_domains(ema=0.5)
    train(gan, data(8, 2), data(8, 3))
    with limits.EXPORT.raises():
        gan.export(tmp_path / "1", direction, verbose=False)
    limits.EXPORT.skip()
    import tensorflow as tf

    serve = tf.saved_model.load(str(tmp_path / "1"))
    serve = serve.signatures["serving_default"]
    source = data(3, 2 if direction == "x_to_y" else 3)
    made = (gan.translate if direction == "x_to_y" else gan.translate_back)(
        source
    )
    np.testing.assert_allclose(
        serve(source=tf.constant(source))["samples"], made, rtol=1e-5
    )


def test_what_is_refused(tmp_path):
    gan = scaled(run_eagerly=True)
    with raises("have no targets"):
        gan.fit(X, verbose=0)
    with raises("no common weight"):
        gan.fit(X, Y, sample_weight=np.ones(8), verbose=0)
    with raises("must have the same shape"):
        wrong = CycleGAN(linear(2, 3), linear(4, 2), linear(2), linear(3))
        wrong.compile(run_eagerly=True)
        wrong.fit(data(8, 2), data(8, 4), verbose=0)
    with raises("`direction` must be one of"):
        gan.export(tmp_path / "1", "there")
    with raises("`loss_weights` must have keys of"):
        scaled(loss_weights={"supervised": 1.0})
    with raises("`loss_weights` must be a dict"):
        scaled(loss_weights=10.0)
    with raises("`y_to_x` must be a `keras.Model`"):
        CycleGAN(linear(1), ops.abs, linear(1), linear(1))
