"""Every ready network at toy size, with and without a condition."""

import functools

import keras
import numpy as np

from keras_ganloss import layers
from keras_ganloss import networks

SIGNAL = (64, 1)
IMAGE = (16, 16, 3)


def trunk():
    """A frozen network from images of 16 pixels to three maps."""
    images = x = keras.Input(IMAGE)
    maps = []
    for filters in (2, 3, 4):
        x = keras.layers.Conv2D(
            filters, 3, 2, "same", "channels_last", activation="tanh"
        )(x)
        x = keras.layers.Dropout(0.5)(x)
        maps.append(x)
    network = keras.Model(images, maps, name="trunk")
    network.trainable = False
    return network


def patch(shape, **kwargs):
    """Without batch normalization, whose samples are not by themselves."""
    kwargs = {"normalization": layers.InstanceNormalization, **kwargs}
    return networks.PatchDiscriminator(shape, 2, 1, **kwargs)


def ensemble(shape, condition_shape=None):
    parts = {
        "mpd": networks.PeriodDiscriminator(
            shape, (2, 3), 1, condition_shape=condition_shape
        ),
        "patch": patch(shape, condition_shape=condition_shape),
    }
    return networks.Ensemble(parts)


# Name to a function of `condition_shape`, and the shapes of a sample and of a
# condition.
CASES = {
    "Ensemble": (functools.partial(ensemble, SIGNAL), SIGNAL, SIGNAL),
    "MultiScale": (
        functools.partial(networks.MultiScale, patch, IMAGE, 2),
        IMAGE,
        (8, 8, 1),
    ),
    "PatchDiscriminator": (
        functools.partial(networks.PatchDiscriminator, IMAGE, 2, 1),
        IMAGE,
        IMAGE,
    ),
    "PeriodDiscriminator": (
        functools.partial(networks.PeriodDiscriminator, SIGNAL, (2, 3), 1),
        SIGNAL,
        (4, 3),
    ),
    "ProjectedDiscriminator": (
        lambda condition_shape=None: networks.ProjectedDiscriminator(
            (20, 20, 3), trunk(), 2, condition_shape=condition_shape
        ),
        (20, 20, 3),
        (5,),
    ),
    "ResidualDiscriminator": (
        functools.partial(networks.ResidualDiscriminator, IMAGE, 2, 4),
        IMAGE,
        (5,),
    ),
    "ScaleDiscriminator": (
        functools.partial(networks.ScaleDiscriminator, SIGNAL, 1, 16),
        SIGNAL,
        SIGNAL,
    ),
    "SpectrogramDiscriminator": (
        functools.partial(
            networks.SpectrogramDiscriminator,
            SIGNAL,
            (16, 32),
            (0.0, 0.5, 1.0),
            (1, 2),
            2,
        ),
        SIGNAL,
        SIGNAL,
    ),
    "UNetDiscriminator": (
        functools.partial(networks.UNetDiscriminator, IMAGE, 2, 2),
        IMAGE,
        (5,),
    ),
}


def make(name, is_conditional=False):
    """Returns a network and what it is called on, four samples."""
    function, shape, condition_shape = CASES[name]
    generator = np.random.default_rng(0)

    def draw(shape):
        return generator.normal(size=(4, *shape)).astype("float32")

    if not is_conditional:
        return function(), draw(shape)
    network = function(condition_shape=condition_shape)
    return network, [draw(shape), draw(condition_shape)]
