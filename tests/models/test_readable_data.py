"""Data that nobody could train on: a sentence, before a weight moves."""

import keras
import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from keras_ganloss import GAN
from keras_ganloss import CycleGAN
from keras_ganloss import SupervisedGAN
from tests.helpers import limits
from tests.helpers.networks import LATENT
from tests.helpers.networks import conditional
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import game
from tests.helpers.networks import labelled
from tests.helpers.networks import labels
from tests.helpers.networks import mlp
from tests.helpers.networks import raises
from tests.helpers.networks import train
from tests.helpers.networks import vectors

X = data(20)
Y = data(20, 3)


@pytest.fixture(scope="module")
def plain():
    return game()


@pytest.fixture(scope="module")
def pair():
    return game(conditional())


@pytest.fixture(scope="module")
def supervised():
    gan = SupervisedGAN(mlp(3, 2), mlp(2, 1), conditional=False)
    gan.compile(loss="mae")
    return gan


def refused(gan, parts, *args, methods=("fit", "evaluate"), **kwargs):
    """Checks that the message is short, and that no weight has moved."""
    before = gan.get_weights()
    for method in methods:
        with pytest.raises(ValueError) as error:
            getattr(gan, method)(*args, verbose=0, **kwargs)
        text = str(error.value)
        assert len(text) < 500 and "Received: " in text
        for part in parts:
            assert part in text, text
    assert equal(gan.get_weights(), before)


def masked():
    return np.ma.masked_greater(X, 1.0)


WRONG = [
    (X.astype("complex64"), ["complex", "np.stack"]),
    (masked(), ["masked", ".filled("]),
    (scipy.sparse.csr_matrix(X), ["sparse", ".toarray()"]),
    (list(np.zeros((3000, 2), "float32")), ["np.stack(", "3000 entries"]),
    ([1.0] * 20, ["np.asarray("]),
    (X.tolist(), ["np.asarray("]),
    (np.array(["cat"] * 20), ["Words"]),
    (np.array([X[0], X[0, :1]] * 10, dtype=object), ["of several sizes"]),
    (X.astype("datetime64[s]"), ["Dates"]),
]
IDS = [
    "complex", "masked", "sparse", "images", "numbers", "nested", "words",
    "ragged", "dates",
]  # fmt: skip


@pytest.mark.parametrize("wrong, parts", WRONG, ids=IDS)
def test_samples(wrong, parts, plain):
    refused(plain, ["`x`", *parts], wrong)
    refused(
        plain,
        ["`validation x`", *parts],
        X,
        validation_data=(wrong,),
        methods=["fit"],
    )


@pytest.mark.parametrize("wrong, parts", WRONG, ids=IDS)
def test_conditions_and_targets(wrong, parts, pair, supervised):
    refused(pair, ["`y`", *parts], X, wrong)
    refused(supervised, ["`y`", *parts], Y, wrong)
    refused(supervised, ["`x`", *parts], wrong, X)


def test_a_mask_that_hides_nothing(plain):
    """JAX takes none at all."""
    array = np.ma.masked_greater(X, 1e9)
    refused(plain, ["masked", ".filled("], array)
    assert "d_loss" in train(plain, array.filled(0.0))  # As it is told.


def test_nothing(plain, supervised):
    for gan in (plain, supervised):
        refused(gan, ["`x` is missing"], None)
        refused(gan, ["`x` is missing"])


def test_lengths_that_differ(pair, supervised):
    refused(pair, ["as many samples", "[20, 17]"], X, Y[:17])
    refused(supervised, ["as many samples"], Y, X[:17])


def test_domains_of_two_sizes():
    gan = CycleGAN(mlp(2, 2), mlp(2, 2), mlp(2, 1), mlp(2, 1))
    gan.compile()
    x, y = X, data(17)
    refused(gan, ["no pairs", "y[np.arange(len(x)) % len(y)]"], x, y)
    y = y[np.arange(len(x)) % len(y)]  # As it is told.
    assert "d_loss" in train(gan, x, y)


def test_tables():
    pandas = pytest.importorskip("pandas")
    gan = game()
    table = pandas.DataFrame(X)
    assert "d_loss" in train(gan, table)
    table.iloc[3, 1] = np.nan
    refused(gan, ["`x` holds NaN", "dropna", "row 3"], table)
    table["name"] = "cat"
    refused(gan, ["columns that are no numbers"], table)


@limits.only("tensorflow", "tf.data feeds other backends likewise")
def test_datasets_of_tensorflow(plain, supervised):
    samples = tf.data.Dataset.from_tensor_slices(X)
    refused(plain, ["dataset.batch(32)"], samples)
    refused(plain, ["dataset.batch(32)"], X, validation_data=samples,
            methods=["fit"])  # fmt: skip
    pairs = tf.data.Dataset.from_tensor_slices((Y, X))
    refused(supervised, ["dataset.batch(32)"], pairs)
    sparse = samples.batch(4).map(tf.sparse.from_dense)
    refused(plain, ["tf.sparse.to_dense"], sparse)
    waves = samples.batch(4).map(lambda x: tf.cast(x, "complex64"))
    refused(plain, ["complex"], waves)
    assert "d_loss" in train(plain, samples.batch(4), batch_size=None)


def words_of(num):
    return np.array(["cat", "dog"])[np.arange(num) % 2]


@limits.only("tensorflow", "words are its tensors alone")
def test_conditions_of_words():
    def network(size, units):
        inputs = keras.Input((size,))
        word = keras.Input((), dtype="string")
        number = keras.layers.StringLookup(vocabulary=["cat", "dog"])(word)
        vector = keras.layers.Embedding(3, 2)(number)
        x = keras.layers.Concatenate()([inputs, vector])
        return keras.Model([inputs, word], keras.layers.Dense(units)(x))

    gan = GAN(network(LATENT, 2), network(2, 1))
    gan.compile()
    refused(gan, ["`y`", "`y.astype(object)`"], X, words_of(20))
    train(gan, X, words_of(20).astype(object))  # As it is told.
    samples = [
        gan.generate(2, condition=condition, seed=0)
        for condition in (
            ["cat", "dog"],
            words_of(2),
            words_of(2).astype(object),
        )
    ]
    assert np.array_equal(samples[0], samples[1])
    assert np.array_equal(samples[0], samples[2])


@pytest.mark.parametrize(
    "condition, what",
    [
        (1j * np.eye(3), "complex"),
        (np.ma.masked_greater(np.eye(3), 0.5), "masked"),
        (np.zeros((3, 3), "datetime64[D]"), "Dates"),
    ],
)
def test_conditions_of_generate(condition, what):
    gan = game(conditional((3,)))
    with raises("`condition` must be a plain array", what):
        gan.generate(3, condition=condition)
    rows = np.eye(3).tolist()
    made = [gan.generate(3, condition=c, seed=1) for c in (rows, np.eye(3))]
    assert equal(*[[one] for one in made])


def test_sparse_conditions_of_generate():
    sparse = pytest.importorskip("scipy.sparse")
    gan = game(conditional((3,)))
    with raises("`condition`", r"`condition.toarray\(\)`"):
        gan.generate(3, condition=sparse.csr_matrix(np.eye(3)))


@pytest.mark.parametrize(
    "values, what",
    [(1j * X, "complex"), (np.ma.masked_greater(X, 0.0), "masked")],
)
def test_batches_by_hand(values, what):
    gan = game()
    before = gan.get_weights()
    with raises("`x` must be a plain array", what):
        gan.train_on_batch(values)
    model = SupervisedGAN(mlp(2, 2), mlp(2, 1), conditional=False)
    model.compile(loss="mae")
    with raises("`y` must be a plain array", what):
        model.train_on_batch(X, y=values)
    assert equal(gan.get_weights(), before)


def test_labels_as_an_array_and_as_a_list():
    gan = game(labelled())
    refused(gan, ["`y` is a list", "np.asarray(y)"], X, labels(20).tolist())
    assert "d_loss" in train(gan, X, np.asarray(labels(20).tolist()))


@pytest.mark.parametrize("suffix", [".h5", ".hdf5"])
def test_a_format_that_holds_no_game(suffix, tmp_path):
    gan = game(ema=0.5)
    path = tmp_path / f"game{suffix}"
    with pytest.raises(ValueError, match=r"`.keras`.*Received: filepath="):
        gan.save(path)
    with pytest.raises(ValueError, match=r"`.keras`.*Received: filepath="):
        gan.save(str(path))
    assert not path.exists()
    gan.save(path.with_suffix(".keras"))
    assert path.with_suffix(".keras").exists()


@pytest.mark.parametrize("compiled", [True, False])
def test_a_format_that_holds_no_game_asked_for_elsewhere(compiled, tmp_path):
    gan = game() if compiled else GAN(*vectors())
    for arguments in ({}, {"include_optimizer": False}):
        with raises("End the path in `.keras`"):
            keras.saving.save_model(gan, tmp_path / "game.h5", **arguments)
    # The networks may be written so.
    keras.saving.save_model(gan.generator, tmp_path / "generator.h5")


@pytest.mark.parametrize("name", ["gan", "gan.tf", "gan.weights", "gan.zip"])
def test_other_ends_of_a_path(name, tmp_path):
    gan, path = GAN(*vectors()), tmp_path / name
    with raises("`.keras`", "`export`"):
        gan.save(path)
    with pytest.raises(ValueError, match="must end in `.weights.h5`"):
        gan.save_weights(path)
    assert not path.exists()


def test_a_folder_may_be_called_anything(tmp_path):
    gan = game()
    gan.save(tmp_path / "gan", zipped=False)
    loaded = keras.saving.load_model(tmp_path / "gan")
    assert equal(gan.get_weights(), loaded.get_weights())


def test_weights_under_another_name(tmp_path):
    gan = game()
    gan.save_weights(tmp_path / "gan.weights.h5")
    other = (tmp_path / "gan.weights.h5").rename(tmp_path / "gan.h5")
    with raises("`.weights.h5`.*rename"):
        gan.load_weights(other)


@limits.only("tensorflow", "the check is the same elsewhere")
def test_a_checkpoint_of_a_format_that_holds_no_game(tmp_path):
    path = tmp_path / "best.h5"
    with pytest.raises(ValueError, match="`.keras`"):
        train(game(), X, callbacks=[keras.callbacks.ModelCheckpoint(path)])
    assert not path.exists()


@pytest.mark.parametrize(
    "batch",
    [(X[:4],) * 4, None, (X[:4], Y[:4]), X[:4].astype("complex64"), X[:4, :1]],
    ids=["four", "none", "pairs", "complex", "size"],
)
def test_generators_that_yield_wrong_things(batch):
    gan = GAN(*vectors())
    gan.compile()

    def batches():
        while True:
            yield batch

    before = gan.get_weights()
    with pytest.raises(Exception) as error:
        gan.fit(batches(), steps_per_epoch=1, verbose=0)
    assert len(str(error.value)) < 600, str(error.value)
    assert equal(gan.get_weights(), before)
