import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import backend
from keras_ganloss.transforms import DiffAugment
from keras_ganloss.transforms.diff_augment import color
from keras_ganloss.transforms.diff_augment import cutout
from keras_ganloss.transforms.diff_augment import translation
from tests.helpers.turns import make_turn


def seeds():
    return keras.random.SeedGenerator(3)


def draw(shape, seed=0):
    x = np.random.default_rng(seed).uniform(1.0, 2.0, size=shape)
    return x.astype("float32")


def shifted(image, down, right):
    """An image moved over zeros."""
    height, width, _ = image.shape
    around = np.pad(image, ((height, height), (width, width), (0, 0)))
    return around[
        height - down : 2 * height - down, width - right : 2 * width - right
    ]


def test_translation_is_one_of_all_shifts():
    x = draw((64, 16, 8, 2))
    y = ops.convert_to_numpy(translation(ops.convert_to_tensor(x), seeds()))
    found = []
    for before, after in zip(x, y):
        shifts = [
            (down, right)
            for down in range(-2, 3)
            for right in range(-1, 2)
            if np.array_equal(shifted(before, down, right), after)
        ]
        assert len(shifts) == 1
        found += shifts
    # An eighth of 16 and of 8, in both directions, each image on its own.
    assert {down for down, _ in found} == {-2, -1, 0, 1, 2}
    assert {right for _, right in found} == {-1, 0, 1}


@pytest.mark.parametrize("size", [8, 9])
def test_cutout_is_a_hole_of_half_the_side(size):
    x = draw((200, size, size, 3))
    y = ops.convert_to_numpy(cutout(ops.convert_to_tensor(x), seeds()))
    kept = y != 0.0
    np.testing.assert_array_equal(y[kept], x[kept])
    length = int(size / 2 + 0.5)
    sides = set()
    for image in kept[..., 0]:
        rows = np.nonzero(~image.all(axis=1))[0]
        columns = np.nonzero(~image.all(axis=0))[0]
        assert not image[rows[0] : rows[-1] + 1, columns].any()
        assert len(rows) * len(columns) == (~image).sum()
        sides |= {len(rows), len(columns)}
    # Whole, or partly outside of the image.
    assert max(sides) == length and min(sides) >= length // 2


def test_color_by_its_invariants():
    """Brightness moves the mean; what is left of one gray image is affine."""
    gray = np.repeat(draw((50, 4, 4, 1)), 3, axis=-1)
    y = ops.convert_to_numpy(color(ops.convert_to_tensor(gray), seeds()))
    moved = y.mean(axis=(1, 2, 3)) - gray.mean(axis=(1, 2, 3))
    assert np.abs(moved).max() <= 0.5 + 1e-5
    assert moved.max() > 0.3 and moved.min() < -0.3
    # Gray stays gray, whatever the saturation, and contrast is one factor.
    np.testing.assert_allclose(y, y[..., :1].repeat(3, axis=-1), atol=1e-5)
    factor = y.std(axis=(1, 2, 3)) / gray.std(axis=(1, 2, 3))
    assert factor.min() >= 0.5 - 1e-4 and factor.max() <= 1.5 + 1e-4
    assert factor.min() < 0.7 and factor.max() > 1.3


def test_saturation_by_its_bounds():
    """Differences of channels grow by up to 2 x 1.5 and down to nothing."""
    x = draw((300, 1, 1, 2))
    y = ops.convert_to_numpy(color(ops.convert_to_tensor(x), seeds()))
    ratio = (y[..., 0] - y[..., 1]) / (x[..., 0] - x[..., 1])
    assert ratio.min() >= -1e-4 and ratio.max() <= 3.0 + 1e-4
    assert ratio.min() < 0.1 and ratio.max() > 2.0


def test_policies_in_their_order():
    x = ops.convert_to_tensor(draw((4, 8, 8, 1)))
    bound = make_turn(seed=1)
    first, _ = DiffAugment(["cutout", "color"])(x, None, bound)
    again = backend.SeedGenerator(1)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(first),
        ops.convert_to_numpy(color(cutout(x, again), again)),
    )


@pytest.mark.parametrize("policy", ["color", ["colour"], []])
def test_policy(policy):
    with pytest.raises(ValueError, match="list of .*Received: policy="):
        DiffAugment(policy)


@pytest.mark.parametrize(
    "shapes", [[(None, 3)], [(None, 8, None, 3)], [(None, 8, 8, 3)] * 2]
)
def test_images_alone(shapes):
    with pytest.raises(ValueError, match="one image each.*Received: "):
        DiffAugment().output_shapes(shapes)
