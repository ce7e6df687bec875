import numpy as np
import pytest
from keras import ops

from keras_ganloss.transforms import Pack
from keras_ganloss.transforms.pack import pack


def packed(values, size):
    tensor = ops.convert_to_tensor(np.asarray(values, "float32"))
    return ops.convert_to_numpy(pack(tensor, size)).tolist()


def test_vectors_by_hand():
    values = [[1, 2], [3, 4], [5, 6], [7, 8]]
    assert packed(values, 2) == [[1, 2, 3, 4], [5, 6, 7, 8]]


def test_labels_by_hand():
    assert packed([1, 2, 3, 4], 2) == [[1, 2], [3, 4]]


@pytest.mark.parametrize("rank", [2, 3, 4, 5])
def test_channels_are_put_side_by_side(rank):
    shape = (6, 2, 3, 4, 5)[: rank - 1] + (2,)
    x = np.random.default_rng(0).normal(size=shape).astype("float32")
    expected = np.stack(
        [
            np.concatenate([x[3 * i + j] for j in range(3)], axis=-1)
            for i in range(2)
        ]
    )
    np.testing.assert_array_equal(np.asarray(packed(x, 3)), expected)


def test_the_rest_of_a_batch_is_left_out():
    assert packed([[1], [2], [3], [4], [5]], 2) == [[1, 2], [3, 4]]


def test_a_small_batch_fills_one_pack():
    assert packed([[1], [2]], 3) == [[1, 2, 1]]
    assert packed([[1]], 3) == [[1, 1, 1]]


def test_nests_and_conditions_are_packed():
    x = ops.reshape(ops.arange(4.0), (4, 1))
    samples, condition = Pack(2)({"a": x, "b": x + 4.0}, x[:, 0], None)
    assert ops.convert_to_numpy(samples["a"]).tolist() == [[0, 1], [2, 3]]
    assert ops.convert_to_numpy(samples["b"]).tolist() == [[4, 5], [6, 7]]
    assert ops.convert_to_numpy(condition).tolist() == [[0, 1], [2, 3]]


def test_evaluation_packs_too():
    x = ops.ones((4, 3))
    assert Pack(4)(x, None, None)[0].shape == (1, 12)


@pytest.mark.parametrize("size", [1, 0, 2.0, True, "2"])
def test_size(size):
    with pytest.raises(ValueError, match="integer.*Received: size="):
        Pack(size)


def test_unknown_shapes():
    assert Pack(2).output_shapes(None) is None
    assert Pack(2).output_shapes([(None, 4, None)]) == [(None, 4, None)]
