"""The multi-class hinge: margins by hand, and a conditional game."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import losses
from tests.helpers import networks

# Two classes and fake.
LOGITS = np.array([[2.0, 0.5, 1.0], [0.0, 3.0, -1.0]], "float32")


def test_margins_by_hand():
    found = losses.crammer_singer_margin(ops.convert_to_tensor(LOGITS), [0, 0])
    np.testing.assert_allclose(ops.convert_to_numpy(found), [1.0, -3.0])
    margins = losses.ClassMargins()([LOGITS, np.array([[0], [1]])])
    np.testing.assert_allclose(
        ops.convert_to_numpy(margins), [[1.0, -1.0], [3.0, -4.0]]
    )


def test_values_by_hand():
    loss = losses.MultiClassHinge()
    real = np.array([[1.5, -2.0], [0.25, -1.0]], "float32")
    fake = np.array([[-1.0, 0.5], [2.0, 3.0]], "float32")
    # (0 + 0.75) / 2 + (0.5 + 0) / 2; (2 + 0) / 2.
    assert float(loss.d_loss(real, fake)) == 0.625
    assert float(loss.g_loss(fake_output=fake)) == 1.0


@pytest.mark.parametrize("shape", [(2,), (2, 1), (2, 3)])
def test_outputs_without_margins_are_refused(shape):
    with pytest.raises(ValueError, match="ClassMargins.*Received: output"):
        losses.MultiClassHinge().d_loss(np.ones(shape), np.ones(shape))
    with pytest.raises(ValueError, match="ClassMargins.*Received: output"):
        losses.MultiClassHinge().g_loss(fake_output=np.ones(shape))


def discriminator():
    sample, label = keras.Input((2,)), keras.Input((), dtype="int32")
    logits = layers.Dense(4, kernel_initializer=networks.seeded(3))(sample)
    return keras.Model([sample, label], losses.ClassMargins()([logits, label]))


def test_it_learns_classes_and_that_fakes_are_fake():
    """Three far apart blobs: real ones get their class, fakes get fake."""
    labels = np.arange(90) % 3
    centers = np.array([[3.0, 0.0], [-3.0, 3.0], [-3.0, -3.0]], "float32")
    noise = np.random.default_rng(0).normal(size=(90, 2))
    samples = (centers[labels] + 0.1 * noise).astype("float32")
    generator, _ = networks.labelled()
    gan = networks.game(
        (generator, discriminator()),
        d_loss="multi_class_hinge",
        d_optimizer=keras.optimizers.Adam(0.1),
        g_optimizer=keras.optimizers.SGD(0.0),  # The fakes stay near zero.
    )
    networks.train(gan, samples, labels, batch_size=30, epochs=40)
    d_loss = gan.evaluate(samples, labels, verbose=0, return_dict=True)[
        "d_loss"
    ]
    assert d_loss < 0.2
    margins = gan.discriminator.predict([samples, labels], verbose=0)
    assert (margins[:, 0] > 0).all()
    # Told that it is another class, it does not believe it.
    wrong = gan.discriminator.predict([samples, (labels + 1) % 3], verbose=0)
    assert (wrong[:, 0] < 0).all()


def test_the_generator_goes_for_the_class_it_was_asked_for():
    labels = np.arange(90) % 3
    samples = np.zeros((90, 2), "float32")
    generator, _ = networks.labelled()
    # Its logits are, for good, of three directions and of nowhere.
    judge = discriminator()
    kernel = np.array([[3.0, -3.0, -3.0, 0.0], [0.0, 3.0, -3.0, 0.0]])
    judge.set_weights([kernel, np.zeros(4)])
    gan = networks.game(
        (generator, judge),
        d_loss="multi_class_hinge",
        d_optimizer=keras.optimizers.SGD(0.0),
        g_optimizer=keras.optimizers.Adam(0.05),
    )
    embedding = next(
        layer
        for layer in generator.layers
        if isinstance(layer, layers.Embedding)
    )
    embedding.set_weights([np.array([[1.0, 0.0], [-1.0, 1.0], [-1.0, -1.0]])])
    networks.train(gan, samples, labels, batch_size=30, epochs=40)
    fakes = gan.generate(30, condition=labels[:30], seed=0)
    margins = judge.predict([fakes, labels[:30]], verbose=0)
    assert (margins[:, 0] > 0).mean() == 1.0
