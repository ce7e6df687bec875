"""The first batch is looked at, and nothing is read for that alone."""

import warnings

import keras
import numpy as np
import pytest

from keras_ganloss import GAN
from keras_ganloss.game import first_look
from tests.helpers.networks import LATENT
from tests.helpers.networks import mlp
from tests.helpers.networks import sgd

# The first half is none that a sigmoid makes.
X = np.concatenate([np.full((4, 2), 255.0), np.ones((4, 2))]).astype("float32")


@pytest.fixture(scope="module")
def compiled():
    game = GAN(mlp(LATENT, 2, activation="sigmoid"), mlp(2, 1), seed=0)
    game.compile(sgd(0.1), sgd(0.1), run_eagerly=True)
    return game


@pytest.fixture
def game(compiled):
    compiled.range_is_checked = False
    return compiled


class Noted:
    """Samples known by their index, which note what was asked for."""

    def __init__(self, samples):
        self.samples = samples
        self.read = []

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        self.read.append(index)
        return self.samples[index]


def stream(noted):
    return ((np.stack([noted[j] for j in range(i, i + 4)]),) for i in (0, 4))


def loader(noted):
    data = pytest.importorskip("torch.utils.data")
    return data.DataLoader(noted, batch_size=4)


def loader_of_a_stream(noted):
    data = pytest.importorskip("torch.utils.data")

    class Samples(data.IterableDataset):
        def __iter__(self):
            return map(noted.__getitem__, range(len(noted)))

    return loader(Samples())


def grain_dataset(noted):
    return pytest.importorskip("grain").MapDataset.source(noted).batch(4)


def grain_stream(noted):
    return grain_dataset(noted).to_iter_dataset()


def grain_loader(noted):
    grain = pytest.importorskip("grain")
    sampler = grain.samplers.IndexSampler(len(noted), num_epochs=1)
    batches = [grain.transforms.Batch(4)]
    return grain.DataLoader(
        data_source=noted, sampler=sampler, operations=batches
    )


@pytest.mark.parametrize(
    "source",
    [
        stream,
        loader,
        loader_of_a_stream,
        grain_dataset,
        grain_stream,
        grain_loader,
    ],
)
def test_each_sample_is_read_once_and_the_first_batch_looked_at(game, source):
    noted = Noted(X)
    data = first_look.checked(game, source(noted), None, None)
    assert not noted.read
    with pytest.warns(UserWarning, match=r"data in \[255, 255\]"):
        batches = list(data)
    np.testing.assert_array_equal(np.reshape(batches, X.shape), X)
    assert sorted(noted.read) == list(range(8))

    game.range_is_checked = False
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        list(first_look.checked(game, source(Noted(X[::-1])), None, None))


def test_a_py_dataset_is_asked_for_its_first_batch_once(game):
    class Batches(keras.utils.PyDataset):
        read = []

        def __getitem__(self, index):
            self.read.append(index)
            return (X[4 * index : 4 * index + 4],)

    data = Batches()
    with pytest.warns(UserWarning, match=r"data in \[255, 255\]"):
        assert first_look.checked(game, data, None, None) is data
    assert data.read == [0]


def test_a_loader_keeps_its_state(game):
    """What a pass writes, such as its place, the user's own loader has."""
    data = loader(X)
    first_look.checked(game, data, None, None).place = 3
    assert data.place == 3


def test_where_nothing_can_be_said_the_data_stay_what_they_are(game):
    game.range_is_checked = True
    data = loader(X)
    assert first_look.checked(game, data, None, None) is data
