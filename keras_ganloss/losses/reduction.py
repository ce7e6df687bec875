"""Reduction of the values of a loss to the scalar of a step."""

from typing import Any

from keras import ops

from keras_ganloss import backend
from keras_ganloss.utils.typing import Tensor


def reduce(
    values: Tensor, reduction: str | None, sample_weight: Any = None
) -> Tensor:
    """Returns a scalar.

    Args:
        values: Tensor of shape `(batch_size, ...)`, or a scalar that a loss
            function has reduced by itself.
        reduction: A reduction of `keras.losses.Loss`, other than `None`.
        sample_weight: Optional tensor of shape `(batch_size,)`, or of any
            shape that broadcasts to `values` from the left.

    Raises:
        ValueError: If weights meet a value that is already reduced.
    """
    if sample_weight is None:
        if reduction == "sum":
            return backend.divide_by_share(ops.sum(values))
        return ops.mean(values)
    rank = len(values.shape)
    if rank == 0:
        raise ValueError(
            "`sample_weight` needs a loss with one value a sample. Return "
            "the unreduced values from your loss function, or leave the "
            "weights out. Received: a scalar loss"
        )
    missing = (1,) * (rank - len(sample_weight.shape))
    shape = tuple(ops.shape(sample_weight)) + missing
    weights = ops.broadcast_to(
        ops.reshape(sample_weight, shape[:rank]), ops.shape(values)
    )
    total = ops.sum(values * weights)
    if reduction == "sum":
        return backend.divide_by_share(total)
    if reduction == "mean_with_sample_weight":
        return ops.divide_no_nan(
            backend.divide_by_share(total),
            backend.sum_over_replicas(ops.sum(weights)),
        )
    return total / ops.cast(ops.size(values), values.dtype)
