"""Batches that are too small for what a game is compiled with."""

import warnings
from typing import Any

import keras


def check_size(game: Any, batch: Any) -> None:
    """Warns if a batch has one sample, and a game needs several.

    Args:
        game: A `Game`.
        batch: A nest of arrays or tensors.
    """
    found = reasons(game)
    if not found or _size(batch) != 1:
        return
    game.batch_is_checked = True
    warnings.warn(
        f"The batches have one sample: {'; '.join(sorted(found))}. Choose a "
        "larger `batch_size`; or, for a hinge loss, gather gradients over "
        "several batches (`gradient_accumulation_steps` of the optimizers) or "
        "take another loss, such as 'modified_minimax'. Received: a first "
        f"batch of one sample, d_loss={game.d_loss.name!r}",
        stacklevel=5,
    )


def reasons(game: Any) -> set[str]:
    """Returns why a game needs several samples a batch, if that is unsaid."""
    if not game.compiled or game.batch_is_checked:
        return set()
    return {one.needs_several for one in game.components} - {""}


def _size(batch):
    """Returns how many samples there are, or `None`."""
    shapes: list[Any] = [
        getattr(x, "shape", ()) for x in keras.tree.flatten(batch)
    ]
    return next((int(shape[0]) for shape in shapes if len(shape)), None)
