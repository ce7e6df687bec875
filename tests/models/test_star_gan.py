"""Many domains, one generator: by hand, and on clusters with known places."""

import copy

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss.models import StarGAN
from keras_ganloss.penalties import R1
from keras_ganloss.pools import SamplePool
from tests.helpers import limits
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import linear
from tests.helpers.networks import raises
from tests.helpers.networks import seeded
from tests.helpers.networks import train
from tests.helpers.networks import weights

CENTERS = np.array([[2.0, 0.0], [-1.0, 1.7], [-1.0, -1.7]], "float32")
LABELS = np.arange(9) % 3


def make_networks(units=4):
    sample, domain = keras.Input((2,)), keras.Input((3,))
    hidden = layers.Concatenate()([sample, domain])
    hidden = layers.Dense(units, "tanh", kernel_initializer=seeded(1))(hidden)
    change = layers.Dense(2, kernel_initializer=seeded(2))(hidden)
    generator = keras.Model([sample, domain], layers.Add()([sample, change]))
    sample = keras.Input((2,))
    hidden = layers.Dense(units, "relu", kernel_initializer=seeded(3))(sample)
    outputs = [
        layers.Dense(size, kernel_initializer=seeded(4 + size))(hidden)
        for size in (1, 3)
    ]
    return generator, keras.Model(sample, outputs)


def small(**settings):
    gan = StarGAN(*make_networks(), seed=0)
    gan.compile(**{"d_loss": "wasserstein", **settings})
    return gan


def one_hots(scale=1.5):
    """A sample is `scale` times its domain, which its numbers are logits of.

    That holds for all that the generator makes, whatever it is given.
    """
    sample, domain = keras.Input((3,)), keras.Input((3,))
    weigh = layers.Dense(3, use_bias=False)
    generator = keras.Model(
        [sample, domain], weigh(layers.Concatenate()([sample, domain]))
    )
    weigh.set_weights([np.concatenate([np.zeros((3, 3)), scale * np.eye(3)])])
    sample = keras.Input((3,))
    same = layers.Activation("linear")(sample)
    discriminator = keras.Model(sample, [linear(3)(sample), same])
    return StarGAN(generator, discriminator, seed=0)


def entropy(scale):
    """Of the right one of three logits, `scale` above the two others."""
    return np.log(np.exp(scale) + 2.0) - scale


def test_terms_by_hand():
    gan = one_hots(1.5)
    gan.compile(
        d_loss="wasserstein", loss_weights={"d_class": 2.0, "g_class": 3.0}
    )
    samples = 2.0 * np.eye(3, dtype="float32")[LABELS]
    logs = gan.evaluate(samples, LABELS, verbose=0, return_dict=True)
    # Critics add the numbers up. There and back, one number in three is
    # 1.5 in place of 2.
    expected = {
        "d_class": entropy(2.0),
        "g_class": entropy(1.5),
        "reconstruction": 0.5 / 3,
        "d_loss": 1.5 - 2.0 + 2.0 * entropy(2.0),
        "g_loss": -1.5 + 3.0 * entropy(1.5) + 10.0 * 0.5 / 3,
    }
    for name, value in expected.items():
        assert logs[name] == pytest.approx(value, rel=1e-5)


def test_weights_of_samples():
    gan = one_hots(1.5)
    gan.compile(d_loss="wasserstein")
    samples = 2.0 * np.eye(3, dtype="float32")[LABELS]
    logs = gan.evaluate(
        samples, LABELS, sample_weight=np.array([0.0, 0.0, 1.5] * 3),
        verbose=0, return_dict=True,
    )  # fmt: skip
    # All samples cost the same, so the mean of the weights is left, a half.
    assert logs["d_class"] == pytest.approx(0.5 * entropy(2.0), rel=1e-5)
    assert logs["g_class"] == pytest.approx(0.5 * entropy(1.5), rel=1e-5)
    assert logs["reconstruction"] == pytest.approx(0.25 / 3, rel=1e-5)


def test_targets_are_uniform_and_drawn_anew():
    gan = small()
    batch = (data(3000, 2), np.zeros(3000, "int32"))
    drawn = [
        ops.convert_to_numpy(gan.turn("generator").draw(batch).extras["target"])
        for _ in range(2)
    ]
    assert not np.array_equal(*drawn)
    for target in drawn:
        np.testing.assert_array_equal(target.sum(axis=1), 1.0)
        np.testing.assert_allclose(target.mean(axis=0), 1 / 3, atol=0.04)


def test_domains_in_each_form():
    samples = data(9, 2)
    forms = (LABELS, LABELS[:, None], np.eye(3, dtype="float32")[LABELS])
    logs = [small().evaluate(samples, form, verbose=0) for form in forms]
    assert logs[0] == logs[1] == logs[2]
    gan = small()
    made = [gan.translate(samples, form) for form in (LABELS, forms[2])]
    np.testing.assert_array_equal(*made)
    np.testing.assert_array_equal(
        made[0], gan.predict([samples, forms[2]], verbose=0)
    )


def test_validation_changes_nothing():
    samples = data(9, 2)
    plain, validated = small(), small()
    train(plain, samples, LABELS, epochs=2)
    train(
        validated, samples, LABELS, epochs=2,
        validation_data=(samples, LABELS),
    )  # fmt: skip
    assert equal(weights(plain), weights(validated))


def test_domains_are_reached():
    random = np.random.default_rng(0)
    domains = random.integers(0, 3, 1536)
    offsets = 0.2 * random.standard_normal((1536, 2))
    samples = (CENTERS[domains] + offsets).astype("float32")
    keras.utils.set_random_seed(0)
    gan = StarGAN(*make_networks(32), seed=0)
    gan.compile(
        keras.optimizers.Adam(3e-3, beta_1=0.5),
        keras.optimizers.Adam(3e-3, beta_1=0.5),
        penalties=[R1(0.01)],
        loss_weights={"reconstruction": 2.0},
        ema=0.99,
    )
    gan.fit(samples, domains, batch_size=64, epochs=16, verbose=0)
    targets = (domains + random.integers(0, 3, 1536)) % 3
    there = gan.translate(samples, targets)
    distances = np.linalg.norm(there[:, None] - CENTERS[None], axis=-1)
    assert np.mean(distances.argmin(axis=1) == targets) > 0.95
    for domain, center in enumerate(CENTERS):
        mean = there[targets == domain].mean(axis=0)
        np.testing.assert_allclose(mean, center, atol=0.15)
    # The clusters are as wide; their centers are 3.4 apart.
    assert np.mean(np.abs(gan.translate(there, domains) - samples)) < 0.2


@pytest.mark.parametrize("settings", [{"ema": 0.5}, {"pool": SamplePool(4)}])
def test_saved_in_the_middle_it_ends_the_same(tmp_path, settings):
    whole, half = (small(**copy.deepcopy(settings)) for _ in range(2))
    samples = data(9, 2)
    history = train(whole, samples, LABELS, epochs=4)
    train(half, samples, LABELS, epochs=2)
    half.save(tmp_path / "gan.keras")
    half = keras.saving.load_model(tmp_path / "gan.keras")
    later = train(half, samples, LABELS, epochs=4, initial_epoch=2)
    assert equal(weights(half), weights(whole))
    assert later["reconstruction"] == history["reconstruction"][2:]
    np.testing.assert_array_equal(
        half.translate(samples, LABELS), whole.translate(samples, LABELS)
    )


def test_export(tmp_path):
    gan = small()
    with limits.EXPORT.raises():
        gan.export(tmp_path / "1", verbose=False)
    limits.EXPORT.skip()
    import tensorflow as tf

    serve = tf.saved_model.load(str(tmp_path / "1"))
    serve = serve.signatures["serving_default"]
    samples, domains = data(9, 2), np.eye(3, dtype="float32")[LABELS]
    np.testing.assert_allclose(
        serve(source=tf.constant(samples), domain=tf.constant(domains))[
            "samples"
        ],
        gan.translate(samples, LABELS),
        rtol=1e-5,
    )


def test_what_is_refused():
    generator, discriminator = make_networks()
    with raises(r"\[logits, domain_logits\]"):
        StarGAN(generator, linear(2))
    with raises("take `\\[sample, domain\\]`"):
        StarGAN(linear(2, 2), discriminator)
    gan = small(run_eagerly=True)
    with raises("take a condition, but the data have none"):
        gan.fit(data(9, 2), verbose=0)
    with raises("one-hot vectors of 3 numbers"):
        gan.fit(data(9, 2), np.ones((9, 2)), verbose=0)
    with raises("one row a sample"):
        gan.translate(data(9, 2), LABELS[:3])
