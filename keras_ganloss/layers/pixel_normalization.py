"""Pixel normalization: each position's channels get the same length."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.layers.axes import check_channels
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.typing import Tensor


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

    def __init__(
        self, axis: int = -1, epsilon: float = 1e-8, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        check_channels(self, input_shape, self.axis)

    def call(self, inputs: Tensor) -> Tensor:
        wide = widen(inputs)
        square = ops.mean(ops.square(wide), axis=self.axis, keepdims=True)
        return ops.cast(wide * ops.rsqrt(square + self.epsilon), inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "epsilon": self.epsilon,
        }
