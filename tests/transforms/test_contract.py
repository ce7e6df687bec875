"""What all transforms must do."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import backend
from keras_ganloss import transforms
from keras_ganloss.transforms import ADA
from keras_ganloss.transforms import Augment
from keras_ganloss.transforms import Blur
from keras_ganloss.transforms import DiffAugment
from keras_ganloss.transforms import InstanceNoise
from keras_ganloss.transforms import Pack
from keras_ganloss.transforms import RandomWindow
from keras_ganloss.transforms import TrainingTransform
from keras_ganloss.transforms import Transform
from tests.helpers.turns import make_turn

FADING = keras.optimizers.schedules.PolynomialDecay(0.5, 10, 0.0)
IN_TRAINING = {
    "ada": lambda: ADA([DiffAugment(), InstanceNoise()], initial=0.5),
    "augment": lambda: Augment([keras.layers.RandomFlip(seed=1)]),
    "diff_augment": lambda: DiffAugment(["cutout", "color"]),
    "instance_noise": lambda: InstanceNoise(FADING),
}
ALL = {
    **IN_TRAINING,
    "blur": lambda: Blur(FADING),
    "pack": lambda: Pack(3),
    "random_window": lambda: RandomWindow(5, axis=2),
}
SHAPE = (6, 8, 8, 2)


def images(seed=0):
    draw = np.random.default_rng(seed).normal(size=SHAPE)
    return ops.convert_to_tensor(draw.astype("float32"))


@pytest.mark.parametrize("name", ALL)
def test_config_round_trip(name):
    config = keras.saving.serialize_keras_object(ALL[name]())
    again = transforms.get(config)
    assert keras.saving.serialize_keras_object(again) == config


@pytest.mark.parametrize("name", sorted(transforms.CLASSES))
def test_a_name_is_enough(name):
    assert type(transforms.get(name)) is transforms.CLASSES[name]


@pytest.mark.parametrize("name", IN_TRAINING)
def test_evaluation_leaves_it_out(name):
    transform, x = IN_TRAINING[name](), images()
    transform.output_shapes([(None, *SHAPE[1:])])
    assert transform(x, None, make_turn(training=False))[0] is x


@pytest.mark.parametrize("name", ALL)
def test_output_shapes(name):
    transform = ALL[name]()
    shapes = transform.output_shapes([(None, *SHAPE[1:])])
    y, condition = transform(images(), None, make_turn())
    assert shapes == [(None, *y.shape[1:])]
    assert condition is None


@pytest.mark.parametrize("name", IN_TRAINING)
def test_it_changes_something_anew_at_each_call(name):
    transform, bound, x = IN_TRAINING[name](), make_turn(), images()
    transform.output_shapes([(None, *SHAPE[1:])])
    first, second, third = (
        ops.convert_to_numpy(transform(x, None, bound)[0]) for _ in range(3)
    )
    x = ops.convert_to_numpy(x)
    assert not np.array_equal(first, x) or not np.array_equal(second, x)
    assert not np.array_equal(first, second) or not np.array_equal(
        second, third
    )


def slope(transform, x, weights):
    """Value and gradient of the weighted sum of a transformed batch."""
    return backend.value_and_input_gradients(
        lambda x: (ops.sum(weights * transform(x, None, make_turn())[0]), ()), x
    )


@pytest.mark.parametrize(
    "transform",
    [
        DiffAugment(["color"]),
        DiffAugment(["translation"]),
        DiffAugment(["cutout"]),
        DiffAugment(),
        ADA([DiffAugment(), InstanceNoise(0.3)], initial=0.5),
        InstanceNoise(0.3),
        Blur(0.8),
    ],
    ids="color translation cutout diff_augment ada noise blur".split(),
)
def test_gradient_of_an_affine_map(transform):
    """`T(x) = A x + b` with the same draws: `g . d = T(x + d) - T(x)`."""
    x, other, weights = images(0), images(1), images(2)
    at_x, _, gradient = slope(transform, x, weights)
    at_other, _, _ = slope(transform, other, weights)
    predicted = ops.sum(gradient * (other - x))
    assert float(predicted) == pytest.approx(float(at_other - at_x), abs=2e-3)
    assert float(ops.max(ops.abs(gradient))) > 0.1


@pytest.mark.parametrize("base", [Transform, TrainingTransform])
def test_the_bases_say_what_is_missing(base):
    with pytest.raises(NotImplementedError, match="must implement"):
        base()(images(), None, make_turn())
