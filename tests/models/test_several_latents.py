"""Generators of several latents: a list or a dict of shapes."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import ACGAN
from keras_ganloss import GAN
from keras_ganloss import InfoGAN
from keras_ganloss import Samples
from keras_ganloss.callbacks.latent_grid import interpolate
from keras_ganloss.metrics import PerceptualPathLength
from keras_ganloss.models import BiGAN
from keras_ganloss.models import Categorical
from keras_ganloss.models import LatentGAN
from keras_ganloss.models import building
from keras_ganloss.models.standing_statistics import set_standing_statistics
from keras_ganloss.penalties import LatentConsistency
from keras_ganloss.penalties import LatentDiversity
from keras_ganloss.penalties import PathLength
from tests.helpers import limits
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import game
from tests.helpers.networks import labels
from tests.helpers.networks import linear
from tests.helpers.networks import mlp
from tests.helpers.networks import raises
from tests.helpers.networks import seeded
from tests.helpers.networks import sgd
from tests.helpers.networks import train
from tests.helpers.networks import weights
from tests.helpers.turns import make_turn

SHAPES = [(2,), (2, 1, 1)]


def scale(value):
    """Multiplies by one trainable number for each feature."""
    return layers.Dense(
        1,
        use_bias=False,
        kernel_initializer=keras.initializers.Constant(value),
    )


def latents():
    return keras.Input((1,), name="z"), keras.Input((1,), name="noise")


def added(structure=lambda first, second: [first, second]):
    """A generator of `2 first + 3 second`."""
    first, second = latents()
    outputs = layers.Add()([scale(2.0)(first), scale(3.0)(second)])
    return keras.Model(structure(first, second), outputs)


def shown(kind="flat"):
    """A generator that shows latents of `SHAPES`, and what it is told."""
    first, second = keras.Input(SHAPES[0]), keras.Input(SHAPES[1])
    label = keras.Input((1,))
    seen = [first, layers.Flatten()(second), label]
    inputs = {
        "flat": [first, second, label],
        "nested": [[first, second], label],
        "named": {"a": first, "b": second, "label": label},
    }[kind]
    outputs = layers.Dense(
        5, kernel_initializer="identity", use_bias=False, name="show"
    )(layers.Concatenate()(seen))
    return keras.Model(inputs, outputs)


def told_discriminator(size=5):
    inputs = keras.Input((size,)), keras.Input((1,))
    outputs = layers.Dense(1, kernel_initializer=seeded(0))(
        layers.Concatenate()(inputs)
    )
    return keras.Model(inputs, outputs)


@pytest.mark.parametrize(
    "said, shape",
    [
        (7, (7,)),
        ([7], (7,)),
        ((4, 4, 1), (4, 4, 1)),
        ([(7,), (4, 4, 1)], [(7,), (4, 4, 1)]),
        (((7,), (4, 4, 1)), [(7,), (4, 4, 1)]),
        ([[7], [4, 4, 1]], [(7,), (4, 4, 1)]),  # As JSON has it.
        ([7, (4, 4, 1)], [(7,), (4, 4, 1)]),
        ({"z": 7, "noise": [4, 4]}, {"z": (7,), "noise": (4, 4)}),
    ],
)
def test_shapes(said, shape):
    assert building.get_latent_shape(None, said) == shape


@pytest.mark.parametrize("said", [[(7,), (0,)], {"z": "7"}, [(7,), ((1,),)]])
def test_wrong_shapes(said):
    with raises("`latent_shape`"):
        building.get_latent_shape(None, said)


@pytest.mark.parametrize(
    "structure, shape",
    [
        (lambda first, second: [first, second], [(1,), (1,)]),
        (
            lambda first, second: {"z": first, "noise": second},
            {"z": (1,), "noise": (1,)},
        ),
    ],
)
def test_shapes_of_the_generators_inputs(structure, shape):
    gan = GAN(added(structure), linear(1), conditional=False, seed=0)
    assert gan.latent_shape == shape
    gan.compile(sgd(), sgd(), d_loss="wasserstein")
    train(gan, data(size=1))
    assert gan.generate(3, seed=0).shape == (3, 1)


def test_labels_are_no_latents():
    first, label = keras.Input((1,)), keras.Input((), dtype="int32")
    embedded = layers.Embedding(3, 1)(label)
    generator = keras.Model([first, label], layers.Add()([first, embedded]))
    with raises("all inputs of the generator are latents"):
        GAN(generator, linear(1), conditional=False)


def test_both_inputs_might_be_either():
    """Without a word, the second input is a condition, as ever."""
    with raises("`conditional=False`", "all inputs of the generator"):
        GAN(added(), linear(1))


def test_one_step_by_hand():
    """A fake is `2 first + 3 second`, and is judged by `0.5 fake`."""
    gan = GAN(added(), linear(1, kernel=0.5), [(1,), (1,)], seed=0)
    gan.compile(sgd(0.1), sgd(0.1), d_loss="wasserstein", jit_compile=False)
    train(gan, data(4, 1, seed=1))  # The first step is checked, with draws.
    judge, *before = (
        float(w[0, 0])
        for network in (gan.discriminator, gan.generator)
        for w in network.get_weights()
    )
    with gan.random_state_kept():
        first, second = (
            ops.convert_to_numpy(
                keras.random.normal((4, 1), seed=gan.seed_generator)
            )
            for _ in range(2)
        )
    assert not np.allclose(first, second)
    real = data(4, 1)
    train(gan, real)
    fake = before[0] * first + before[1] * second
    judge += 0.1 * (real.mean() - fake.mean())
    expected = [
        before[0] + 0.1 * judge * first.mean(),
        before[1] + 0.1 * judge * second.mean(),
    ]
    found = [float(w[0, 0]) for w in gan.generator.get_weights()]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def shown_game(kind="flat", **settings):
    shape = SHAPES if kind != "named" else dict(zip("ab", SHAPES))
    gan = GAN(shown(kind), told_discriminator(), shape, seed=0)
    gan.compile(sgd(), sgd(), d_loss="hinge", **settings)
    return gan


def of(kind, condition):
    return {"label": condition} if kind == "named" else condition


@pytest.mark.parametrize("kind", ["flat", "nested", "named"])
@pytest.mark.filterwarnings("error:The structure of")
def test_condition_and_seed(kind):
    """What comes out is what went in."""
    gan = shown_game(kind)
    assert gan.conditional
    condition = np.arange(500, dtype="float32")[:, None]
    made = gan.generate(500, of(kind, condition), seed=3)
    np.testing.assert_array_equal(made[:, 4:], condition)
    np.testing.assert_array_equal(
        made, gan.generate(500, of(kind, condition), seed=3, batch_size=7)
    )
    other = gan.generate(500, of(kind, condition), seed=4)
    assert not np.isclose(made, other)[:, :4].any()
    # Standard normal and independent: errors of means are 1 / sqrt(500).
    np.testing.assert_allclose(made[:, :4].mean(0), 0.0, atol=0.2)
    np.testing.assert_allclose(
        np.cov(made[:, :4].T, bias=True), np.eye(4), atol=0.25
    )
    cut = gan.generate(500, of(kind, condition), seed=3, truncation=0.5)
    assert 0.45 < np.abs(cut[:, :4]).max() <= 0.5


@pytest.mark.parametrize("kind", ["flat", "nested"])
def test_condition_in_fit(kind):
    """Both forms of one generator are trained to the bit alike."""
    gan = shown_game(kind, ema=0.9)
    y = labels()[:, None].astype("float32")
    train(gan, data(size=5), y, validation_data=(data(size=5), y))
    flat = shown_game("flat", ema=0.9)
    train(flat, data(size=5), y, validation_data=(data(size=5), y))
    assert equal(weights(gan), weights(flat))


@pytest.mark.parametrize("kind", ["flat", "nested", "named"])
def test_save_and_load(kind, tmp_path):
    gan = shown_game(kind, ema=0.9)
    y = labels()[:, None].astype("float32")
    if kind != "named":
        train(gan, data(size=5), y)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert again.latent_shape == gan.latent_shape
    condition = of(kind, y)
    np.testing.assert_array_equal(
        again.generate(10, condition, seed=0),
        gan.generate(10, condition, seed=0),
    )
    if kind != "named":
        assert train(again, data(size=5), y) == train(gan, data(size=5), y)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(policy):
    keras.config.set_dtype_policy(policy)
    try:
        gan = game((added(), linear(1)), gan_kwargs={"conditional": False})
    finally:
        keras.config.set_dtype_policy("float32")
    assert np.isfinite(train(gan, data(size=1))["g_loss"]).all()
    full = game((added(), linear(1)), gan_kwargs={"conditional": False})
    np.testing.assert_allclose(
        np.asarray(gan.generate(8, seed=0), "float32"),
        full.generate(8, seed=0),
        atol=0.5,
    )


def test_subclassed_generator():
    class Sum(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1, use_bias=False)

        def call(self, inputs):
            (first, second), told = inputs
            return self.dense(first) + second + told

    generator = Sum()
    generator([[np.ones((2, 1)), np.ones((2, 1))], np.ones((2, 1))])
    gan = GAN(
        generator, told_discriminator(1), [(1,), (1,)], conditional=True, seed=0
    )
    gan.compile(sgd(), sgd())
    train(gan, data(size=1), data(size=1))
    assert gan.generate(3, data(3, 1), seed=0).shape == (3, 1)


def made_turn(generator, latent, num, player):
    def draw(batch, turn):
        z = turn.normal(batch, latent)
        return Samples(batch, turn.generate(generator, z))

    turn = make_turn([generator], player, draw=draw)
    turn.draw(ops.zeros((num, 1)))
    return turn


def test_latent_penalties():
    """The mean square of `2 noise + 3 noise'` is `13 stddev^2`."""
    turn = made_turn(added(), [(1,), (1,)], 20_000, "generator")
    found = LatentDiversity(1.0, stddev=0.1).over(turn, [])
    assert float(found) == pytest.approx(-0.13, rel=0.05)


def test_path_length():
    """The gradient of `n (2 first + 3 second)` is as long as `sqrt(13) n`."""
    generator = added()
    turn = made_turn(generator, [(1,), (1,)], 4000, "generator")
    penalty = PathLength(batch_shrink=1)
    lengths = ops.convert_to_numpy(penalty.lengths(turn, turn.made[0]))
    assert np.square(lengths).mean() == pytest.approx(13.0, rel=0.1)
    # As one latent of two numbers has it, whose noise is the same.
    one = keras.Input((2,))
    kernel = keras.initializers.Constant(np.array([[2.0], [3.0]]))
    single = keras.Model(
        one, layers.Dense(1, use_bias=False, kernel_initializer=kernel)(one)
    )
    other = made_turn(single, (2,), 4000, "generator")
    other.seed_generator.state.assign(turn.seed_generator.state)
    pair = [
        ops.convert_to_numpy(penalty.lengths(one, one.made[0]))
        for one in (turn, other)
    ]
    np.testing.assert_allclose(*pair, rtol=1e-5)


@pytest.mark.parametrize("pool", [None, "sample_pool"])
def test_penalties_in_fit(pool):
    """The terms of two latents that share a sample are finite, and differ."""
    settings = {"g_penalties": [LatentDiversity(), PathLength()]}
    if pool is None:
        settings["penalties"] = [LatentConsistency()]
    gan = game(
        (added(), linear(1)),
        gan_kwargs={"conditional": False},
        pool=pool,
        **settings,
    )
    logs = train(gan, data(size=1), epochs=2)
    assert logs["latent_diversity"][0] < 0.0 < logs["path_length"][0]
    assert logs.get("latent_consistency", [1.0])[0] > 0.0


def test_way_between_latents():
    """Each latent goes along an arc of its own."""
    gan = game((added(), linear(1)), gan_kwargs={"conditional": False})
    way = interpolate(gan, seeds=[(3, 5)], columns=4)
    np.testing.assert_allclose(way[0], gan.generate(1, seed=3)[0], rtol=1e-6)
    np.testing.assert_allclose(way[-1], gan.generate(1, seed=5)[0], rtol=1e-5)


def test_way_of_a_conditional_game():
    gan = shown_game("flat")
    way = interpolate(
        gan, [(3, 5), (1, 2)], 4, condition=np.array([[7.0], [8.0]])
    )
    np.testing.assert_array_equal(way[:, 4], [7.0] * 4 + [8.0] * 4)


def test_standing_statistics():
    """Of `first + second`, whose variance is two."""
    first, second = latents()
    total = layers.BatchNormalization()(layers.Add()([first, second]))
    generator = keras.Model([first, second], total)
    gan = game((generator, linear(1)), gan_kwargs={"conditional": False})
    set_standing_statistics(gan, num_batches=20, batch_size=500, seed=0)
    mean, variance = map(ops.convert_to_numpy, generator.non_trainable_weights)
    assert mean == pytest.approx(0.0, abs=0.05)
    assert variance == pytest.approx(2.0, abs=0.1)


def test_other_games():
    """A label, and codes, beside two latents."""

    def heads(size):
        x = keras.Input((5,))
        return keras.Model(x, [layers.Dense(1)(x), layers.Dense(size)(x)])

    gan = ACGAN(shown(), heads(3), SHAPES, seed=0)
    gan.compile(sgd(), sgd())
    train(gan, data(size=5), labels()[:, None])
    made = gan.generate(2, np.array([[1.0], [2.0]]), seed=0)
    assert made.shape == (2, 5)
    first, second, code = (
        keras.Input((2,)),
        keras.Input((1,)),
        keras.Input((3,)),
    )
    joined = layers.Concatenate()([first, second, code])
    generator = keras.Model([first, second, code], layers.Dense(5)(joined))
    gan = InfoGAN(generator, heads(3), [Categorical(3)], [(2,), (1,)], seed=0)
    gan.compile(sgd(), sgd())
    train(gan, data(size=5))
    assert gan.generate(3, seed=0).shape == (3, 5)


def test_refused():
    """What walks along, or finds, one latent."""
    two = {"latent_shape": [(1,), (1,)]}
    with raises("`BiGAN`, which encodes samples, needs"):
        pair = keras.Input((1,)), keras.Input((1,))
        judge = keras.Model(pair, layers.Add()(pair))
        BiGAN(added(), mlp(1, 1), judge, **two)
    with raises("`LatentGAN` needs a generator of one latent"):
        LatentGAN(linear(1), num=3, **two)
    with raises("`PerceptualPathLength`", "take one and nothing else"):
        gan = GAN(added(), linear(1), conditional=False)
        metric = PerceptualPathLength(linear(1), num_samples=2)
        gan.compile(sgd(), sgd(), metrics=[metric])


@limits.only("tensorflow", "it writes these files")
@pytest.mark.parametrize("kind", ["flat", "named"])
def test_export(kind, tmp_path):
    import tensorflow as tf

    gan = shown_game(kind)
    gan.export(tmp_path / "1", verbose=False)
    served = tf.saved_model.load(tmp_path / "1").signatures
    names = ("a", "b") if kind == "named" else ("0", "1")
    told = "condition_label" if kind == "named" else "condition"
    first, second, told_value = data(3, 2), data(3, 2, 1), data(3, 1, 2)
    found = served["serving_default"](
        **{
            f"latent_{names[0]}": tf.constant(first),
            f"latent_{names[1]}": tf.constant(second[:, :, None, None]),
            told: tf.constant(told_value),
        }
    )
    expected = np.concatenate([first, second, told_value], axis=1)
    np.testing.assert_array_equal(found["samples"], expected)
    told_value = {told: tf.constant(told_value)}
    seeds = tf.constant([5, 6, 5], tf.int64)
    made = served["from_seeds"](seeds=seeds, **told_value)["samples"].numpy()
    np.testing.assert_array_equal(made[0, :4], made[2, :4])
    for index in range(2):  # Each latent has numbers of its own.
        np.testing.assert_array_equal(
            made[0, 2 * index : 2 * index + 2],
            tf.random.stateless_normal((2,), [5, index], alg="philox"),
        )
    made = served["sample"](num=tf.constant(3), **told_value)
    again = served["from_seeds"](seeds=made["seed"], **told_value)
    np.testing.assert_array_equal(made["samples"], again["samples"])
