"""The Euclidean norm with a gradient where it is zero."""

from typing import Any

from keras import ops

from keras_ganloss.utils.typing import Tensor


def safe_norm(tensor: Tensor, axis: Any) -> Tensor:
    """Returns the norm over some axes; its gradient at zero is zero.

    That of `sqrt` is infinite there, and times zero it is NaN: two equal
    signals would end the training.

    Args:
        tensor: Tensor.
        axis: Int or tuple of ints, the axes that go.
    """
    squares = ops.sum(ops.square(tensor), axis=axis)
    positive = squares > 0.0
    return ops.where(positive, ops.sqrt(ops.where(positive, squares, 1.0)), 0.0)
