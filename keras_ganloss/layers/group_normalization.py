"""Group normalization that gradient penalties can differentiate."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.layers.axes import along
from keras_ganloss.layers.axes import other_axes
from keras_ganloss.layers.moments import moments
from keras_ganloss.layers.moments import standardize
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.typing import Tensor


def normalize_groups(
    inputs: Tensor, groups: int, axis: Any, epsilon: float
) -> Tensor:
    """Standardizes each group of channels of each sample.

    Args:
        inputs: Tensor of shape `(batch_size, ...)`, float32 or wider.
        groups: Int, by which the number of channels can be divided.
        axis: Int, the axis of the channels.
        epsilon: Float, added to the variance.

    Returns:
        Tensor of the shape of the inputs.
    """
    rank = len(inputs.shape)
    axis = axis % rank
    shape = list(ops.shape(inputs))
    size = inputs.shape[axis] // groups
    grouped = ops.reshape(
        inputs, [*shape[:axis], groups, size, *shape[axis + 1 :]]
    )
    statistics = moments(grouped, other_axes(rank + 1, 0, axis))
    return ops.reshape(standardize(grouped, *statistics, epsilon), shape)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class GroupNormalization(keras.layers.GroupNormalization):
    """`keras.layers.GroupNormalization` with the right second derivative.

    Keras's has the same outputs, and a wrong gradient of a gradient penalty
    on TensorFlow.

    Args:
        groups, axis, epsilon, center, scale, ...: See
            `keras.layers.GroupNormalization`; all arguments are the same.

    Returns:
        Tensor of the shape of the inputs, in the compute dtype. Statistics
        are float32 at least.

    Example:

    >>> x = keras.ops.array([[1.0, 3.0, 10.0, 30.0]])
    >>> outputs = GroupNormalization(groups=2, epsilon=0.0)(x)
    >>> print(keras.ops.convert_to_numpy(outputs).round(4))
    [[-1.  1. -1.  1.]]

    Reference: [Wu and He, 2018](https://arxiv.org/abs/1803.08494)
    """

    def call(self, inputs: Tensor) -> Tensor:
        rank = len(inputs.shape)
        outputs = normalize_groups(
            widen(inputs), self.groups, self.axis, self.epsilon
        )
        if self.scale:
            gamma = ops.cast(self.gamma, outputs.dtype)
            outputs = outputs * along(gamma, self.axis, rank)
        if self.center:
            beta = ops.cast(self.beta, outputs.dtype)
            outputs = outputs + along(beta, self.axis, rank)
        return ops.cast(outputs, self.compute_dtype)
