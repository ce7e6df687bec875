"""Some samples of a batch, at random."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.utils.shapes import batch_size
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


def chosen(probability: Any, samples: Nest, seed_generator: Any) -> Tensor:
    """Draws which samples of a batch are chosen.

    Args:
        probability: Scalar.
        samples: A tensor or a nest of tensors of shape `(batch_size, ...)`.
        seed_generator: A `keras.random.SeedGenerator`.

    Returns:
        Bool tensor of shape `(batch_size,)`.
    """
    num = batch_size(samples)
    draw = keras.random.uniform((num,), dtype="float32", seed=seed_generator)
    return draw < probability


def where_chosen(mask: Tensor, samples: Nest, others: Nest) -> Nest:
    """Returns `samples` where a mask of shape `(batch_size,)` is true.

    Args:
        mask: Bool tensor.
        samples: A tensor or a nest of tensors of shape `(batch_size, ...)`.
        others: Likewise.
    """

    def choose(sample, other):
        shape = (-1,) + (1,) * (len(sample.shape) - 1)
        return ops.where(ops.reshape(mask, shape), sample, other)

    return keras.tree.map_structure(choose, samples, others)
