import numpy as np
import pytest

from keras_ganloss.data import ResumableArrays


def samples(data, epoch, start=0):
    return np.concatenate([batch[0] for batch in data.batches(epoch, start)])


def test_order_is_numpys_permutation():
    data = ResumableArrays(np.arange(5), batch_size=2, seed=3)
    for epoch in range(3):
        expected = np.random.default_rng([3, epoch]).permutation(5)
        np.testing.assert_array_equal(samples(data, epoch), expected)


def test_last_batch_is_partial():
    data = ResumableArrays(np.arange(5), batch_size=2)
    assert len(data) == 3
    sizes = [len(x) for (x,) in data]
    assert sizes == [2, 2, 1]


@pytest.mark.parametrize("start", [0, 1, 2])
def test_resumed_epoch_is_the_tail(start):
    data = ResumableArrays(np.arange(5), batch_size=2, seed=1)
    whole = samples(data, epoch=4)
    np.testing.assert_array_equal(samples(data, 4, start), whole[2 * start :])


def test_without_shuffle_the_order_is_as_given():
    data = ResumableArrays(np.arange(5), shuffle=False)
    np.testing.assert_array_equal(samples(data, epoch=9), np.arange(5))


def test_parts_stay_together():
    x = np.arange(6)
    inputs = {"a": x, "b": x + 10}
    data = ResumableArrays(inputs, -x, x * 0.5, batch_size=4)
    for features, target, weight in data:
        np.testing.assert_array_equal(features["b"], features["a"] + 10)
        np.testing.assert_array_equal(target, -features["a"])
        np.testing.assert_array_equal(weight, features["a"] * 0.5)


def test_fingerprint_tells_what_differs():
    x = np.arange(40.0)
    fingerprint = ResumableArrays(x, seed=0).fingerprint()
    assert ResumableArrays(x.copy(), seed=0).fingerprint() == fingerprint
    for other in (
        ResumableArrays(x, seed=1),
        ResumableArrays(x, batch_size=8),
        ResumableArrays(x, shuffle=False),
        ResumableArrays(x + 1),
        ResumableArrays(x.astype("float32")),
    ):
        assert other.fingerprint() != fingerprint


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"x": np.zeros(3), "y": np.zeros(4)}, "same number of samples"),
        ({"x": np.zeros((0, 2))}, "at least one"),
        ({"x": np.float32(1.0)}, "at least one"),
        ({"x": np.zeros(3), "sample_weight": np.ones(3)}, "drops"),
        ({"x": np.zeros(3), "batch_size": 0}, "batch_size=0"),
        ({"x": np.zeros(3), "seed": -1}, "seed=-1"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        ResumableArrays(**arguments)
