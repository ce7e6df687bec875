import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import backend
from keras_ganloss.transforms import Augment
from tests.helpers.turns import make_turn

SHAPE = (6, 8, 8, 3)
# Linear in the image for one draw: flips and what fills up with zeros.
LINEAR = {
    "flip": lambda: layers.RandomFlip(seed=1),
    "translation": lambda: layers.RandomTranslation(
        0.2, 0.2, fill_mode="constant", seed=1
    ),
    "erasing": lambda: layers.RandomErasing(1.0, fill_value=0.0, seed=1),
    "noise": lambda: layers.GaussianNoise(0.3, seed=1),
}
# Linear too, but TensorFlow's gradient is another map's.
INEXACT = {
    "reflected translation": lambda: layers.RandomTranslation(0.2, 0.2, seed=1),
    "rotation": lambda: layers.RandomRotation(
        0.1, fill_mode="constant", seed=1
    ),
    "zoom": lambda: layers.RandomZoom(0.2, fill_mode="constant", seed=1),
    "shear": lambda: layers.RandomShear(0.2, 0.2, fill_mode="constant", seed=1),
}
LINEAR |= {
    "contrast": lambda: layers.RandomContrast(
        0.5, value_range=(-100.0, 100.0), seed=1
    ),
    "brightness": lambda: layers.RandomBrightness(
        0.001, value_range=(-100.0, 100.0), seed=1
    ),
}


def images(seed):
    draw = np.random.default_rng(seed).normal(size=SHAPE)
    return ops.convert_to_tensor(draw.astype("float32"))


def predicted_and_found(make_layer):
    """The same draws at two points: the gradient predicts the difference."""
    weights = images(2)

    def slope(x):
        transform = Augment([make_layer()])  # Seeded anew.
        turn = make_turn()
        return backend.value_and_input_gradients(
            lambda x: (ops.sum(weights * transform(x, None, turn)[0]), ()), x
        )

    x, other = images(0), images(1)
    at_x, _, gradient = slope(x)
    at_other, _, _ = slope(other)
    assert float(ops.max(ops.abs(gradient))) > 0.1
    values = ops.sum(gradient * (other - x)), at_other - at_x
    return tuple(float(ops.convert_to_numpy(value)) for value in values)


@pytest.mark.parametrize("name", LINEAR)
def test_gradient_of_an_affine_map(name):
    predicted, found = predicted_and_found(LINEAR[name])
    assert predicted == pytest.approx(found, abs=5e-3)


@pytest.mark.parametrize("name", INEXACT)
def test_gradients_that_are_wrong_on_tensorflow(name, recwarn):
    predicted, found = predicted_and_found(INEXACT[name])
    right = predicted == pytest.approx(found, abs=5e-3)
    assert right == (keras.backend.backend() != "tensorflow")
    transform = Augment([INEXACT[name]()])
    transform.output_shapes([(None, *SHAPE[1:])])
    warned = [w for w in recwarn if "wrong one" in str(w.message)]
    assert bool(warned) == (not right)


def test_the_data_stay_as_they_are():
    layer = layers.RandomBrightness(0.5, value_range=(-9.0, 9.0), seed=1)
    x = images(0)
    before = ops.convert_to_numpy(ops.copy(x))
    Augment([layer])(x, None, make_turn())
    np.testing.assert_array_equal(ops.convert_to_numpy(x), before)


def test_each_sample_is_augmented_on_its_own():
    transform = Augment([layers.RandomFlip("horizontal", seed=0)])
    x = ops.broadcast_to(images(0)[:1], (32, *SHAPE[1:]))
    y = ops.convert_to_numpy(transform(x, None, make_turn())[0])
    x = ops.convert_to_numpy(x)
    flipped = [np.array_equal(image, x[0, :, ::-1]) for image in y]
    kept = [np.array_equal(image, x[0]) for image in y]
    assert sum(flipped) + sum(kept) == 32
    assert 0 < sum(flipped) < 32


def test_state_is_that_of_the_layers():
    flip = layers.RandomFlip(seed=0)
    assert Augment([flip]).state == [flip]


@pytest.mark.parametrize("shapes", [None, [(None, 8, 8, 3)] * 2])
def test_shapes_must_be_known(shapes):
    with pytest.raises(ValueError, match="known shape.*Received: "):
        Augment([layers.RandomFlip()]).output_shapes(shapes)


def test_layers():
    with pytest.raises(ValueError, match="`keras.layers.Layer`.*Received: "):
        Augment(["random_flip"])
    dense = layers.Dense(2)
    dense.build((None, 2))
    with pytest.raises(ValueError, match="no weights to train.*Received: "):
        Augment([dense])
    dense.trainable = False
    assert keras.saving.serialize_keras_object(Augment([dense]))
