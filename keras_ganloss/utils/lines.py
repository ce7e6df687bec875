"""Optimal transport on lines, which all sliced distances share."""

from keras import ops

from keras_ganloss.utils.typing import Tensor


def project(vectors: Tensor, directions: Tensor) -> Tensor:
    """Returns where vectors lie along directions of any length.

    Args:
        vectors: Tensor of shape `(num_vectors, size)`.
        directions: Tensor of shape `(size, num_directions)`.

    Returns:
        Tensor of shape `(num_vectors, num_directions)`.
    """
    return ops.matmul(vectors, ops.normalize(directions, axis=0))


def rank_differences(numbers: Tensor, others: Tensor) -> Tensor:
    """Returns how far each number is from the other one of the same rank.

    On a line these pairs are the cheapest way from the one to the other.

    Args:
        numbers, others: Tensors of the same shape `(num, num_lines)`; every
            column is a line of its own.

    Returns:
        Tensor of this shape, in the order of `numbers`.

    Example:

    >>> line = ops.convert_to_tensor([[5.0], [0.0]])
    >>> other = ops.convert_to_tensor([[1.0], [7.0]])
    >>> ops.convert_to_numpy(rank_differences(line, other)).tolist()
    [[-2.0], [-1.0]]
    """
    ranks = ops.argsort(ops.argsort(numbers, axis=0), axis=0)
    partners = ops.take_along_axis(ops.sort(others, axis=0), ranks, axis=0)
    return ops.subtract(numbers, partners)
