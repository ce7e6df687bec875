"""`SupervisedGAN(latent_shape=...)`: several answers to one input."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_ganloss import SupervisedGAN
from keras_ganloss.callbacks import AnswerGrid
from keras_ganloss.callbacks import SampleGrid
from keras_ganloss.penalties import LatentDiversity
from tests.helpers import limits
from tests.helpers.networks import begin_average
from tests.helpers.networks import equal
from tests.helpers.networks import linear
from tests.helpers.networks import raises
from tests.helpers.networks import seeded
from tests.helpers.networks import sgd
from tests.helpers.networks import train
from tests.helpers.networks import weights

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(10, 3)).astype("float32")
Y = RANDOM.normal(size=(10, 2)).astype("float32")


def dense(size, seed, name=None):
    return layers.Dense(size, kernel_initializer=seeded(seed), name=name)


def generator(latent=None, use=False, two=False):
    """Answers to three numbers; with a latent of two, used or not."""
    x = keras.Input((3,), name="x")
    answer = dense(2, 1)(dense(4, 0)(x))
    inputs = x
    if latent is not None:
        z = keras.Input((2,), name="z")
        inputs = {"list": [z, x], "dict": {"a": x, "z": z}}[latent]
        part = z if use else layers.Rescaling(0.0)(z)
        answer = layers.Add()([answer, part])
    outputs = {"one": answer, "two": dense(1, 2)(answer)} if two else answer
    return keras.Model(inputs, outputs)


def discriminator():
    answer, x = keras.Input((2,)), keras.Input((3,))
    together = layers.Concatenate()([answer, x])
    return keras.Model([answer, x], dense(1, 3)(together))


def answers(kind="list", use=True, **settings):
    shape = {"list": (2,), "dict": {"z": (2,)}, None: None}[kind]
    gan = SupervisedGAN(
        generator(kind, use), discriminator(), latent_shape=shape, seed=0
    )
    gan.compile(
        sgd(),
        sgd(),
        **{"loss": "mse", "d_loss": "hinge", "metrics": ["mae"], **settings},
    )
    return gan


def close(values):
    """XLA rounds two graphs of the same numbers in two ways."""
    return pytest.approx(values, rel=1e-5, abs=1e-6)


def shared(gan):
    """What two games have in common: all but random states."""
    states = gan.seed_generator.state
    return [
        keras.ops.convert_to_numpy(v) for v in gan.variables if v is not states
    ]


@pytest.mark.parametrize("kind", ["list", "dict"])
@pytest.mark.filterwarnings("error:The structure of")
def test_a_latent_that_is_ignored_changes_nothing(kind):
    """Not logs, validation, weights, averages nor predictions."""
    settings = {
        "validation_data": (X, Y),
        "epochs": 2,
        "sample_weight": np.linspace(0.0, 2.0, 10, dtype="float32"),
    }
    plain, told = answers(None, ema=0.9), answers(kind, use=False, ema=0.9)
    first, second = (train(gan, X, Y, **settings) for gan in (plain, told))
    assert first == {name: close(value) for name, value in second.items()}
    for one, other in zip(shared(plain), shared(told), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(
        plain.predict(X, verbose=0), told.predict(X, verbose=0), rtol=1e-4
    )
    assert plain.evaluate(X, Y, verbose=0) == close(
        told.evaluate(X, Y, verbose=0)
    )
    np.testing.assert_allclose(
        told.generate(X, num=3),
        np.repeat(plain.predict(X, verbose=0)[:, None], 3, 1),
        rtol=1e-4,
    )


def test_several_outputs():
    logs = []
    for kind, shape in ((None, None), ("list", (2,))):
        gan = SupervisedGAN(
            generator(kind, two=True),
            linear(2),
            conditional=False,
            judged="one",
            latent_shape=shape,
            seed=0,
        )
        gan.compile(sgd(), sgd(), loss={"one": "mse", "two": "mae"})
        logs.append(train(gan, X, {"one": Y, "two": Y[:, :1]}))
    assert logs[0] == {name: close(value) for name, value in logs[1].items()}
    made = gan.generate(X, num=4, seed=0)
    assert made["one"].shape == (10, 4, 2)
    assert made["two"].shape == (10, 4, 1)


@pytest.mark.parametrize("kind", ["list", "dict"])
def test_generate(kind):
    """An answer minus that without latents is the latent: normal numbers."""
    gan, plain = answers(kind), answers(None)
    few = X[:3]
    made = gan.generate(few, num=400, seed=1)
    latent = made - plain.predict(few, verbose=0)[:, None]
    assert made.shape == (3, 400, 2)
    np.testing.assert_allclose(
        np.cov(latent.reshape(-1, 2).T), np.eye(2), atol=0.2
    )
    # No two answers, of one input or of two, are of one latent.
    assert len(np.unique(latent.reshape(-1, 2).round(4), axis=0)) > 1190
    again = gan.generate(few, num=400, seed=1, batch_size=7)
    np.testing.assert_allclose(made, again, rtol=1e-5, atol=1e-6)
    assert (
        not np.isclose(made, gan.generate(few, 400, seed=2)).all((0, 2)).any()
    )
    assert not np.array_equal(gan.generate(few, 2), gan.generate(few, 2))
    cut = gan.generate(few, 400, seed=1, truncation=0.5)
    cut = np.abs(cut - plain.predict(few, verbose=0)[:, None])
    assert 0.45 < cut.max() < 0.5001


def test_predict_repeats_itself_and_leaves_training_alone():
    gan, other = answers(ema=0.5), answers(ema=0.5)
    before = gan.predict(X, verbose=0)
    latent = before - answers(None).predict(X, verbose=0)
    assert len(np.unique(latent.round(4), axis=0)) == 10
    np.testing.assert_array_equal(before, gan.predict(X, verbose=0))
    gan.generate(X, 2)
    gan.generate(X, 2, seed=0)
    assert train(gan, X, Y) == train(other, X, Y)
    assert equal(weights(gan), weights(other))


def test_averages_answer():
    gan = answers(ema=0.5)
    train(gan, X, Y)
    begin_average(gan)
    kept = gan.averaged_generator()
    made = gan.generate(X, 1, seed=0)[:, 0]
    zeros = np.zeros((10, 2), "float32")
    latent = made - kept.predict([zeros, X], verbose=0)
    now = gan.generator.predict([latent, X], verbose=0)
    assert not np.allclose(made, now, atol=1e-4)
    np.testing.assert_allclose(
        made, kept.predict([latent, X], verbose=0), atol=1e-5
    )


def test_diversity():
    """Answers are as far apart as their latents: `-weight * stddev^2`."""
    penalty = LatentDiversity(2.0, stddev=0.1)
    gan = answers(g_penalties=[penalty])
    many = np.repeat(X, 300, 0), np.repeat(Y, 300, 0)
    logs = train(gan, *many, batch_size=3000)
    assert logs["latent_diversity"][0] == pytest.approx(-0.02, rel=0.1)


@pytest.mark.parametrize("kind", ["list", "dict"])
def test_save_and_load(kind, tmp_path):
    gan = answers(kind, ema=0.9)
    train(gan, X, Y)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert again.latent_shape == gan.latent_shape
    for make in (
        lambda g: g.predict(X, verbose=0),
        lambda g: g.generate(X, 2, 0),
    ):
        np.testing.assert_array_equal(make(gan), make(again))
    assert train(gan, X, Y) == train(again, X, Y)


def test_from_compiled():
    model = generator("list")
    model.compile(sgd(), "mse")
    gan = SupervisedGAN.from_compiled(
        model, discriminator(), latent_shape=2, seed=0
    )
    train(gan, X, Y)
    assert gan.generate(X, 2).shape == (10, 2, 2)


def test_several_latents_and_inputs():
    """`x` of two parts and two latents, in one flat list."""
    widths = (1, 2, 3, 2)
    inputs = [keras.Input((width,)) for width in widths]
    shown = layers.Dense(8, use_bias=False, kernel_initializer="identity")
    network = keras.Model(inputs, shown(layers.Concatenate()(inputs)))
    gan = SupervisedGAN(
        network, linear(8), False, latent_shape=[(1,), (2,)], seed=0
    )
    gan.compile(sgd(), sgd(), loss="mse")
    target = np.zeros((10, 8), "float32")
    made = gan.generate([X, Y], 2, seed=0)
    for index in range(2):
        np.testing.assert_array_equal(made[:, index, 3:6], X)
        np.testing.assert_array_equal(made[:, index, 6:], Y)
    made = gan.predict([X, Y], verbose=0)
    np.testing.assert_array_equal(made[:, 3:], np.concatenate([X, Y], 1))
    train(gan, [X, Y], target)


def test_mixed_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        gan = answers()
    finally:
        keras.config.set_dtype_policy("float32")
    few = X[:2]
    np.testing.assert_allclose(
        np.asarray(gan.generate(few, 3, seed=0), "float32"),
        answers().generate(few, 3, seed=0),
        atol=0.1,
    )
    assert np.isfinite(train(gan, X, Y)["g_loss"]).all()


def test_pictures(tmp_path):
    """`AnswerGrid` asks for an answer; the others want latents alone."""
    x, z = keras.Input((4, 4, 1)), keras.Input((4, 4, 1))
    network = keras.Model([z, x], layers.Conv2D(1, 1)(layers.Add()([x, z])))
    image = keras.Input((4, 4, 1))
    judge = keras.Model(image, layers.Conv2D(1, 1)(image))
    gan = SupervisedGAN(network, judge, False, latent_shape=(4, 4, 1), seed=0)
    gan.compile(sgd(), sgd(), loss="mae", jit_compile=False)
    images = RANDOM.uniform(size=(4, 4, 4, 1)).astype("float32")
    grid = AnswerGrid(tmp_path, images, images)
    gan.fit(images, images, verbose=0, callbacks=[grid])
    assert (tmp_path / "epoch_0001.png").exists()
    with raises("`SampleGrid` needs a model with `generate"):
        gan.fit(images, images, verbose=0, callbacks=[SampleGrid(tmp_path)])


def test_refused():
    with raises("The game has no latents", r"`predict\(x\)`"):
        answers(None).generate(X, 2)
    with raises("`num` must be"):
        answers().generate(X, 0)
    with raises(r"must take `\[latent, x\]`"):
        SupervisedGAN(generator("list"), discriminator(), latent_shape=(3,))
    with raises(r"must take `\[latent, x\]`"):
        SupervisedGAN(generator(), discriminator(), latent_shape=(3,))
    with raises(r"must take `\[latent, x\]`"):
        SupervisedGAN(generator("dict"), discriminator(), latent_shape=(2,))


@limits.only("tensorflow", "it writes these files")
def test_export(tmp_path):
    """The latent is given, or drawn in the graph."""
    import tensorflow as tf

    gan = answers()
    gan.export(tmp_path / "1", verbose=False)
    served = tf.saved_model.load(tmp_path / "1").signatures
    latent = RANDOM.normal(size=(10, 2)).astype("float32")
    found = served["serving_default"](
        latent=tf.constant(latent), condition=tf.constant(X)
    )
    expected = gan.generator.predict([latent, X], verbose=0)
    np.testing.assert_allclose(found["samples"], expected, rtol=1e-5, atol=1e-6)
    told = {"condition": tf.constant(X)}
    made = served["sample"](num=tf.constant(10), **told)
    again = served["from_seeds"](seeds=made["seed"], **told)
    np.testing.assert_array_equal(made["samples"], again["samples"])
