"""The parts of the sliced Wasserstein distance against numbers by hand."""

import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics import cut_patches
from keras_ganloss.metrics import distance_of_sorted
from keras_ganloss.metrics import laplacian_pyramid
from keras_ganloss.metrics import sliced_wasserstein
from keras_ganloss.metrics import standardize_patches

GENERATOR = np.random.default_rng(0)


def test_distance_on_a_line_by_hand():
    samples = ops.array([[0.0], [1.0], [5.0]])
    others = ops.array([[6.0], [2.0], [1.0]])
    assert float(distance_of_sorted(samples, others)) == 1.0


def test_moved_samples_are_as_far_as_the_move_along_each_direction():
    samples = GENERATOR.normal(size=(10, 3)).astype("float32")
    directions = GENERATOR.normal(size=(3, 20)).astype("float32")
    move = np.array([1.0, -2.0, 0.5], "float32")
    found = sliced_wasserstein(samples, samples[::-1] + move, directions)
    lengths = np.linalg.norm(directions, axis=0)
    expected = np.abs(move @ directions / lengths).mean()
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_pyramid_of_one_color_has_no_details():
    images = 3.0 * np.ones((2, 16, 16, 2), "float32")
    *details, last = laplacian_pyramid(ops.array(images), 3)
    assert [tuple(level.shape) for level in details] == [
        (2, 16, 16, 2),
        (2, 8, 8, 2),
    ]
    assert tuple(last.shape) == (2, 4, 4, 2)
    np.testing.assert_allclose(ops.convert_to_numpy(last), 3.0, rtol=1e-6)
    # Growing reflects zeros in at the last row and column, so only inside.
    for level in details:
        inside = ops.convert_to_numpy(level)[:, :-2, :-2]
        np.testing.assert_allclose(inside, 0.0, atol=1e-5)


def test_levels_of_a_pyramid_make_the_image_again():
    images = GENERATOR.normal(size=(1, 8, 8, 1)).astype("float32")
    detail, small = laplacian_pyramid(ops.array(images), 2)
    # By hand: blur with (1 4 6 4 1) / 16 both ways and keep every second.
    kernel = np.array([1.0, 4.0, 6.0, 4.0, 1.0]) / 16.0
    padded = np.pad(images[0, :, :, 0], 2, mode="reflect")
    rows = np.array([[kernel @ row[i : i + 5] for i in range(8)]
                     for row in padded])  # fmt: skip
    blurred = np.array([kernel @ rows[i : i + 5] for i in range(8)])
    np.testing.assert_allclose(
        ops.convert_to_numpy(small)[0, :, :, 0], blurred[::2, ::2], atol=1e-6
    )
    grown = np.zeros((8, 8))
    grown[::2, ::2] = blurred[::2, ::2]
    padded = np.pad(grown, 2, mode="reflect")
    rows = np.array([[kernel @ row[i : i + 5] for i in range(8)]
                     for row in padded])  # fmt: skip
    grown = 4.0 * np.array([kernel @ rows[i : i + 5] for i in range(8)])
    np.testing.assert_allclose(
        ops.convert_to_numpy(detail)[0, :, :, 0] + grown,
        images[0, :, :, 0],
        atol=1e-6,
    )


def test_patches_are_cut_around_their_centers():
    images = GENERATOR.normal(size=(2, 9, 7, 3)).astype("float32")
    rows, columns = np.array([2, 5, 4, 6]), np.array([3, 4, 2, 4])
    patches = ops.convert_to_numpy(
        cut_patches(ops.array(images), rows, columns, radius=2)
    )
    for index, patch in enumerate(patches):
        row, column = rows[index], columns[index]
        expected = images[index // 2][
            row - 2 : row + 3, column - 2 : column + 3
        ]
        np.testing.assert_array_equal(patch, expected)


def test_standard_patches():
    patches = GENERATOR.normal(5.0, 3.0, size=(4, 3, 3, 3)).astype("float32")
    patches[1] = 2.0
    found = ops.convert_to_numpy(standardize_patches(ops.array(patches)))
    assert found.shape == (4, 27)
    np.testing.assert_allclose(found.mean(1), 0.0, atol=1e-5)
    np.testing.assert_allclose(found.std(1), [1, 0, 1, 1], rtol=1e-4)
