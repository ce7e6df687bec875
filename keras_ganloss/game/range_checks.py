"""Data that the last activation of a generator cannot make."""

import warnings

import keras
import numpy as np

RANGES = {
    "tanh": (-1.0, 1.0),
    "hard_tanh": (-1.0, 1.0),
    "soft_sign": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "relu": (0.0, np.inf),
    "relu6": (0.0, 6.0),
    "softplus": (0.0, np.inf),
}
# They move values, and change none.
MOVERS = (
    keras.layers.Cropping1D,
    keras.layers.Cropping2D,
    keras.layers.Dropout,
    keras.layers.Flatten,
    keras.layers.Identity,
    keras.layers.Permute,
    keras.layers.Reshape,
    keras.layers.UpSampling1D,
    keras.layers.UpSampling2D,
)
SLACK = 0.1
NUM_ROWS = 64


def warn_of_range(game, x, y):
    """Warns if a generator cannot make what the first batch holds.

    A source that can be read once alone is not looked at.

    Args:
        game: A game with `made_of`.
        x, y: What `fit` got.
    """
    activations = {
        role: last_activation(getattr(game, role))
        for role in game.made_of(x, y)
    }
    if not set(activations.values()) & set(RANGES):
        return  # And nothing was read.
    batch = first_batch(x, y)
    if batch is None:
        return
    for role, samples in game.made_of(*batch).items():
        activation = activations[role]
        samples = keras.tree.flatten(samples)
        if activation not in RANGES or len(samples) != 1:
            continue
        values = keras.ops.convert_to_numpy(samples[0])
        if values.ndim == len(getattr(game, role).output_shape):
            _warn(role, activation, float(values.min()), float(values.max()))


def first_batch(x, y):
    """Returns `(x, y)` of some samples, or `None` where a look would take.

    Args:
        x, y: What `fit` got.
    """
    if isinstance(x, keras.utils.PyDataset):
        x, y, _ = keras.utils.unpack_x_y_sample_weight(x[0])
        return x, y
    if hasattr(x, "cardinality"):
        # Of unknown size are those that may be read once alone.
        known = x.take(1) if int(x.cardinality()) >= -1 else ()
        for batch in known:
            return keras.utils.unpack_x_y_sample_weight(batch)[:2]
        return None
    leaves = keras.tree.flatten([x, y])
    if not all(leaf is None or hasattr(leaf, "shape") for leaf in leaves):
        return None
    return keras.tree.map_structure(
        lambda leaf: leaf if leaf is None else leaf[:NUM_ROWS], (x, y)
    )


def last_activation(network):
    """Returns the name of what a network ends in, `None` if nobody tells."""
    if not getattr(network, "outputs", None):
        return None
    for layer in reversed(getattr(network, "operations", network.layers)):
        if isinstance(layer, keras.Model):
            return last_activation(layer)
        if not isinstance(layer, MOVERS):
            activation = getattr(layer, "activation", type(layer))
            return getattr(activation, "__name__", "").lower()
    return None


def _warn(role, activation, low, high):
    least, most = RANGES[activation]
    beyond = low < least - SLACK or high > most + SLACK
    half = least < 0.0 <= low and high > 0.5 * most
    if not beyond and not half:
        return
    fault = "half of it is never needed"
    if beyond:
        fault = "it cannot make such samples"
    warnings.warn(
        f"The range of the data is not that of `{role}`, which ends in "
        f"{activation!r}: {fault}. "
        f"Scale the data, such as {_advice(least, low, high)}, or leave the "
        f"last activation out. Received: data in [{low:g}, {high:g}], "
        f"{activation} in [{least:g}, {most:g}]",
        stacklevel=4,
    )


def _advice(least, low, high):
    if least < 0.0:
        if low >= 0.0 and high <= 1.0:
            return "`2 * x - 1`"
        return "`x / 127.5 - 1` for bytes"
    if low < -SLACK and low >= -1.0 - SLACK and high <= 1.0 + SLACK:
        return "`(x + 1) / 2`"
    return "`x / 255` for bytes"
