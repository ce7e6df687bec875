import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers.networks import Shared
from tests.helpers.networks import conditional
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import game
from tests.helpers.networks import of_shape
from tests.helpers.networks import train
from tests.helpers.networks import weights


class Batches(keras.utils.PyDataset):
    def __init__(self, *arrays, batch_size=4, pack=tuple):
        super().__init__()
        self.arrays = arrays
        self.batch_size = batch_size
        self.pack = pack

    def __len__(self):
        return -(-len(self.arrays[0]) // self.batch_size)

    def __getitem__(self, index):
        start = index * self.batch_size
        return self.pack(
            [array[start : start + self.batch_size] for array in self.arrays]
        )


def as_generator(*arrays):
    batches = Batches(*arrays)
    for index in range(len(batches)):
        yield batches[index]


def as_dataset(*arrays, pack=lambda *x: x):
    return tf.data.Dataset.from_tensor_slices(arrays).map(pack).batch(4)


X = data(10)
Y = data(10, 3, seed=1)


@pytest.fixture(scope="module")
def shared():
    return Shared(game(d_steps=2))


@pytest.fixture(scope="module")
def shared_conditional():
    return Shared(game(conditional()))


@pytest.mark.parametrize(
    "source",
    [
        lambda: (X.astype("float64"),),
        lambda: (tf.constant(X),),
        lambda: (as_dataset(X, pack=lambda x: x),),
        lambda: (as_dataset(X),),
        lambda: (as_dataset(X.astype("float64"), pack=lambda x: x),),
        lambda: (Batches(X),),
        lambda: (Batches(X, pack=lambda arrays: arrays[0]),),
        lambda: (as_generator(X),),
    ],
    ids=[
        "float64",
        "tensor",
        "tf_data_bare",
        "tf_data_tuple",
        "tf_data_float64",
        "py_dataset",
        "py_dataset_bare",
        "generator",
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_source_trains_alike(source, shared):
    train(shared(), X)
    expected = weights(shared.gan)
    train(shared(), *source())
    assert equal(weights(shared.gan), expected)


@pytest.mark.parametrize(
    "source",
    [
        lambda: (X.astype("float64"), Y.astype("float64")),
        lambda: (as_dataset(X, Y),),
        lambda: (Batches(X, Y),),
        lambda: (as_generator(X, Y),),
    ],
    ids=["float64", "tf_data", "py_dataset", "generator"],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_source_of_pairs_trains_alike(source, shared_conditional):
    train(shared_conditional(), X, Y)
    expected = weights(shared_conditional.gan)
    train(shared_conditional(), *source())
    assert equal(weights(shared_conditional.gan), expected)


def test_torch_data_loader(shared):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    dataset = torch.utils.data.TensorDataset(torch.tensor(X))
    train(shared(), X)
    expected = weights(shared.gan)
    train(shared(), torch.utils.data.DataLoader(dataset, batch_size=4))
    assert equal(weights(shared.gan), expected)


def test_bytes_are_numbers():
    images = (np.arange(40).reshape(10, 4) * 5).astype("uint8")
    shared = Shared(game(of_shape((4,))))
    train(shared(), images)
    one = weights(shared.gan)
    train(shared(), images.astype("float32"))
    assert equal(weights(shared.gan), one)


@pytest.mark.parametrize("shape", [(4, 2), (4, 4, 1), (2, 2, 2, 1)])
def test_any_rank(shape):
    gan = game(of_shape(shape), run_eagerly=True)
    train(gan, np.zeros((6, *shape), "float32"))
    assert gan.generate(3).shape == (3, *shape)
    # Two batches, of 4 and of 2 samples.
    assert int(gan.g_optimizer.iterations) == 2


def test_samples_of_several_parts():
    """A generator of a dict of two tensors, D sums both."""
    latent = keras.Input((3,))
    parts = {
        name: keras.layers.Dense(
            size,
            kernel_initializer="zeros",
            bias_initializer="ones",
        )(latent)
        for name, size in (("big", 4), ("small", 2))
    }
    generator = keras.Model(latent, parts)
    inputs = {name: keras.Input(x.shape[1:]) for name, x in parts.items()}
    joined = keras.layers.Concatenate()([inputs["big"], inputs["small"]])
    output = keras.layers.Dense(1, kernel_initializer="ones")(joined)
    gan = game((generator, keras.Model(inputs, output)), 0.0)
    real = {"big": np.full((6, 4), 2.0), "small": np.full((6, 2), -1.0)}
    history = train(gan, real)
    assert history["real_output"] == [8.0 - 2.0]
    assert history["fake_output"] == [4.0 + 2.0]
    made = gan.generate(5)
    assert {name: x.shape for name, x in made.items()} == {
        "big": (5, 4),
        "small": (5, 2),
    }


def test_two_outputs_of_the_discriminator():
    """The losses of both outputs are added, the scores are their mean."""
    sample = keras.Input((2,))
    outputs = [
        keras.layers.Dense(
            1, kernel_initializer="zeros", bias_initializer=constant
        )(sample)
        for constant in (
            keras.initializers.Constant(1.0),
            keras.initializers.Constant(3.0),
        )
    ]
    discriminator = keras.Model(sample, outputs)
    generator = of_shape((2,))[0]
    gan = game(
        (generator, discriminator),
        0.0,
        d_loss="least_squares",
        run_eagerly=True,
    )
    history = train(gan, X)
    # 0.5 (1 - 1)^2 + 0.5 1^2, and 0.5 (3 - 1)^2 + 0.5 3^2.
    assert history["d_loss"] == [0.5 + 2.0 + 4.5]
    assert history["g_loss"] == [0.0 + 2.0]
    assert history["real_output"] == [2.0]
    assert history["d_accuracy"] == [0.5]
