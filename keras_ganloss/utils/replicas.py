"""What all replicas of a model must agree on."""

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
