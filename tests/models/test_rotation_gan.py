"""The self-supervised task, by hand."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import RotationGAN
from keras_ganloss.models.rotation_gan import turned_by_quarters

IMAGES = np.random.default_rng(0).normal(size=(9, 4, 4, 1)).astype("float32")


def make_gan(size=(4, 4, 1)):
    keras.utils.set_random_seed(0)
    generator = keras.Sequential(
        [keras.Input((3,)), layers.Dense(int(np.prod(size)))]
    )
    generator.add(layers.Reshape(size))
    image = keras.Input(size)
    flat = layers.Flatten()(image)
    discriminator = keras.Model(
        image, [layers.Dense(1)(flat), layers.Dense(4)(flat)]
    )
    return RotationGAN(generator, discriminator, seed=0)


def entropy_by_hand(gan, images):
    """Cross-entropy of the turns of the first quarter of some images."""
    some = images[: -(-len(images) // 4)]
    values = []
    for quarters in range(4):
        turned = np.rot90(some, quarters, axes=(1, 2))
        logits = gan.discriminator.predict(turned, verbose=0)[1]
        logits = logits - logits.max(axis=1, keepdims=True)
        chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        values.append(-np.log(chances[:, quarters]))
    return np.mean(values)


@pytest.mark.parametrize("num", [9, 4, 2])
def test_entropies_by_hand(num):
    gan = make_gan()
    gan.compile(d_loss="hinge", loss_weights={"g_rotation": 0.2})
    for weight in gan.generator.trainable_weights:
        weight.assign(ops.zeros_like(weight.value))
    images = IMAGES[:num]
    logs = gan.evaluate(images, verbose=0, return_dict=True)
    nothing = np.zeros_like(images)
    assert logs["d_rotation"] == pytest.approx(
        entropy_by_hand(gan, images), rel=1e-5
    )
    assert logs["g_rotation"] == pytest.approx(
        entropy_by_hand(gan, nothing), rel=1e-5
    )
    score = gan.discriminator.predict(nothing, verbose=0)[0].mean()
    assert logs["g_loss"] == pytest.approx(
        -score + 0.2 * logs["g_rotation"], abs=1e-5
    )


def test_quarter_turns():
    turned, quarters = map(ops.convert_to_numpy, turned_by_quarters(IMAGES[:8]))
    assert quarters.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    np.testing.assert_array_equal(
        turned[4:6], IMAGES[:2, ::-1, ::-1]
    )  # Half a turn.


def test_the_task_is_learned():
    # The brightest corner tells the turn.
    images = np.zeros((64, 4, 4, 1), "float32")
    images[:, 0, 0] = 1.0
    gan = make_gan()
    gan.compile(d_optimizer=keras.optimizers.Adam(0.05))
    logs = gan.fit(images, batch_size=16, epochs=30, verbose=0).history
    assert logs["d_rotation"][-1] < 0.1 < np.log(4.0) / 2


def test_saved_and_loaded(tmp_path):
    gan = make_gan()
    gan.compile(d_loss="hinge")
    gan.fit(IMAGES, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(
        again.generate(3, seed=1), gan.generate(3, seed=1)
    )


def test_images_that_are_not_square():
    with pytest.raises(ValueError, match="square images.*Received"):
        make_gan((4, 6, 1))
