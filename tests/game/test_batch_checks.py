"""Batches of one sample, wherever they come from."""

import warnings

import keras
import numpy as np
import pytest

from keras_ganloss import GAN
from keras_ganloss import SupervisedGAN
from keras_ganloss import losses
from keras_ganloss.penalties import WrongCondition
from tests.helpers.networks import conditional
from tests.helpers.networks import mlp
from tests.helpers.networks import sgd

X = np.random.default_rng(0).normal(size=(4, 2)).astype("float32")


class Sequence(keras.utils.PyDataset):
    def __init__(self, size):
        super().__init__()
        self.size = size

    def __len__(self):
        return 3

    def __getitem__(self, index):
        return X[: self.size], X[: self.size]


def generator(size):
    for _ in range(3):
        yield X[:size], X[:size]


def make(d_loss="hinge", **settings):
    gan = SupervisedGAN(mlp(2, 2), mlp(2, 1), conditional=False, seed=0)
    gan.compile(sgd(0.1), sgd(0.1), loss="mse", d_loss=d_loss, **settings)
    return gan


def said(function, *args, **kwargs):
    """What was warned of batches, a list."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function(*args, **kwargs)
    messages = [str(one.message) for one in caught]
    return [one for one in messages if "one sample" in one]


def dataset(size):
    tensorflow = pytest.importorskip("tensorflow")
    return tensorflow.data.Dataset.from_tensor_slices((X, X)).batch(size)


SOURCES = {
    "dataset": lambda size: ((dataset(size),), {}),
    "arrays": lambda size: ((X, X), {"batch_size": size}),
    "one sample in all": lambda size: ((X[:size], X[:size]), {}),
    "sequence": lambda size: ((Sequence(size),), {}),
    "generator": lambda size: ((generator(size),), {"steps_per_epoch": 3}),
}


@pytest.mark.parametrize("source", SOURCES)
def test_wherever_they_come_from(source):
    args, kwargs = SOURCES[source](1)
    (message,) = said(make().fit, *args, verbose=0, **kwargs)
    assert "beyond its margin" in message and "`batch_size`" in message
    assert "Received: a first batch of one sample, d_loss='d_hinge'" in message
    args, kwargs = SOURCES[source](2)
    assert not said(make().fit, *args, verbose=0, **kwargs)


def test_once():
    gan = make()
    assert len(said(gan.fit, X, X, batch_size=1, epochs=2, verbose=0)) == 1
    assert not said(gan.fit, X, X, batch_size=1, verbose=0)
    assert not said(gan.train_on_batch, X[:1], X[:1])


def test_a_generator_is_read_once():
    gan = make()
    read = []

    def counting():
        for place in range(3):
            read.append(place)
            yield X[:2] + place, X[:2]

    gan.fit(counting(), verbose=0)
    assert read == [0, 1, 2]
    # The first batch is among them.
    assert int(keras.ops.convert_to_numpy(gan.d_updates)) == 3


def test_again_after_compile():
    gan = make()
    assert len(said(gan.fit, X, X, batch_size=1, verbose=0)) == 1
    gan.compile(sgd(0.1), sgd(0.1), loss="mse", d_loss="hinge")
    assert len(said(gan.fit, X, X, batch_size=1, verbose=0)) == 1


def test_a_last_batch_of_one_is_no_matter():
    assert not said(make().fit, X[:3], X[:3], batch_size=2, verbose=0)


def test_on_one_batch():
    assert len(said(make().train_on_batch, X[:1], X[:1])) == 1
    assert not said(make().train_on_batch, X[:2], X[:2])
    assert len(said(make().train_on_batch, x=X[:1], y=X[:1])) == 1


@pytest.mark.parametrize(
    "loss",
    [
        losses.Relativistic(losses.Hinge()),
        losses.TopK(losses.NonSaturating(losses.Hinge())),
        losses.Heads(losses.Hinge(), combine="mean"),
    ],
)
def test_losses_around_a_hinge(loss):
    assert len(said(make(loss).fit, X, X, batch_size=1, verbose=0)) == 1


@pytest.mark.parametrize("loss", ["minimax", "least_squares", "wasserstein"])
def test_other_losses_may_have_one(loss):
    assert not said(make(loss).fit, X, X, batch_size=1, verbose=0)


def test_either_player_may_have_the_hinge():
    gan = make("minimax", g_loss=losses.NonSaturating(losses.Hinge()))
    assert len(said(gan.fit, X, X, batch_size=1, verbose=0)) == 1


def test_wrong_conditions_need_others():
    gan = GAN(*conditional(), seed=0)
    gan.compile(d_loss="minimax", penalties=[WrongCondition()])
    labels = np.eye(3, dtype="float32")[[0, 1, 2, 0]]
    (message,) = said(gan.fit, X, labels, batch_size=1, verbose=0)
    assert "`WrongCondition` takes the conditions of other" in message
