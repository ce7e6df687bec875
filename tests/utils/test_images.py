import keras
import numpy as np
import pytest

from keras_ganloss.utils import files
from keras_ganloss.utils.images import add_labels
from keras_ganloss.utils.images import are_images
from keras_ganloss.utils.images import channels_last
from keras_ganloss.utils.images import enlarge
from keras_ganloss.utils.images import guess_range
from keras_ganloss.utils.images import resize
from keras_ganloss.utils.images import tile
from keras_ganloss.utils.images import to_pixels
from keras_ganloss.utils.images import with_channels


def test_tile_by_hand():
    # Four images of 1 x 2 pixels.
    images = np.array([[1, 2], [3, 4], [5, 6], [7, 8]]).reshape(4, 1, 2, 1)
    expected = [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert tile(images, columns=2)[..., 0].tolist() == expected
    assert tile(images, columns=1)[..., 0].tolist() == [
        [1, 2],
        [3, 4],
        [5, 6],
        [7, 8],
    ]


def test_tile_keeps_rows_and_channels_of_an_image():
    images = np.arange(2 * 2 * 2 * 3).reshape(2, 2, 2, 3)
    grid = tile(images, columns=2)
    assert grid.shape == (2, 4, 3)
    np.testing.assert_array_equal(grid[:, :2], images[0])
    np.testing.assert_array_equal(grid[:, 2:], images[1])


@pytest.mark.parametrize("columns", [0, 2])
def test_tile_must_fill_its_rows(columns):
    with pytest.raises(ValueError, match=f"3 images, columns={columns}"):
        tile(np.zeros((3, 1, 1, 1)), columns)


def test_tile_of_no_images():
    with pytest.raises(ValueError, match=r"images.shape=\(3, 5\)"):
        tile(np.zeros((3, 5)), 1)


@pytest.mark.parametrize(
    "value_range, values, expected",
    [
        ((-1, 1), [-1.0, 0.0, 1.0, 7.0, -7.0], [0, 128, 255, 255, 0]),
        ((0, 1), [0.0, 0.2, 1.0, np.nan], [0, 51, 255, 0]),
        ((0, 255), [0.0, 51.0, 255.0], [0, 51, 255]),
    ],
)
def test_pixels(value_range, values, expected):
    pixels = to_pixels(np.array(values), value_range)
    assert pixels.dtype == np.uint8
    assert pixels.tolist() == expected


def test_range_is_guessed():
    assert guess_range(np.array([0.0, 0.5])) == (0, 1)
    assert guess_range(np.array([-0.1, 0.5])) == (-1, 1)


def test_channels_first():
    images = np.arange(24.0).reshape(2, 3, 2, 2)
    assert not are_images(channels_last(images))  # Two channels.
    keras.config.set_image_data_format("channels_first")
    try:
        moved = channels_last(images)
        assert channels_last(images[0]).shape == (3, 2, 2)  # No images.
    finally:
        keras.config.set_image_data_format("channels_last")
    assert are_images(moved)
    np.testing.assert_array_equal(moved[1, 0, 1], images[1, :, 0, 1])


@pytest.mark.parametrize("side, expected", [(1, 48), (10, 50), (28, 56)])
def test_small_images_are_enlarged(side, expected):
    image = np.arange(side * side).reshape(1, side, side, 1)
    large = enlarge(image, columns=100)
    assert large.shape == (1, expected, expected, 1)
    step = expected // side
    np.testing.assert_array_equal(large[:, ::step, ::step], image)
    assert len(np.unique(large)) == side * side


def test_narrow_images_are_enlarged():
    one = np.zeros((1, 60, 10, 1))
    assert enlarge(one, 100, width=25).shape == (1, 180, 30, 1)
    # Of so many side by side, a row is wide enough to be shown as it is.
    assert enlarge(one, columns=12).shape == (1, 180, 30, 1)
    assert enlarge(one, columns=36).shape == (1, 60, 10, 1)


def test_resize_by_hand():
    image = np.arange(4).reshape(1, 2, 2, 1)
    large = [[0, 0, 0, 1, 1, 1], [2, 2, 2, 3, 3, 3]]
    assert resize(image, 2, 6)[0, ..., 0].tolist() == large
    # The middle of every three.
    image = np.arange(9).reshape(1, 1, 9, 1)
    assert resize(image, 1, 3).ravel().tolist() == [1, 4, 7]


@pytest.mark.parametrize(
    "pixel, channels, expected",
    [
        ([5], 1, [5]),
        ([5], 3, [5, 5, 5]),
        ([5], 4, [5, 5, 5, 255]),
        ([1, 2, 3], 3, [1, 2, 3]),
        ([1, 2, 3], 4, [1, 2, 3, 255]),
        ([1, 2, 3, 4], 4, [1, 2, 3, 4]),
    ],
)
def test_channels_are_added(pixel, channels, expected):
    assert with_channels(np.uint8([pixel]), channels).tolist() == [expected]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_labels_leave_the_grid_as_it_is(channels):
    pytest.importorskip("PIL")
    grid = np.random.default_rng(0).integers(0, 255, (60, 40, channels))
    grid = grid.astype("uint8")
    labeled = add_labels(grid, rows=["one", "two"], columns=["a", "b"])
    top, left = np.array(labeled.shape[:2]) - (60, 40)
    assert (top, labeled.shape[2]) == (24, channels)
    np.testing.assert_array_equal(labeled[top:, left:], grid)
    corner = labeled[:top, :left]
    assert (corner == 255).all()
    # Each label has ink beside its row, above its column.
    dark = labeled[..., 0] < 100
    for part in (dark[top : top + 30, :left], dark[top + 30 :, :left]):
        assert part.any()
    for part in (
        dark[:top, left : left + 20],
        dark[:top, left + 20 :],
    ):
        assert part.any()
    assert add_labels(grid).tolist() == grid.tolist()


def test_a_wide_heading_is_given_room():
    grid = np.zeros((24, 24, 1), "uint8")
    labeled = add_labels(grid, columns=["nearest of them all"])
    assert labeled.shape[1] > 90
    assert (labeled[24:, 24:] == 255).all()
    assert (labeled[:, -1] == 255).all()


def test_files_are_replaced(tmp_path):
    path = tmp_path / "new" / "file.txt"
    files.replace(path, b"one")
    files.replace(path, b"two")
    assert path.read_bytes() == b"two"
    assert [entry.name for entry in path.parent.iterdir()] == ["file.txt"]
