"""A small classifier of clothing and digits, shipped with its weights.

`benchmarks/quality/train_classifier.py` trains it.
"""

import functools
import hashlib
import pathlib

import keras
import numpy as np
from keras import layers

WEIGHTS = pathlib.Path(__file__).parent / "weights" / "fashion_and_digits.npz"
SAMPLE_SHAPE = (28, 28, 1)
NUM_FEATURES = 64

# The ten articles of Fashion-MNIST in its order, then the digits 0 to 9.
NUM_CLASSES = 20


def build_classifier() -> keras.Model:
    """Returns the network, with random weights.

    Returns:
        A `keras.Model` from images `(batch_size, 28, 28, 1)` with values in
        [0, 1] to a list: 64 features, and the logits of 20 classes.
    """
    # In float32 and channels last, whatever Keras is configured for.
    convolution = functools.partial(
        layers.Conv2D,
        kernel_size=3,
        padding="same",
        use_bias=False,
        data_format="channels_last",
        dtype="float32",
    )
    pool = functools.partial(
        layers.MaxPooling2D, data_format="channels_last", dtype="float32"
    )
    images = keras.Input(SAMPLE_SHAPE, dtype="float32")
    outputs = images
    for filters in (24, 48, 64):
        if filters > 24:
            outputs = pool()(outputs)
        outputs = convolution(filters)(outputs)
        outputs = layers.BatchNormalization(dtype="float32")(outputs)
        outputs = layers.ReLU(dtype="float32")(outputs)
    outputs = layers.Flatten(data_format="channels_last", dtype="float32")(
        outputs
    )
    # A third of the outputs of the convolutions is left out, in training.
    outputs = layers.Dropout(0.3, dtype="float32")(outputs)
    features = layers.Dense(
        NUM_FEATURES, "relu", name="features", dtype="float32"
    )(outputs)
    logits = layers.Dense(NUM_CLASSES, name="logits", dtype="float32")(features)
    return keras.Model(images, [features, logits], name="fashion_and_digits")


@functools.cache
def load_classifier() -> keras.Model:
    """Returns the network with the weights of the package."""
    network = build_classifier()
    with np.load(WEIGHTS) as file:
        weights = [file[str(index)] for index in range(len(file))]
    network.set_weights([weight.astype("float32") for weight in weights])
    network.trainable = False
    return network


@functools.cache
def digest() -> str:
    """Returns a digest of the weights, to tell versions of them apart."""
    return hashlib.blake2b(WEIGHTS.read_bytes()).hexdigest()
