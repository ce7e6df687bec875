"""Pixel normalization: each position's channels get the same length."""

import keras
from keras import ops

from keras_ganloss.layers.axes import check_channels
from keras_ganloss.utils.precision import widen


@keras.saving.register_keras_serializable(package="keras_ganloss")
class PixelNormalization(keras.layers.Layer):
    """Divides each position's channels by their root mean square.

    In the generators of ProGAN and StyleGAN, where it keeps signals from
    escalating, and for latents. It learns nothing.

    Args:
        axis: Int, the axis of the channels. Defaults to -1.
        epsilon: Float, added to the mean square. Defaults to 1e-8.
        **kwargs: See `keras.layers.Layer`.

    Returns:
        Tensor of the shape of the inputs, in the compute dtype. The mean is
        float32 at least.

    Example:

    >>> outputs = PixelNormalization(epsilon=0.0)(keras.ops.array([[3.0, 4.0]]))
    >>> print(keras.ops.convert_to_numpy(outputs).round(4))
    [[0.8485 1.1314]]

    Reference: [Karras et al., 2018](https://arxiv.org/abs/1710.10196)
    """

    def __init__(self, axis=-1, epsilon=1e-8, **kwargs):
        super().__init__(**kwargs)
        self.axis = axis
        self.epsilon = epsilon

    def build(self, input_shape):
        check_channels(self, input_shape, self.axis)

    def call(self, inputs):
        wide = widen(inputs)
        square = ops.mean(ops.square(wide), axis=self.axis, keepdims=True)
        return ops.cast(wide * ops.rsqrt(square + self.epsilon), inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "axis": self.axis,
            "epsilon": self.epsilon,
        }
