"""The page about the learned loss: its blocks run."""

import keras
import numpy as np
import pytest
from keras import layers

from tests.helpers import page_blocks as blocks

PAGE = "how-to/learned_loss.md"
SHAPE = (8, 8, 1)


def unet():
    image = keras.Input(SHAPE)
    hidden = layers.Conv2D(4, 3, padding="same", activation="relu")(image)
    return keras.Model(image, layers.Conv2D(1, 3, padding="same")(hidden))


def segmenter():
    image = keras.Input(SHAPE)
    return keras.Model(
        image, layers.Conv2D(3, 3, padding="same", activation="softmax")(image)
    )


def discriminator(channels=1):
    answer, image = keras.Input((*SHAPE[:2], channels)), keras.Input(SHAPE)
    hidden = layers.Concatenate()([answer, image])
    hidden = layers.Conv2D(4, 3, 2, "same", name="edges")(hidden)
    hidden = layers.Conv2D(4, 3, 2, "same", name="parts")(hidden)
    return keras.Model([answer, image], layers.Conv2D(1, 1)(hidden))


def scope():
    """What the blocks take for granted, at toy size."""
    random = np.random.default_rng(0)
    trained = keras.Sequential(
        [keras.Input(SHAPE), layers.Conv2D(4, 3, name="edges")]
    )
    return {
        "keras": keras,
        "np": np,
        "inputs": random.normal(size=(16, *SHAPE)).astype("float32"),
        "targets": random.normal(size=(16, *SHAPE)).astype("float32"),
        "images": random.normal(size=(16, *SHAPE)).astype("float32"),
        "label_maps": random.integers(0, 3, size=(16, *SHAPE[:2])),
        "segmenter": segmenter(),
        "unet": unet(),
        "discriminator": discriminator(),
        "trained": trained,
    }


def run(name):
    """Runs a block, with the imports of those before it; returns its names."""
    names = scope()
    if name == "labels":
        names["discriminator"] = discriminator(channels=3)
    exec("from keras_ganloss import SupervisedGAN", names)
    exec(blocks.named_blocks(PAGE)[name], names)
    return names


TRAINED = [
    "learned",
    "labels",
    "fixed",
    "scheduled",
    "ratio",
    "from_compiled",
    "features",
]


@pytest.mark.parametrize("name", TRAINED)
def test_block_trains(name):
    if name == "labels" and keras.backend.backend() == "torch":
        pytest.skip("Keras cannot differentiate this loss of maps on torch")
    names = run(name)
    model = names["model"]
    for key, values in model.history.history.items():
        assert np.isfinite(values).all(), key
    assert int(model.d_optimizer.iterations.value) == 1
    assert ("supervised" in model.history.history) == (name != "learned")


def test_every_block_is_run():
    assert set(blocks.named_blocks(PAGE)) == {"averages", *TRAINED}


def test_averages_are_what_the_page_says():
    names = run("averages")
    assert names["mean"] == pytest.approx(0.4)
    assert names["median"] == 0.0


def test_scheduled_weight_is_off_for_a_thousand_steps():
    weight = run("scheduled")["weight"]
    assert [float(weight(step)) for step in (0, 1000)] == [0.0, 0.0]
    assert float(weight(1001)) == pytest.approx(0.01)


def test_the_balance_is_in_the_logs():
    assert run("ratio")["history"].history["adversarial_weight"][0] > 0.0
