"""The page about distances: its blocks run."""

import keras
import numpy as np
from keras import layers

from tests.helpers import page_blocks as blocks
from tests.helpers.distance_cases import conv_network
from tests.helpers.distance_cases import discriminator

PAGE = "how-to/distances.md"


def run(name, **names):
    """Runs a block after the first one's imports; returns its names."""
    exec("import keras\nfrom keras_ganloss import distances", names)
    exec(blocks.named_blocks(PAGE)[name], names)
    return names


def test_every_block_is_run():
    assert set(blocks.named_blocks(PAGE)) == {"plain", "learned", "vgg"}


def test_plain():
    vocoder = keras.Sequential(
        [keras.Input((8, 5)), layers.Dense(64), layers.Reshape((512,))]
    )
    random = np.random.default_rng(0)
    run(
        "plain",
        vocoder=vocoder,
        spectra=random.normal(size=(4, 8, 5)),
        signals=random.normal(size=(4, 512)),
    )
    assert np.isfinite(vocoder.history.history["loss"]).all()


def test_learned():
    shape = (8, 8, 3)
    names = run(
        "learned",
        autoencoder=keras.Sequential([keras.Input(shape), layers.Dense(3)]),
        discriminator=discriminator(shape),
        network=conv_network(),
        images=np.random.default_rng(0).normal(size=(4, *shape)),
    )
    logs = names["model"].history.history
    # The metric sees what the loss sees.
    np.testing.assert_allclose(
        logs["perceptual_distance"], logs["supervised"], rtol=1e-4
    )


def test_keras_vgg():
    loss = run("vgg", weights=None)["vgg_distance"]
    images = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3))
    assert float(loss(images, images)) == 0.0
    assert float(loss(images, images[::-1])) > 0.01
