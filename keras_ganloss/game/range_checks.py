"""Data that the last activation of a generator cannot make."""

import warnings
from typing import Any

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


def is_bounded(game: Any) -> bool:
    """Whether the range of what a generator makes is still to be compared."""
    return not game.range_is_checked and any(
        last_activation(network) in RANGES for network in game.g_networks
    )


def check_range(game: Any, batch: Any) -> None:
    """Warns, in the first batch, of what a generator cannot make.

    Args:
        game: A `Game` with `made_of`.
        batch: A batch as `fit` takes it, of arrays or tensors.
    """
    if game.range_is_checked:
        return
    game.range_is_checked = True
    x, y, _ = keras.utils.unpack_x_y_sample_weight(batch)
    for role, samples in game.made_of(x, y).items():
        network, leaves = getattr(game, role), keras.tree.flatten(samples)
        activation = last_activation(network)
        if activation not in RANGES or len(leaves) != 1:
            continue
        if len(np.shape(leaves[0])) == len(network.output_shape):
            _warn(role, activation, keras.ops.convert_to_numpy(leaves[0]))


def last_activation(network: keras.Model) -> str | None:
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


def _warn(role, activation, values):
    low, high = float(values.min()), float(values.max())
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
