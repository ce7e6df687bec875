"""What all replicas of a model must agree on."""

from typing import Any

from keras import ops

from keras_ganloss import backend
from keras_ganloss.utils.typing import Tensor


def share_of_batch() -> Tensor:
    """Returns this replica's share of the global batch, a scalar."""
    return ops.divide_no_nan(1.0, backend.divide_by_share(ops.ones(())))


def global_mean(values: Tensor) -> Tensor:
    """Returns the mean over the global batch of all replicas, a scalar.

    Args:
        values: Tensor of shape `(batch_size, ...)`, this replica's part.
    """
    values = backend.without_padding(values)
    count = ops.cast(ops.size(values), values.dtype)
    return backend.sum_over_replicas(
        ops.sum(values)
    ) / backend.sum_over_replicas(count)


def global_gradients(gradients: list[Any]) -> list[Any]:
    """Returns the gradients of the global batch of all replicas.

    Args:
        gradients: List of those of this replica's part of the loss, with
            `None` where there is none.
    """
    return [
        gradient if gradient is None else backend.sum_over_replicas(gradient)
        for gradient in gradients
    ]
