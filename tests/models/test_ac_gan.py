"""The auxiliary classifier, by hand and on classes with known places."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import ACGAN
from keras_ganloss.models.ac_gan import class_loss
from keras_ganloss.penalties import R1

CENTERS = np.array([[2.0, 0.0], [-1.0, 1.7], [-1.0, -1.7]], "float32")


def make_gan():
    keras.utils.set_random_seed(0)
    latent, label = keras.Input((4,)), keras.Input((), dtype="int32")
    hidden = layers.Concatenate()([latent, layers.Embedding(3, 8)(label)])
    hidden = layers.Dense(32, activation="relu")(hidden)
    generator = keras.Model([latent, label], layers.Dense(2)(hidden))
    sample = keras.Input((2,))
    hidden = layers.Dense(32, activation="relu")(sample)
    discriminator = keras.Model(
        sample, [layers.Dense(1)(hidden), layers.Dense(3)(hidden)]
    )
    return ACGAN(generator, discriminator, seed=0)


def make_data(num=1536):
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, num)
    noise = 0.1 * random.standard_normal((num, 2))
    return (CENTERS[labels] + noise).astype("float32"), labels


def log_softmax(logits):
    shifted = logits - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def test_class_losses_by_hand():
    gan = make_gan()
    gan.compile(d_loss="hinge", loss_weights={"d_class": 0.5, "g_class": 2.0})
    samples, labels = make_data(8)
    # The generator's bias alone: what it makes does not depend on latents.
    for weight in gan.generator.trainable_weights:
        weight.assign(ops.zeros_like(weight.value))
    fake = np.zeros((8, 2), "float32")
    logs = gan.evaluate(samples, labels, verbose=0, return_dict=True)
    (real, real_class), (fake, fake_class) = (
        gan.discriminator.predict(x, verbose=0) for x in (samples, fake)
    )
    entropies = [
        -log_softmax(logits)[np.arange(8), labels].mean()
        for logits in (real_class, fake_class)
    ]
    assert logs["d_class"] == pytest.approx(sum(entropies), rel=1e-5)
    assert logs["g_class"] == pytest.approx(entropies[1], rel=1e-5)
    hinge = np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean()
    assert logs["d_loss"] == pytest.approx(
        hinge + 0.5 * sum(entropies), rel=1e-5
    )
    assert logs["g_loss"] == pytest.approx(
        -fake.mean() + 2.0 * entropies[1], rel=1e-5
    )


def test_one_hot_labels_are_labels():
    logits = ops.convert_to_tensor(
        np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
    )
    labels = np.arange(8) % 3
    expected = float(class_loss(logits, labels))
    for same in (np.eye(3, dtype="float32")[labels], labels[:, None]):
        assert float(class_loss(logits, same)) == pytest.approx(expected)


def test_classes_of_the_samples_are_right():
    gan = make_gan()
    gan.compile(
        d_optimizer=keras.optimizers.Adam(2e-3, beta_1=0.5),
        g_optimizer=keras.optimizers.Adam(2e-3, beta_1=0.5),
        penalties=[R1(0.1)],
    )
    gan.fit(*make_data(), batch_size=64, epochs=12, verbose=0)
    labels = np.repeat(np.arange(3), 100)
    samples = gan.generate(300, condition=labels, seed=0)
    distances = np.linalg.norm(samples[:, None] - CENTERS[None], axis=-1)
    assert np.mean(distances.argmin(axis=1) == labels) > 0.9


def test_saved_and_loaded(tmp_path):
    gan = make_gan()
    gan.compile(d_loss="hinge")
    gan.fit(*make_data(64), verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    labels = np.arange(3)
    np.testing.assert_array_equal(
        again.generate(3, condition=labels, seed=1),
        gan.generate(3, condition=labels, seed=1),
    )


def test_a_discriminator_without_classes_is_refused():
    gan = make_gan()
    sample = keras.Input((2,))
    lone = keras.Model(sample, layers.Dense(1)(sample))
    with pytest.raises(ValueError, match=r"\[logits, class_logits\].*1 output"):
        ACGAN(gan.generator, lone)
