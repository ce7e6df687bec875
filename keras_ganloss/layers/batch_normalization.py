"""Batch normalization that gradient penalties can differentiate."""

from typing import Any

import keras

from keras_ganloss.backend import keras_internals
from keras_ganloss.layers.moments import moments
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class BatchNormalization(keras_internals.BatchNormalization):
    """`keras.layers.BatchNormalization` with the right second derivative.

    Keras's has the same outputs and moving statistics, and a wrong gradient
    of a gradient penalty on TensorFlow. Mind that a penalty per sample means
    little where one sample's output depends on the others: in a critic
    prefer `LayerNormalization`.

    Args:
        axis, momentum, epsilon, center, scale, synchronized, ...: See
            `keras.layers.BatchNormalization`; all arguments are the same.

    Returns:
        Tensor of the shape of the inputs, in the compute dtype. Statistics
        are float32 at least.

    Example:

    >>> layer = BatchNormalization(epsilon=0.0)
    >>> outputs = layer(keras.ops.array([[1.0], [3.0]]), training=True)
    >>> print(keras.ops.convert_to_numpy(outputs).round(4))
    [[-1.]
     [ 1.]]

    Reference: [Ioffe and Szegedy, 2015](https://arxiv.org/abs/1502.03167)
    """

    def moments(self, inputs: Tensor, axes: Any) -> tuple[Tensor, Tensor]:
        return moments(inputs, axes, keepdims=False)
