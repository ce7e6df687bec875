"""The page about distances: what its blocks leave behind."""

import numpy as np

from tests.helpers import page_blocks

PAGE = "how-to/distances.md"


def after(name):
    return page_blocks.run(PAGE)[name]


def test_plain():
    assert np.isfinite(after("plain")["vocoder"].history.history["loss"]).all()


def test_metric_sees_what_the_loss_sees():
    logs = after("learned")["model"].history.history
    np.testing.assert_allclose(
        logs["perceptual_distance"], logs["supervised"], rtol=1e-4
    )


def test_keras_vgg():
    loss = after("vgg")["vgg_distance"]
    images = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3))
    assert float(loss(images, images)) == 0.0
    assert float(loss(images, images[::-1])) > 0.01
