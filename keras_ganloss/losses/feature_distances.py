"""Distances between the features of samples, for losses of whole batches."""

from keras import ops

from keras_ganloss.utils.typing import Tensor


def flatten_samples(output: Tensor) -> Tensor:
    """Returns the outputs as one vector a sample: `(batch_size, size)`."""
    return ops.reshape(output, (ops.shape(output)[0], -1))


def squared_distances(first: Tensor, second: Tensor) -> Tensor:
    """Returns the matrix of squared distances of all pairs of samples.

    From the differences themselves, which do not cancel.
    """
    first, second = flatten_samples(first), flatten_samples(second)
    return ops.sum(ops.square(first[:, None] - second[None]), axis=-1)


def distances(first: Tensor, second: Tensor) -> Tensor:
    """Returns the matrix of distances, with gradients even at zero."""
    return ops.sqrt(squared_distances(first, second) + 1e-12)


def mean_of_others(matrix: Tensor) -> Tensor:
    """Row means without the diagonal; 0 if there is nothing else."""
    size = ops.shape(matrix)[0]
    others = 1.0 - ops.eye(size, dtype=matrix.dtype)
    return ops.divide_no_nan(
        ops.sum(matrix * others, axis=1), ops.sum(others, axis=1)
    )
