"""Blur pooling: a map is made smaller without aliasing."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss.layers.axes import spatial_axes
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


def blur(
    inputs: Tensor,
    taps: Sequence[float],
    strides: int,
    axis: Any,
    pad_mode: str,
) -> Tensor:
    """Weighs neighbors along one axis and takes every `strides`-th result.

    It is padded such that strides of 1 keep the size. A sum of slices, which
    every backend differentiates as often as one likes.

    Args:
        inputs: Tensor.
        taps: List of floats, the weights.
        strides: Int.
        axis: Int.
        pad_mode: `"constant"` or `"reflect"`.

    Returns:
        Tensor of the same rank, of `ceil(size / strides)` along the axis.
    """
    reach = len(taps) - 1
    padding = [(0, 0)] * len(inputs.shape)
    padding[axis] = (reach // 2, reach - reach // 2)
    padded = ops.pad(inputs, padding, pad_mode)

    def part(start):
        # Not a negative zero, which would end before the beginning.
        index = [slice(None)] * len(inputs.shape)
        index[axis] = slice(start, start - reach or None, strides)
        return padded[tuple(index)]

    return sum(tap * part(start) for start, tap in enumerate(taps))


@keras.saving.register_keras_serializable(package="keras_ganloss")
class BlurPooling(keras.layers.Layer):
    """Blurs a map and takes every second position of it.

    Strides alone let fine patterns through as coarse ones; a discriminator
    that sees those gives gradients that jump from pixel to pixel. StyleGAN
    blurs before each of its strides. With strides of 1 it blurs alone, and
    makes nearest neighbors that are twice as large bilinear.

    Signals, images and volumes, of 1, 2 or 3 axes.

    Args:
        strides: Int. Defaults to 2.
        taps: Sequence of numbers, the weights of the neighbors along each
            axis, divided by their sum. Defaults to `(1, 3, 3, 1)`,
            StyleGAN's; `(1, 2, 1)` blurs less.
        pad_mode: `"constant"`, zeros, or `"reflect"`, after which a constant
            map stays constant. Defaults to `"constant"`.
        data_format: `"channels_last"` or `"channels_first"`. Defaults to
            Keras's.
        **kwargs: See `keras.layers.Layer`.

    Returns:
        Tensor of the rank of the inputs, with `ceil(size / strides)`
        positions along each axis.

    Raises:
        ValueError: If `taps` add up to zero, or the inputs have no axes but
            batch and channels.

    Example:

    >>> layer = BlurPooling(taps=(1, 2, 1), pad_mode="reflect")
    >>> outputs = layer(keras.ops.array([[[0.0], [4.0], [8.0], [4.0]]]))
    >>> print(keras.ops.convert_to_numpy(outputs).round(4))
    [[[2.]
      [6.]]]

    Reference:
        [Zhang, 2019](https://arxiv.org/abs/1904.11486),
        [Karras et al., 2019](https://arxiv.org/abs/1812.04948)
    """

    def __init__(
        self,
        strides: int = 2,
        taps: Sequence[float] = (1, 3, 3, 1),
        pad_mode: str = "constant",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.strides = arguments.positive_int("strides", strides)
        self.taps = tuple(
            arguments.number("taps", tap)
            for tap in arguments.as_list("taps", taps)
        )
        if not sum(self.taps):
            raise ValueError(
                "`taps` must be weights that do not add up to zero. "
                f"Received: taps={taps}"
            )
        self.pad_mode = arguments.one_of(
            ("constant", "reflect"), "pad_mode", pad_mode
        )
        self.data_format = keras.config.image_data_format()
        if data_format is not None:
            self.data_format = arguments.one_of(
                ("channels_last", "channels_first"), "data_format", data_format
            )

    def call(self, inputs: Tensor) -> Tensor:
        total = sum(self.taps)
        taps = [tap / total for tap in self.taps]
        for axis in spatial_axes(self, inputs.shape):
            inputs = blur(inputs, taps, self.strides, axis, self.pad_mode)
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = list(input_shape)
        for axis in spatial_axes(self, input_shape):
            if shape[axis] is not None:
                shape[axis] = -(-shape[axis] // self.strides)
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "strides": self.strides,
            "taps": self.taps,
            "pad_mode": self.pad_mode,
            "data_format": self.data_format,
        }
