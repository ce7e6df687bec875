"""Axes of tensors whose first axis is the batch."""

from typing import Any

from keras import ops

from keras_ganloss.utils.typing import Tensor


def other_axes(rank: int, *kept: Any) -> list[Any]:
    """Axes in `range(rank)` that are none of `kept`."""
    kept = {axis % rank for axis in kept}
    return [axis for axis in range(rank) if axis not in kept]


def along(tensor: Tensor, axis: int, rank: int) -> Tensor:
    """Reshapes a tensor of shape `(size,)` to lie along one axis of `rank`.

    A tensor of shape `(batch_size, size)` keeps its first axis.
    """
    shape = [1] * rank
    shape[axis] = -1
    if len(tensor.shape) == 2:
        shape[0] = ops.shape(tensor)[0]
        shape[axis] = tensor.shape[1]
    return ops.reshape(tensor, shape)


def spatial_axes(layer: Any, input_shape: Any) -> list[Any]:
    """Returns the axes between batch and channels, by `layer.data_format`.

    Raises:
        ValueError: If there are none.
    """
    if len(input_shape) < 3:
        raise ValueError(
            f"{type(layer).__name__} must be called on inputs that have axes "
            "besides those of batch and channels. Received: "
            f"input_shape={tuple(input_shape)}"
        )
    first = 1 if layer.data_format == "channels_last" else 2
    return list(range(first, first + len(input_shape) - 2))


def check_channels(layer: Any, input_shape: Any, axis: Any) -> int:
    """Returns the size of the channel axis; raises if there is none.

    Raises:
        ValueError: If `axis` is out of range, is that of the batch, or has
            no fixed size.
    """
    rank = len(input_shape)
    if not -rank < axis < rank or axis == 0:
        raise ValueError(
            f"`axis` of {type(layer).__name__} must be an axis of the inputs "
            f"other than the batch's. Received: axis={axis}, "
            f"input_shape={tuple(input_shape)}"
        )
    if input_shape[axis] is None:
        raise ValueError(
            f"{type(layer).__name__} must know the number of channels. Give "
            f"the inputs a fixed size along axis {axis}. Received: "
            f"input_shape={tuple(input_shape)}"
        )
    return input_shape[axis]
