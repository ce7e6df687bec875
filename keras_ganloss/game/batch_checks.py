"""Batches that are too small for what a game is compiled with."""

import types
import warnings
from typing import Any

import keras

from keras_ganloss.backend import tf_data
from keras_ganloss.game.range_checks import with_first

BATCH_SIZE = 32  # The default of `fit`.


def with_checked_size(game: Any, x: Any, batch_size: int | None) -> Any:
    """Warns if the first batch has one sample, and a game needs several.

    What is read of a source that can be read once alone is passed on.

    Args:
        game: A compiled `Game`.
        x, batch_size: What `fit` got.

    Returns:
        `x`, or what `fit` is to get in its place.
    """
    if not _reasons(game):
        return x

    def look(size):
        if size == 1:
            _warn(game)

    if hasattr(x, "enumerate"):  # A `tf.data.Dataset`.
        return tf_data.with_size(x, look)
    if isinstance(x, types.GeneratorType):
        batch = next(x, None)
        if batch is not None:
            look(_size(batch))
            x = with_first(batch, x)
    elif isinstance(x, keras.utils.PyDataset):
        look(_size(x[0]))
    elif hasattr(x, "batch_size"):  # A `DataLoader` of torch.
        look(x.batch_size)
    else:
        size = _size(x)
        look(size and min(size, batch_size or BATCH_SIZE))
    return x


def check_batch(game: Any, batch: Any) -> None:
    """Warns if a batch of arrays has one sample, and a game needs several."""
    if _reasons(game) and _size(batch) == 1:
        _warn(game)


def _size(batch):
    """Returns how many samples there are, or `None`."""
    shapes = [getattr(x, "shape", ()) for x in keras.tree.flatten(batch)]
    return next((int(shape[0]) for shape in shapes if len(shape)), None)


def _reasons(game):
    if not game.compiled or game.batch_is_checked:
        return set()
    return {one.needs_several for one in game.components} - {""}


def _warn(game):
    reasons = _reasons(game)
    if not reasons:
        return
    game.batch_is_checked = True
    warnings.warn(
        f"The batches have one sample: {'; '.join(sorted(reasons))}. Choose a "
        "larger `batch_size`; or, for a hinge loss, gather gradients over "
        "several batches (`gradient_accumulation_steps` of the optimizers) or "
        "take another loss, such as 'modified_minimax'. Received: a first "
        f"batch of one sample, d_loss={game.d_loss.name!r}",
        stacklevel=5,
    )
