import numpy as np
import pytest
from keras import ops

from keras_ganloss.transforms import RandomWindow
from tests.helpers.networks import raises
from tests.helpers.turns import make_turn


def cut(transform, x, turn):
    return ops.convert_to_numpy(transform(ops.convert_to_tensor(x), 7, turn)[0])


@pytest.mark.parametrize("axis", [1, 2, -1])
def test_it_is_a_part_of_each_sample(axis):
    x = np.random.default_rng(0).normal(size=(5, 6, 7, 8)).astype("float32")
    y = cut(RandomWindow(3, axis), x, make_turn())
    for one, part in zip(x, y):
        windows = np.lib.stride_tricks.sliding_window_view(
            np.moveaxis(one, axis % 4 - 1, 0), 3, axis=0
        )
        windows = np.moveaxis(windows, -1, 1)
        expected = np.moveaxis(part, axis % 4 - 1, 0)
        assert sum(np.array_equal(w, expected) for w in windows) == 1


def test_one_window_in_a_turn_and_another_in_the_next():
    x = np.tile(np.arange(50.0, dtype="float32")[None, :, None], (8, 1, 1))
    window, turn = RandomWindow(4), make_turn(step=3)
    first = cut(window, x, turn)
    np.testing.assert_array_equal(cut(window, x + 100.0, turn), first + 100.0)
    others = cut(window, x, make_turn(step=4))
    assert (first[:, 0] != others[:, 0]).any()
    assert (cut(window, x, make_turn(step=3, seed=1)) != first).any()
    assert len(set(first[:, 0, 0])) > 1  # Each sample has its own.


def test_every_start_is_drawn_equally_often():
    x = np.tile(np.arange(4.0, dtype="float32")[None, :, None], (6000, 1, 1))
    starts = cut(RandomWindow(2), x, make_turn())[:, 0, 0]
    shares = np.bincount(starts.astype("int"), minlength=3) / 6000
    np.testing.assert_allclose(shares, 1 / 3, atol=0.03)


def test_two_axes_draw_independently():
    x = np.arange(100.0, dtype="float32").reshape(1, 10, 10, 1)
    x, turn = np.tile(x, (4000, 1, 1, 1)), make_turn()
    y = cut(RandomWindow(9, 2), cut(RandomWindow(9, 1), x, turn), turn)
    shares = [(y[:, 0, 0, 0] == start).mean() for start in (0, 1, 10, 11)]
    np.testing.assert_allclose(shares, 0.25, atol=0.04)


def test_the_whole_is_a_window():
    x = np.random.default_rng(0).normal(size=(5, 6, 2)).astype("float32")
    np.testing.assert_array_equal(cut(RandomWindow(6), x, make_turn()), x)


def test_messages():
    with raises("`axis` must be"):
        RandomWindow(3, 0)
    with raises("`size` must not be longer"):
        RandomWindow(9).output_shapes([(None, 8, 1)])
    with raises("an axis 3"):
        RandomWindow(9, 3).output_shapes([(None, 8, 1)])
    assert RandomWindow(9).output_shapes([(None, None, 1)]) == [(None, 9, 1)]
