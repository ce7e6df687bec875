"""Codes: their likelihoods by hand, and found again in clusters."""

import itertools
import math

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss.models import Categorical
from keras_ganloss.models import InfoGAN
from keras_ganloss.models import Uniform
from keras_ganloss.models.codes import draw_codes
from keras_ganloss.models.codes import information_loss
from keras_ganloss.penalties import R1
from keras_ganloss.pools import SamplePool
from tests.helpers import limits
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import raises
from tests.helpers.networks import seeded
from tests.helpers.networks import train
from tests.helpers.networks import weights

CENTERS = np.array([[2.0, 0.0], [-1.0, 1.7], [-1.0, -1.7]], "float32")
CODES = [Categorical(3), Uniform(2, low=0.0, high=0.5, floor=0.3)]


def make_networks(size, num_parameters, units=32, num_numbers=2):
    latent, code = keras.Input((4,)), keras.Input((size,))
    hidden = layers.Concatenate()([latent, code])
    hidden = layers.Dense(units, "relu", kernel_initializer=seeded(1))(hidden)
    output = layers.Dense(num_numbers, kernel_initializer=seeded(2))(hidden)
    generator = keras.Model([latent, code], output)
    sample = keras.Input((num_numbers,))
    hidden = layers.Dense(units, "relu", kernel_initializer=seeded(3))(sample)
    outputs = [
        layers.Dense(1, kernel_initializer=seeded(4))(hidden),
        layers.Dense(num_parameters, kernel_initializer=seeded(5))(hidden),
    ]
    return generator, keras.Model(sample, outputs)


def small(seed=0, **kwargs):
    gan = InfoGAN(*make_networks(5, 7, 4), CODES, seed=seed)
    gan.compile(**kwargs)
    return gan


def test_likelihood_of_a_class_by_hand():
    # Logits of one class in three: softmax is 2/4, 1/4, 1/4.
    logits = np.log(np.array([[2.0, 1.0, 1.0]] * 2, "float32"))
    code = np.array([[1.0, 0, 0], [0, 0, 1.0]], "float32")
    values = Categorical(3).negative_log_likelihood(
        ops.convert_to_tensor(logits), ops.convert_to_tensor(code)
    )
    np.testing.assert_allclose(values, np.log([2.0, 4.0]), rtol=1e-6)


def test_likelihood_of_numbers_by_hand():
    # Means 0 and 1, deviations 1 and 2, without a floor to speak of.
    parameters = np.array([[0.0, 1.0, 0.0, math.log(2.0)]], "float32")
    code = np.array([[0.5, -3.0]], "float32")
    value = Uniform(2, floor=1e-4).negative_log_likelihood(
        ops.convert_to_tensor(parameters), ops.convert_to_tensor(code)
    )
    expected = 0.5 * 0.25 + 0.5 * 16 / 4 + math.log(2.0)
    expected += math.log(2 * math.pi)
    assert float(value[0]) == pytest.approx(expected, rel=1e-6)


def test_floor_of_the_deviation():
    parameters = ops.convert_to_tensor(np.array([[0.2, -50.0]], "float32"))
    code = ops.convert_to_tensor(np.array([[0.2]], "float32"))
    value = Uniform(floor=0.1).negative_log_likelihood(parameters, code)
    expected = math.log(0.1) + 0.5 * math.log(2 * math.pi)
    assert float(value[0]) == pytest.approx(expected, rel=1e-5)


def test_nothing_told_is_no_information():
    """A guess of equal logits, whatever the code; numbers in an interval."""
    code = draw_codes([Categorical(3)], 16, seed=0)
    loss = information_loss([Categorical(3)], ops.zeros((16, 3)), code)
    assert float(loss) == pytest.approx(0.0, abs=1e-6)
    assert Categorical(3).entropy == pytest.approx(math.log(3))
    assert Uniform(2, -1.0, 1.0).entropy == pytest.approx(2 * math.log(2))


def test_codes_are_drawn_independently_and_alike():
    codes = [Categorical(4), Uniform(2), Uniform(1, 3.0, 5.0)]
    seed = keras.random.SeedGenerator(0)
    drawn = ops.convert_to_numpy(draw_codes(codes, 4000, seed))
    assert drawn.shape == (4000, 7)
    assert set(np.unique(drawn[:, :4])) == {0.0, 1.0}
    np.testing.assert_array_equal(drawn[:, :4].sum(axis=1), 1.0)
    np.testing.assert_allclose(drawn[:, :4].mean(axis=0), 0.25, atol=0.03)
    means, variances = drawn[:, 4:].mean(axis=0), drawn[:, 4:].var(axis=0)
    np.testing.assert_allclose(means, [0.0, 0.0, 4.0], atol=0.05)
    np.testing.assert_allclose(variances, 4 / 12, atol=0.02)
    correlations = np.corrcoef(drawn[:, 3:].T) - np.eye(4)
    assert np.abs(correlations).max() < 0.06


def test_weights_and_sums():
    parameters = ops.convert_to_tensor(data(8, 7))
    values = ops.convert_to_tensor(data(8, 5, seed=1))
    first, second = (
        float(information_loss([code], parameters[:, p], values[:, v]))
        for code, p, v in (
            (CODES[0], slice(0, 3), slice(0, 3)),
            (CODES[1], slice(3, 7), slice(3, 5)),
        )
    )
    weighted = [Categorical(3, weight=2.0), CODES[1]]
    loss = information_loss(weighted, parameters, values)
    assert float(loss) == pytest.approx(2 * first + second, rel=1e-5)


def test_terms_of_both_players():
    """At guesses of zero the terms are known; both players pay them."""
    networks = make_networks(5, 7, 4)
    for weight in networks[1].trainable_weights[-2:]:
        weight.assign(ops.zeros_like(weight.value))
    gan = InfoGAN(*networks, [CODES[0]] + [Uniform(2, 0.0, 1e-3)], seed=0)
    gan.compile(loss_weights={"d_code": 2.0, "g_code": 3.0})
    logs = gan.evaluate(data(64), batch_size=64, verbose=0, return_dict=True)
    # Class: log 3 - log 3. Numbers near 0 under a normal distribution of
    # variance 1.01, less the entropy.
    expected = math.log(2.02 * math.pi) - 2 * math.log(1e-3)
    assert logs["d_code"] == pytest.approx(expected, rel=1e-5)
    assert logs["g_code"] == pytest.approx(expected, rel=1e-5)
    bare = InfoGAN(*networks, gan.codes, seed=0)
    bare.compile(loss_weights={"d_code": 0.0, "g_code": 0.0})
    without = bare.evaluate(data(64), batch_size=64, verbose=0)
    names = bare.metrics_names
    for name, factor in (("d_loss", 2.0), ("g_loss", 3.0)):
        assert logs[name] - without[names.index(name)] == pytest.approx(
            factor * expected, rel=1e-4
        )


def test_codes_are_recovered():
    """Each class code makes a cluster of its own, in some order."""
    keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    samples = CENTERS[random.integers(0, 3, 1536)]
    samples = samples + 0.1 * random.standard_normal((1536, 2))
    gan = InfoGAN(*make_networks(3, 3), [Categorical(3)], seed=0)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(2e-3, beta_1=0.5),
        g_optimizer=keras.optimizers.Adam(2e-3, beta_1=0.5),
        penalties=[R1(0.1)],
    )
    gan.fit(samples.astype("float32"), batch_size=64, epochs=16, verbose=0)
    codes = np.repeat(np.arange(3), 100)
    made = gan.generate(300, condition=np.eye(3)[codes], seed=0)
    # By the nearest center, which knows nothing of the networks.
    distances = np.linalg.norm(made[:, None] - CENTERS[None], axis=-1)
    clusters = distances.argmin(axis=1)
    accuracy = max(
        np.mean(np.array(order)[codes] == clusters)
        for order in itertools.permutations(range(3))
    )
    assert accuracy > 0.9
    _, guesses = gan.discriminator.predict(made, verbose=0)
    assert np.mean(guesses.argmax(axis=1) == codes) > 0.9


def test_numbers_are_recovered():
    """Numbers of an interval: the code says where, and can be read off."""
    random = np.random.default_rng(0)
    samples = random.uniform(-2.0, 2.0, (1536, 1)).astype("float32")
    gan = InfoGAN(*make_networks(1, 2, num_numbers=1), [Uniform()], seed=0)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(2e-3, beta_1=0.5),
        g_optimizer=keras.optimizers.Adam(2e-3, beta_1=0.5),
        penalties=[R1(0.1)],
    )
    gan.fit(samples, batch_size=64, epochs=16, verbose=0)
    codes = np.linspace(-1.0, 1.0, 300)[:, None]
    made = gan.generate(300, condition=codes, seed=0)
    assert np.abs(np.corrcoef(made[:, 0], codes[:, 0])[0, 1]) > 0.95
    _, guesses = gan.discriminator.predict(made, verbose=0)
    assert np.abs(guesses[:, 0] - codes[:, 0]).mean() < 0.1
    # At the floor of the deviation, 0.1, no more can be told than this.
    most = math.log(2.0) - math.log(0.1) - 0.5 * math.log(2.0 * math.pi)
    logs = gan.evaluate(samples, verbose=0, return_dict=True)
    assert most - 0.3 < -logs["g_code"] < most


def test_generating():
    gan = small()
    np.testing.assert_array_equal(
        gan.generate(6, seed=1), gan.generate(6, seed=1)
    )
    codes = np.tile([1.0, 0.0, 0.0, 0.1, 0.2], (6, 1))
    latents = ops.convert_to_numpy(keras.random.normal((6, 4), seed=1))
    np.testing.assert_allclose(
        gan.generate(6, condition=codes, seed=1),
        gan.predict([latents, codes], verbose=0),
        rtol=1e-6,
    )
    with raises("`condition` must be all codes", r"\(6, 5\)"):
        gan.generate(6, condition=np.arange(6))


def test_saved_in_the_middle_it_ends_the_same(tmp_path):
    whole, half = small(ema=0.5), small(ema=0.5)
    history = train(whole, data(8), epochs=4)
    train(half, data(8), epochs=2)
    half.save(tmp_path / "gan.keras")
    half = keras.saving.load_model(tmp_path / "gan.keras")
    later = train(half, data(8), epochs=4, initial_epoch=2)
    assert equal(weights(half), weights(whole))
    assert later["g_code"] == history["g_code"][2:]
    assert half.get_config()["codes"] == whole.get_config()["codes"]


def test_export(tmp_path):
    gan = small()
    with limits.EXPORT.raises():
        gan.export(tmp_path / "1", verbose=False)
    limits.EXPORT.skip()
    import tensorflow as tf

    serve = tf.saved_model.load(str(tmp_path / "1")).signatures[
        "serving_default"
    ]
    latent, code = data(3, 4), data(3, 5)
    np.testing.assert_allclose(
        serve(latent=tf.constant(latent), condition=tf.constant(code))[
            "samples"
        ],
        gan.predict([latent, code], verbose=0),
        rtol=1e-5,
    )


def test_what_is_refused():
    networks = make_networks(5, 7, 4)
    with raises("at least one code"):
        InfoGAN(*networks, [])
    with raises("must be a list"):
        InfoGAN(*networks, Categorical(3))
    with raises("`codes` must be an instance of `Code`"):
        InfoGAN(*networks, [3])
    with raises(r"take `\[latent, code\]`", r"\(batch_size, 3\)"):
        InfoGAN(*networks, [Categorical(3)])
    networks = make_networks(5, 5, 4)
    with raises(r"return `\[logits, parameters\]`", r"\(batch_size, 7\)"):
        InfoGAN(*networks, CODES)
    with raises("`num_classes` must be an integer of at least 2"):
        Categorical(1)
    with raises("`low` must be below `high`"):
        Uniform(1, 1.0, 1.0)
    with raises("`floor` must be positive"):
        Uniform(floor=0.0)
    with raises("Leave `pool` out"):
        small(pool=SamplePool(8))
