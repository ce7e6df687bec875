import numpy as np
import pytest

from keras_ganloss.data import ResumableStream

tf = pytest.importorskip("tensorflow")


def values(batches):
    return [np.ravel(x).tolist() for (x,) in batches]


def reversed_in_odd_epochs(epoch):
    order = np.arange(5)[:: -1 if epoch % 2 else 1]
    return [order[:2], order[2:4], order[4:]]


def test_batches_of_a_function():
    data = ResumableStream(reversed_in_odd_epochs)
    assert len(data) == 3
    assert values(data.batches(0, 0)) == [[0, 1], [2, 3], [4]]
    assert values(data.batches(1, 1)) == [[2, 1], [0]]


def test_generators_need_a_length():
    def make(epoch):
        return iter(reversed_in_odd_epochs(epoch))

    with pytest.raises(ValueError, match="num_batches=None"):
        ResumableStream(make)
    data = ResumableStream(make, num_batches=2)
    assert values(data.batches(0, 0)) == [[0, 1], [2, 3]]


def test_stream_that_ends_early():
    data = ResumableStream(reversed_in_odd_epochs, num_batches=4)
    with pytest.raises(ValueError, match="ended before its 4 batches"):
        list(data.batches(0, 0))


def test_make_must_be_a_function():
    with pytest.raises(ValueError, match="from_dataset"):
        ResumableStream(tf.data.Dataset.range(3))


def test_tf_data():
    dataset = tf.data.Dataset.range(10)
    data = ResumableStream.from_dataset(dataset, 4, shuffle_buffer=10, seed=5)
    assert len(data) == 3
    first, second = values(data.batches(0, 0)), values(data.batches(1, 0))
    assert sorted(sum(first, [])) == sorted(sum(second, [])) == list(range(10))
    assert first != second
    assert values(data.batches(1, 0)) == second
    assert values(data.batches(1, 2)) == second[2:]
    other = ResumableStream.from_dataset(dataset, 4, shuffle_buffer=10, seed=6)
    assert values(other.batches(0, 0)) != first
    assert other.fingerprint() != data.fingerprint()


def test_tf_data_of_unknown_size():
    dataset = tf.data.Dataset.range(10).filter(lambda x: x < 6)
    with pytest.raises(ValueError, match="num_batches"):
        ResumableStream.from_dataset(dataset, 4)
    data = ResumableStream.from_dataset(dataset, 4, num_batches=2)
    assert values(data.batches(0, 0)) == [[0, 1, 2, 3], [4, 5]]


def test_pairs_stay_pairs():
    dataset = tf.data.Dataset.from_tensor_slices(([1, 2, 3], [4, 5, 6]))
    data = ResumableStream.from_dataset(dataset, 2)
    x, y = data[0]
    assert x.tolist() == [1, 2] and y.tolist() == [4, 5]


@pytest.mark.parametrize(
    "arguments", [{"batch_size": 0}, {"shuffle_buffer": -1}, {"seed": -1}]
)
def test_errors(arguments):
    with pytest.raises(ValueError, match="Received: batch_size="):
        ResumableStream.from_dataset(tf.data.Dataset.range(3), **arguments)
