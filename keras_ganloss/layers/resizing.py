"""Bilinear resizing that gradient penalties can differentiate."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss.layers.axes import spatial_axes
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


def interpolation(old: int, new: int) -> np.ndarray:
    """The matrix of linear interpolation between the centers of pixels.

    Args:
        old, new: Ints, numbers of pixels.

    Returns:
        Array of shape `(new, old)`.
    """
    centers = (np.arange(new) + 0.5) * old / new - 0.5
    centers = np.clip(centers, 0, old - 1)
    distances = abs(centers[:, None] - np.arange(old)[None, :])
    return np.maximum(1.0 - distances, 0.0)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Resizing(keras.layers.Layer):
    """Bilinear resizing of images with the right second derivative.

    `keras.layers.Resizing(height, width)` has the same outputs; through it,
    nothing comes of the gradient of a gradient penalty on TensorFlow. This
    one is a matrix product along each axis.

    Args:
        height, width: Ints.
        data_format: `"channels_last"` or `"channels_first"`. Defaults to
            Keras's.
        **kwargs: See `keras.layers.Layer`.

    Returns:
        Tensor of images of the new size, in the compute dtype.

    Raises:
        ValueError: If the inputs are not of shape `(batch_size, height,
            width, channels)`, with height and width known.

    Example:

    >>> images = keras.ops.reshape(keras.ops.array([0.0, 4.0]), (1, 1, 2, 1))
    >>> outputs = Resizing(1, 4, "channels_last")(images)
    >>> print(keras.ops.convert_to_numpy(outputs).flatten().round(4))
    [0. 1. 3. 4.]
    """

    def __init__(
        self,
        height: int,
        width: int,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.height = arguments.positive_int("height", height)
        self.width = arguments.positive_int("width", width)
        self.data_format = keras.config.image_data_format()
        if data_format is not None:
            self.data_format = arguments.one_of(
                ("channels_last", "channels_first"), "data_format", data_format
            )

    def build(self, input_shape: Any) -> None:
        axes = spatial_axes(self, input_shape)
        if len(axes) != 2 or None in [input_shape[axis] for axis in axes]:
            raise ValueError(
                "`Resizing` must be called on images whose height and width "
                f"are known. Received: input_shape={tuple(input_shape)}"
            )

    def call(self, inputs: Tensor) -> Tensor:
        axes = spatial_axes(self, inputs.shape)
        for axis, size in zip(axes, (self.height, self.width)):
            matrix = interpolation(inputs.shape[axis], size)
            matrix = ops.convert_to_tensor(matrix, inputs.dtype)
            resized = ops.tensordot(inputs, matrix, axes=[[axis], [1]])
            inputs = ops.moveaxis(resized, -1, axis)
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = list(input_shape)
        rows, columns = spatial_axes(self, input_shape)
        shape[rows], shape[columns] = self.height, self.width
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "height": self.height,
            "width": self.width,
            "data_format": self.data_format,
        }
