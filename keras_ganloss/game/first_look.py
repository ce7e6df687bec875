"""The first batch of what `fit` gets, checked as it is read."""

import types
from typing import Any

import keras

from keras_ganloss.backend import tf_data
from keras_ganloss.game.batch_checks import check_size
from keras_ganloss.game.batch_checks import reasons
from keras_ganloss.game.range_checks import check_range
from keras_ganloss.game.range_checks import is_bounded

BATCH_SIZE = 32  # The default of `fit`.


def checked(game: Any, x: Any, y: Any, batch_size: int | None) -> Any:
    """Returns data whose first batch is checked when it is read.

    No batch is read that is not passed on, but for the first of a
    `PyDataset`, which is known by its index.

    Args:
        game: A `Game`.
        x, y, batch_size: What `fit` got.

    Returns:
        `x`, or what `fit` is to get in its place.
    """
    if not reasons(game) and not is_bounded(game):
        return x
    seen = []

    def look(batch):
        if not seen:
            seen.append(True)
            check_size(game, batch)
            check_range(game, batch)
        return batch

    leaves = keras.tree.flatten((x, y))
    kind = type(x)
    if all(leaf is None or hasattr(leaf, "shape") for leaf in leaves):
        rows = slice(batch_size or BATCH_SIZE)
        look(
            keras.tree.map_structure(
                lambda leaf: leaf if leaf is None else leaf[rows], (x, y)
            )
        )
    elif isinstance(x, keras.utils.PyDataset):
        look(x[0])
    elif isinstance(x, types.GeneratorType):
        return (look(batch) for batch in x)
    elif hasattr(x, "enumerate"):  # A `tf.data.Dataset`.
        return tf_data.with_look(x, look)
    elif hasattr(x, "map"):  # A data set of grain.
        return x.map(look)
    elif "DataLoader" in [base.__name__ for base in kind.__mro__]:
        # Of torch or of grain, and Keras asks which; its state is shared.
        passes = {"__iter__": lambda self: map(look, kind.__iter__(self))}
        twin = object.__new__(type(kind.__name__, (kind,), passes))
        twin.__dict__ = x.__dict__
        return twin
    return x
