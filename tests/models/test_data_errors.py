import numpy as np
import pytest
import tensorflow as tf

from keras_ganloss import GAN
from tests.helpers import limits
from tests.helpers.networks import Shared
from tests.helpers.networks import conditional
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import game
from tests.helpers.networks import raises
from tests.helpers.networks import train
from tests.helpers.networks import vectors

X = data(10)
Y = data(10, 3)


@pytest.fixture(scope="module")
def plain():
    return Shared(game())


@pytest.fixture(scope="module")
def pair():
    return Shared(game(conditional()))


@pytest.fixture
def untrained(plain, pair):
    """Checks after the test that it has moved no weight."""
    before = plain().get_weights() + pair().get_weights()
    yield
    assert equal(plain.gan.get_weights() + pair.gan.get_weights(), before)


def dataset(*arrays):
    return tf.data.Dataset.from_tensor_slices(
        arrays if len(arrays) > 1 else arrays[0]
    ).batch(4)


def with_nan(array, index):
    array = array.copy()
    array[index, 0] = np.nan
    return array


usefixtures = pytest.mark.usefixtures


@usefixtures("untrained")
@pytest.mark.parametrize("method", ["fit", "evaluate"])
def test_labels_that_nobody_reads(method, plain):
    for args in ((X, Y), (dataset(X, Y),)):
        with raises("would be ignored"):
            getattr(plain(), method)(*args, verbose=0)


@usefixtures("untrained")
@pytest.mark.parametrize("method", ["fit", "evaluate"])
def test_labels_that_are_missing(method, pair):
    for args in ((X,), (dataset(X),)):
        with raises("take a condition, but the data have none"):
            getattr(pair(), method)(*args, verbose=0)


@usefixtures("untrained")
def test_validation_data_are_checked_before_training(plain, pair):
    with raises("would be ignored"):
        train(plain(), X, validation_data=(X, Y))
    with raises("take a condition"):
        train(pair(), X, Y, validation_data=X)
    with raises("holds NaN"):
        train(plain(), X, validation_data=with_nan(X, 3))


@usefixtures("untrained")
@pytest.mark.parametrize(
    "weights", [{"sample_weight": np.ones(10)}, {"class_weight": {0: 1.0}}]
)
def test_weights_without_a_condition(weights, plain):
    with raises("need conditional networks"):
        train(plain(), X, **weights)
    if "sample_weight" in weights:
        with raises("need conditional networks"):
            plain().train_on_batch(X, **weights)


WRONG = pytest.mark.parametrize(
    "wrong",
    [data(8, 3), data(8, 2)[:, :, None], data(8, 2)[:, 0]],
    ids=["size", "rank_above", "rank_below"],
)


@WRONG
@pytest.mark.parametrize("pack", [lambda x: x, lambda x: dataset(x)])
def test_shapes_that_differ(wrong, pack):
    gan = game()
    before = gan.get_weights()
    wanted = str(wrong.shape[1:])[1:-1].rstrip(",")
    with pytest.raises(
        ValueError,
        match=r"must have the same shape.*Received: data shape="
        rf"\(\w+,( {wanted})?.*output shape=\(\w+, 2\)",
    ):
        train(gan, pack(wrong))
    assert equal(gan.get_weights(), before)


@WRONG
def test_shapes_that_differ_after_right_ones(wrong):
    """TensorFlow has by then compiled a step for unknown sizes."""
    gan = game()
    train(gan, X)
    before = gan.get_weights()
    with raises("must have the same shape"):
        train(gan, wrong)
    assert equal(gan.get_weights(), before)


@usefixtures("untrained")
def test_nan_in_arrays(plain, pair):
    with raises("`x` holds NaN"):
        train(plain(), with_nan(X, 7))
    with pytest.raises(ValueError, match=r"x\[7\] is not finite"):
        train(plain(), with_nan(X, 7))
    with pytest.raises(ValueError, match=r"y\[5\] is not finite"):
        train(pair(), X, with_nan(Y, 5))
    with pytest.raises(ValueError, match=r"x\[0\] is not finite"):
        train(plain(), {"images": np.full((4, 2), np.inf)})


def train_on_nan(gan, stream):
    """Expects what `docs/scale/backends.md` says of NaN in a stream."""
    if limits.NOT_FINITE.applies:
        assert np.isnan(train(gan, stream)["d_loss"]).all()
        return
    errors = (ValueError, tf.errors.InvalidArgumentError)
    networks = (gan.generator, gan.discriminator)
    before = [w for network in networks for w in network.get_weights()]
    with pytest.raises(errors, match="hold NaN"):
        train(gan, stream)
    after = [w for network in networks for w in network.get_weights()]
    assert equal(after, before)


def test_nan_in_streams(plain):
    train_on_nan(plain(), dataset(with_nan(X[:4], 2)))


def test_nan_in_streams_with_several_steps_per_execution():
    with limits.STEPS_PER_EXECUTION.raises():
        gan = game(steps_per_execution=2)
        train_on_nan(gan, dataset(with_nan(X[:4], 2)))


def test_nan_in_streams_of_conditions(pair):
    train_on_nan(pair(), dataset(X[:4], with_nan(Y[:4], 2)))


@pytest.mark.parametrize(
    "num, condition", [(3, Y[:2]), (2, Y[:3]), (2, None), (3, [[1.0] * 3] * 2)]
)
def test_condition_of_generate(num, condition, pair):
    with raises("`condition`"):
        pair().generate(num, condition)


def test_condition_of_generate_as_a_plain_list(pair):
    rows = Y[:2].tolist()
    np.testing.assert_array_equal(
        pair().generate(2, rows, seed=0), pair().generate(2, Y[:2], seed=0)
    )


def test_generate_without_need_for_a_condition(plain):
    with raises("by no others"):
        plain().generate(2, Y[:2])


@pytest.mark.parametrize("num", [0, -1, 2.5, "3"])
def test_number_of_samples(num, plain):
    with raises("`num` must be an integer of at least 1"):
        plain().generate(num)


def test_numbers_of_numpy_are_integers(plain):
    assert plain().generate(np.int64(3)).shape == (3, 2)


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch"])
def test_compile_is_missing(method):
    with pytest.raises(ValueError, match=r"call `compile\(\)`"):
        getattr(GAN(*vectors()), method)(X)
