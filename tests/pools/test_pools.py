import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import backend
from keras_ganloss import pools
from keras_ganloss.game import Samples
from keras_ganloss.pools import APA
from keras_ganloss.pools import BatchPool
from keras_ganloss.pools import Pool
from keras_ganloss.pools import SamplePool

KINDS = {
    "sample_pool": lambda **kwargs: SamplePool(**kwargs),
    "batch_pool": lambda **kwargs: BatchPool(batch_size=4, **kwargs),
}


@pytest.fixture(params=sorted(KINDS))
def kind(request):
    return KINDS[request.param]


class Stream:
    """Feeds a pool with numbered samples."""

    def __init__(self, pool, seed=0):
        pool.build([(None, 1)], conditional=False)
        self.pool = pool
        self.seed_generator = backend.SeedGenerator(seed)
        self.number = 0

    def __call__(self, num=4):
        """Returns what went in and what came out."""
        fresh = np.arange(self.number, self.number + num, dtype="float32")
        self.number += num
        samples = Samples(
            real=ops.zeros((num, 1)),
            fake=ops.convert_to_tensor(fresh[:, None]),
        )
        found = self.pool(samples, self.seed_generator)
        assert found.fake.shape == (num, 1)
        return fresh, ops.convert_to_numpy(found.fake)[:, 0]

    def entries(self):
        count = int(self.pool.state[0].value)
        return ops.convert_to_numpy(self.pool.state[1])[:count].ravel()


def test_until_it_is_full_everything_comes_back(kind):
    stream = Stream(kind(size=4, probability=1.0))
    num = 1 if isinstance(stream.pool, SamplePool) else 4
    for _ in range(4):
        fresh, found = stream(num)
        np.testing.assert_array_equal(fresh, found)
    np.testing.assert_array_equal(stream.entries(), np.arange(4 * num))


@pytest.mark.parametrize("size", [3, 4, 7])
def test_an_exchanged_sample_is_kept_or_given_never_both(size):
    """With probability 1 nothing is lost and nothing comes twice."""
    stream = Stream(SamplePool(size=size, probability=1.0))
    while len(stream.entries()) < size:
        stream(2)
    known = set(stream.entries())
    for _ in range(20):
        fresh, found = stream(2)
        assert set(found) <= known
        known = known - set(found) | set(fresh)
        assert set(stream.entries()) == known
        assert len(set(found)) == 2


def test_a_batch_larger_than_the_pool_passes_by():
    stream = Stream(SamplePool(size=3, probability=1.0))
    fresh, found = stream(8)
    np.testing.assert_array_equal(fresh, found)
    np.testing.assert_array_equal(stream.entries(), fresh[:3])
    fresh, found = stream(8)
    assert set(found[:3]) == {0.0, 1.0, 2.0}
    np.testing.assert_array_equal(found[3:], fresh[3:])
    assert set(stream.entries()) == set(fresh[:3])


def test_a_batch_that_does_not_quite_fit_is_kept_in_part():
    stream = Stream(SamplePool(size=5, probability=1.0))
    stream(4)
    fresh, found = stream(4)
    np.testing.assert_array_equal(fresh, found)
    np.testing.assert_array_equal(stream.entries(), np.arange(5))


def test_how_often_an_older_sample_comes():
    stream = Stream(SamplePool(size=50, probability=0.3))
    older = []
    for _ in range(60):
        fresh, found = stream(50)
        older.append(found != fresh)
    share = np.mean(older[1:])
    assert share == pytest.approx(0.3, abs=5 * (0.21 / (59 * 50)) ** 0.5)


def test_every_place_is_used():
    stream = Stream(SamplePool(size=10, probability=1.0))
    stream(10)
    for _ in range(40):
        stream(2)
    assert min(stream.entries()) >= 10.0  # (4 / 5)^40 is 1e-4 for each.


def test_of_batches_either_comes_and_the_new_one_is_kept():
    stream = Stream(BatchPool(batch_size=4, size=3, probability=0.5))
    known = [tuple(stream()[0]) for _ in range(3)]
    number_of_older = 0
    for _ in range(60):
        fresh, found = stream()
        entries = stream.entries().reshape(3, 4)
        left = [batch for batch in known if batch not in map(tuple, entries)]
        assert len(left) == 1
        assert tuple(found) in (left[0], tuple(fresh))
        number_of_older += tuple(found) == left[0]
        known = [tuple(batch) for batch in entries]
        assert tuple(fresh) in known
    assert abs(number_of_older - 30) < 5 * 15**0.5


def test_a_batch_of_another_size_passes_by():
    stream = Stream(BatchPool(batch_size=4, size=2, probability=1.0))
    stream(4)
    for num in (3, 5):
        fresh, found = stream(num)
        np.testing.assert_array_equal(fresh, found)
        np.testing.assert_array_equal(stream.entries(), np.arange(4))


def test_nests_stay_together():
    pool = SamplePool(size=2, probability=1.0)
    pool.build([(None, 1), (None, 2)], conditional=False)
    seeds = backend.SeedGenerator(0)
    for number in range(6):
        fake = {
            "a": number + ops.zeros((2, 1)),
            "b": number + ops.zeros((2, 2)),
        }
        found = pool(Samples(fake, fake), seeds)
        assert sorted(found.fake) == ["a", "b"]
        np.testing.assert_array_equal(
            ops.convert_to_numpy(found.fake["b"]),
            np.repeat(ops.convert_to_numpy(found.fake["a"]), 2, axis=1),
        )
        expected = max(number - 1, 0)
        np.testing.assert_array_equal(
            ops.convert_to_numpy(found.fake["a"]), expected
        )


def test_no_gradient_leaves_through_what_is_kept(kind):
    pool = kind(size=1, probability=0.0)
    pool.build([(None, 1)], conditional=False)

    def function(fake):
        found = pool(Samples(fake, fake), backend.SeedGenerator(0))
        return ops.sum(3.0 * found.fake), ()

    _, _, gradient = backend.value_and_input_gradients(
        function, ops.ones((4, 1))
    )
    np.testing.assert_array_equal(ops.convert_to_numpy(gradient), 3.0)


def test_building_twice_keeps_what_is_there(kind):
    stream = Stream(kind(size=4))
    stream()
    before = stream.pool.state
    stream.pool.build([(None, 1)], conditional=False)
    assert all(map(lambda a, b: a is b, before, stream.pool.state))
    stream.pool.build([(None, 2)], conditional=False)
    assert int(stream.pool.state[0].value) == 0


def test_apa_takes_the_fake_of_the_same_row():
    pool = APA(initial=0.4)
    real = ops.zeros((10_000, 2))
    fake = 1.0 + ops.cast(ops.arange(20_000), "float32")
    fake = ops.reshape(fake, (10_000, 2))
    found = pool(Samples(real, fake), backend.SeedGenerator(0))
    assert found.fake is fake
    mixed, fake = map(ops.convert_to_numpy, (found.real, fake))
    replaced = mixed[:, 0] != 0.0
    np.testing.assert_array_equal(mixed[replaced], fake[replaced])
    np.testing.assert_array_equal(mixed[~replaced], 0.0)
    assert replaced.mean() == pytest.approx(0.4, abs=5 * 0.5 / 100)


def test_apa_learns_from_real_outputs():
    pool = APA(interval=1, num_samples=10)
    pool.update_state(ops.ones((4, 1)), -ops.ones((4, 1)))
    assert float(pool.probability.value) == pytest.approx(0.4)


def test_conditions_are_refused(kind):
    with pytest.raises(ValueError, match="without a condition.*conditional="):
        kind().build([(None, 1)], conditional=True)


@pytest.mark.parametrize("shapes", [None, [(None, None, 3)]])
def test_shapes_must_be_known(kind, shapes):
    with pytest.raises(ValueError, match="know the shape.*Received: "):
        kind().build(shapes, conditional=False)


@pytest.mark.parametrize(
    "arguments", [{"size": 0}, {"size": 1.5}, {"probability": 1.1}], ids=repr
)
def test_arguments(kind, arguments):
    with pytest.raises(ValueError, match="Received: "):
        kind(**arguments)


@pytest.mark.parametrize("batch_size", [0, 2.0, True])
def test_batch_size(batch_size):
    with pytest.raises(ValueError, match="Received: batch_size="):
        BatchPool(batch_size)


@pytest.mark.parametrize(
    "pool",
    [SamplePool(7, 0.1), BatchPool(3, 5), APA(0.5)],
    ids=lambda pool: type(pool).__name__,
)
def test_config_round_trip(pool):
    config = keras.saving.serialize_keras_object(pool)
    again = pools.get(config)
    assert keras.saving.serialize_keras_object(again) == config


def test_lookup():
    assert isinstance(pools.get("sample_pool"), SamplePool)
    assert isinstance(pools.get("apa"), APA)
    assert pools.get(None) is None
    with pytest.raises(ValueError, match="`Pool`.*Received: "):
        pools.get("batch_pool")


def test_the_base_says_what_is_missing():
    with pytest.raises(NotImplementedError, match="must implement"):
        Pool()(None, None)
