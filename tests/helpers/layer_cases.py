"""One of every layer, and what to call it on."""

import keras
import numpy as np

from keras_ganloss import layers

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.normal(size=(4, 5, 5, 4))
VECTORS = GENERATOR.normal(size=(6, 8))
CLASSES = np.array([0, 2, 1, 2, 0, 0], "int32")
SIGNALS = GENERATOR.normal(size=(3, 10, 2))

# Name to a function of the dtype policy, and the inputs.
CASES = {
    "batch_normalization": (
        lambda dtype: layers.BatchNormalization(dtype=dtype),
        [IMAGES],
    ),
    "blur_pooling": (
        lambda dtype: layers.BlurPooling(dtype=dtype),
        [IMAGES],
    ),
    "conditional_batch_normalization": (
        lambda dtype: layers.ConditionalBatchNormalization(3, dtype=dtype),
        [IMAGES, CLASSES[:4]],
    ),
    "equalized_learning_rate": (
        lambda dtype: layers.EqualizedLearningRate(
            keras.layers.Conv2D(3, 3, activation="tanh", dtype=dtype),
            learning_rate_multiplier=0.5,
        ),
        [IMAGES],
    ),
    "fold_period": (
        lambda dtype: layers.FoldPeriod(3, dtype=dtype),
        [SIGNALS],
    ),
    "group_normalization": (
        lambda dtype: layers.GroupNormalization(2, dtype=dtype),
        [IMAGES],
    ),
    "instance_normalization": (
        lambda dtype: layers.InstanceNormalization(dtype=dtype),
        [IMAGES],
    ),
    "layer_normalization": (
        lambda dtype: layers.LayerNormalization(dtype=dtype),
        [VECTORS],
    ),
    "minibatch_discrimination": (
        lambda dtype: layers.MinibatchDiscrimination(3, 2, dtype=dtype),
        [VECTORS / 5],
    ),
    "minibatch_standard_deviation": (
        lambda dtype: layers.MinibatchStandardDeviation(3, 2, dtype=dtype),
        [IMAGES],
    ),
    "pixel_normalization": (
        lambda dtype: layers.PixelNormalization(dtype=dtype),
        [IMAGES],
    ),
    "projection": (
        lambda dtype: layers.Projection(3, dtype=dtype),
        [VECTORS, CLASSES],
    ),
    "reference_batch": (
        lambda dtype: layers.ReferenceBatch(VECTORS[:3], dtype=dtype),
        [VECTORS],
    ),
    "resizing": (
        lambda dtype: layers.Resizing(7, 3, dtype=dtype),
        [IMAGES],
    ),
    "reverse_gradient": (
        lambda dtype: layers.ReverseGradient(0.5, dtype=dtype),
        [IMAGES],
    ),
    "spectral_normalization": (
        lambda dtype: layers.SpectralNormalization(
            keras.layers.Dense(3, activation="tanh", dtype=dtype),
            power_iterations=30,
        ),
        [VECTORS],
    ),
    "spectrogram": (
        lambda dtype: layers.Spectrogram(4, 2, dtype=dtype),
        [SIGNALS],
    ),
    "virtual_batch_normalization": (
        lambda dtype: layers.VirtualBatchNormalization(dtype=dtype),
        [IMAGES, IMAGES[:3] + 1.0],
    ),
    "weight_normalization": (
        lambda dtype: layers.WeightNormalization(
            keras.layers.Conv2D(3, 3, activation="tanh", dtype=dtype),
        ),
        [IMAGES],
    ),
}


def make(name, dtype="float32"):
    """Returns a layer and its inputs, a list of arrays."""
    layer, arrays = CASES[name]
    return layer(dtype), arrays


def merged(arrays):
    """What a layer is called on: the list, or its only entry."""
    return arrays if len(arrays) > 1 else arrays[0]


def float32(arrays):
    return [
        array.astype("float32") if array.dtype == "float64" else array
        for array in arrays
    ]
