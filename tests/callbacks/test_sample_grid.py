import builtins
import importlib.util
import types

import keras
import numpy as np
import pytest

from keras_ganloss.callbacks import SampleGrid
from keras_ganloss.callbacks import tile
from keras_ganloss.utils.images import to_pixels

Image = pytest.importorskip("PIL.Image")


class Stub:
    """Stands in for a GAN: images that say which one they are."""

    def __init__(self, images):
        self.images = images
        self.calls = []

    def generate(self, num, condition=None, seed=None):
        self.calls.append((num, condition, seed))
        return self.images[:num]


def run(callback, model, epochs=1):
    callback.set_model(model)
    callback.on_train_begin()
    for epoch in range(epochs):
        callback.on_epoch_end(epoch, {})
    callback.on_train_end()


def read(path):
    return np.asarray(Image.open(path))


def test_pixels_of_the_file(tmp_path):
    # One pixel each: black, middle, white, white.
    model = Stub(np.array([-1.0, 0.0, 1.0, 1.0]).reshape(4, 1, 1, 1))
    callback = SampleGrid(tmp_path, num=4, columns=2, seed=5)
    run(callback, model, epochs=2)
    assert callback.value_range == (-1, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "epoch_0001.png",
        "epoch_0002.png",
    ]
    expected = [[0, 128], [255, 255]]
    assert read(tmp_path / "epoch_0002.png").tolist() == expected
    assert set(model.calls) == {(4, None, 5)}


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_channels(tmp_path, channels):
    images = np.random.default_rng(0).uniform(size=(6, 2, 3, channels))
    callback = SampleGrid(tmp_path, num=6, columns=3)
    run(callback, Stub(images))
    assert callback.value_range == (0, 1)
    picture = read(tmp_path / "epoch_0001.png").reshape(4, 9, channels)
    np.testing.assert_array_equal(
        picture, tile(to_pixels(images, (0, 1)), columns=3)
    )


def test_channels_first(tmp_path):
    keras.config.set_image_data_format("channels_first")
    try:
        images = np.random.default_rng(0).uniform(size=(2, 3, 4, 5))
        run(SampleGrid(tmp_path, num=2, columns=2), Stub(images))
    finally:
        keras.config.set_image_data_format("channels_last")
    assert read(tmp_path / "epoch_0001.png").shape == (4, 10, 3)


def test_every_other_epoch(tmp_path):
    run(
        SampleGrid(tmp_path, num=1, columns=1, every=2),
        Stub(np.zeros((1, 1, 1, 1))),
        epochs=5,
    )
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["epoch_0002.png", "epoch_0004.png"]


def test_tensorboard_has_the_same_picture(tmp_path):
    loader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_file_loader"
    )
    images = np.random.default_rng(0).uniform(size=(2, 3, 4, 1))
    logs = tmp_path / "logs"
    callback = SampleGrid(tmp_path / "grid", num=2, columns=2, tensorboard=logs)
    run(callback, Stub(images), epochs=2)
    (path,) = logs.iterdir()
    events = loader.LegacyEventFileLoader(str(path)).Load()
    shown = [
        (event.step, value.tag, value.image)
        for event in events
        for value in event.summary.value
    ]
    assert [(step, tag) for step, tag, _ in shown] == [
        (1, "samples"),
        (2, "samples"),
    ]
    image = shown[1][2]
    assert (image.height, image.width, image.colorspace) == (3, 8, 1)
    png = (tmp_path / "grid" / "epoch_0002.png").read_bytes()
    assert image.encoded_image_string == png


def test_tensorboard_without_tensorflow(tmp_path, monkeypatch):
    # The package's own import of TensorFlow is not counted: it is its own.
    imported = []
    original = builtins.__import__

    def watch(name, globals=None, *args, **kwargs):
        importer = (globals or {}).get("__name__", "")
        if name.split(".")[0] == "tensorflow" and "keras_ganloss" in importer:
            imported.append(importer)
        return original(name, globals, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", watch)
    pytest.importorskip("tensorboard")
    callback = SampleGrid(tmp_path, num=1, columns=1, tensorboard=tmp_path)
    run(callback, Stub(np.zeros((1, 1, 1, 1))))
    assert not imported


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"num": 10}, "num=10, columns=8"),
        ({"columns": 0}, "num=64, columns=0"),
        ({"num": 0}, "num=0"),
        ({"condition": np.zeros(3)}, r"len\(condition\)=3, num=64"),
        ({"value_range": (1, 1)}, r"value_range=\(1, 1\)"),
        ({"value_range": (0, 1, 2)}, "pair"),
        ({"value_range": 1}, "value_range=1"),
        ({"value_range": (0, np.inf)}, "finite"),
        ({"every": 0}, "every=0"),
    ],
)
def test_errors(tmp_path, arguments, message):
    with pytest.raises(ValueError, match=message):
        SampleGrid(tmp_path, **arguments)


@pytest.mark.parametrize("shape", [(64, 8), (64, 4, 4), (64, 4, 4, 2)])
def test_samples_that_are_no_images(tmp_path, shape):
    callback = SampleGrid(tmp_path)
    callback.set_model(Stub(np.zeros(shape)))
    with pytest.raises(ValueError, match="samples of shape"):
        callback.on_train_begin()


def test_model_that_cannot_generate(tmp_path):
    callback = SampleGrid(tmp_path)
    callback.set_model(types.SimpleNamespace())
    with pytest.raises(ValueError, match="`generate"):
        callback.on_train_begin()


def test_missing_package(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"keras-ganloss\[examples\]"):
        SampleGrid(tmp_path)


def test_a_row_for_each_label(tmp_path):
    from keras_ganloss.models import GAN

    latent, label = keras.Input((2,)), keras.Input((), dtype="int32")
    # The picture of label n is n / 2 everywhere, whatever the latent.
    shade = keras.layers.Embedding(
        3,
        1,
        embeddings_initializer=lambda shape, dtype: (
            keras.ops.arange(3, dtype=dtype)[:, None] / 2
        ),
    )(label)
    zero = keras.layers.Dense(1, kernel_initializer="zeros")(latent)
    image = keras.layers.Reshape((1, 1, 1))(keras.layers.Add()([shade, zero]))
    generator = keras.Model([latent, label], image)
    sample, label = keras.Input((1, 1, 1)), keras.Input((), dtype="int32")
    judged = keras.layers.Concatenate()(
        [keras.layers.Flatten()(sample), keras.layers.Embedding(3, 1)(label)]
    )
    discriminator = keras.Model([sample, label], keras.layers.Dense(1)(judged))
    gan = GAN(generator, discriminator, seed=0)
    gan.compile(
        d_optimizer=keras.optimizers.SGD(0.0),
        g_optimizer=keras.optimizers.SGD(0.0),
    )
    grid = SampleGrid(
        tmp_path, num=6, columns=2, condition=np.repeat(np.arange(3), 2)
    )
    images = np.zeros((4, 1, 1, 1), "float32")
    gan.fit(images, np.zeros(4, "int32"), verbose=0, callbacks=[grid])
    expected = [[0, 0], [128, 128], [255, 255]]
    assert read(tmp_path / "epoch_0001.png").tolist() == expected
