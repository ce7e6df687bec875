"""Data that the last activation of a generator cannot make."""

import types
import warnings
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from keras_ganloss import backend
from keras_ganloss.backend import tf_data
from keras_ganloss.utils.typing import Nest

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
NUM_LOADED = 8


def with_checked_range(game: Any, x: Nest, y: Nest) -> Any:
    """Warns if a generator cannot make what the first batch holds.

    Whatever is read of a source that can be read once alone is passed on, and
    no source is read for a second time.

    Args:
        game: A game with `made_of`.
        x, y: What `fit` got.

    Returns:
        `x`, or what `fit` is to get in its place.
    """
    activations = {
        role: activation
        for role in game.made_of(x, y)
        if (activation := last_activation(getattr(game, role))) in RANGES
    }
    if not activations:
        return x  # And nothing was read.

    def samples_of(batch):
        parts = keras.utils.unpack_x_y_sample_weight(batch)
        found = {}
        for role, samples in game.made_of(*parts[:2]).items():
            leaves = keras.tree.flatten(samples)
            rank = len(getattr(game, role).output_shape)
            if role in activations and len(leaves) == 1:
                if len(np.shape(leaves[0])) == rank:
                    found[role] = leaves[0]
        return found

    def look(extremes):
        for role, (low, high) in extremes.items():
            _warn(role, activations[role], low, high)

    if hasattr(x, "enumerate"):  # A `tf.data.Dataset`.
        return tf_data.with_look(x, samples_of, look)
    batch = None
    if isinstance(x, types.GeneratorType):
        batch = next(x, None)
        x = x if batch is None else with_first(batch, x)
    elif isinstance(x, keras.utils.PyDataset):
        batch = x[0]
    elif hasattr(x, "collate_fn"):
        batch = _batch_of_loader(x)
    else:
        leaves = keras.tree.flatten([x, y])
        if all(leaf is None or hasattr(leaf, "shape") for leaf in leaves):
            batch = keras.tree.map_structure(
                lambda leaf: leaf if leaf is None else leaf[:NUM_ROWS], (x, y)
            )
    if batch is not None:
        arrays = keras.tree.map_structure(
            keras.ops.convert_to_numpy, samples_of(batch)
        )
        look({role: _extremes(array) for role, array in arrays.items()})
    return x


def _extremes(array):
    return float(array.min()), float(array.max())


def with_first(batch: Any, others: Nest) -> Iterator[Any]:
    """Yields a batch that was read, and the others."""
    yield batch
    yield from others


def _batch_of_loader(loader):
    """Returns samples of a `DataLoader` of torch, by their index.

    A pass over it would draw from what shuffles; a stream is left alone.
    """
    try:
        indices = range(min(len(loader.dataset), NUM_LOADED))
        with backend.random_state_kept():
            return loader.collate_fn([loader.dataset[i] for i in indices])
    except (NotImplementedError, TypeError):
        return None


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
