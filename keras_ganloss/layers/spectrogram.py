"""The short-time Fourier transform as a layer."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss.utils import arguments
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Spectrogram(keras.layers.Layer):
    """Turns signals into maps of time and frequency, phase included.

    The short-time Fourier transform with a Hann window; real and imaginary
    parts are channels, so nothing is lost and everything has a gradient. It
    is divided by the norm of the window: white noise of variance 1 gives
    numbers of variance 1/2, whatever the size.

    Args:
        fft_size: Int, the length of a window.
        strides: Int, from one window to the next. Defaults to a quarter of
            `fft_size`.
        **kwargs: See `keras.layers.Layer`.

    Returns:
        Tensor of shape `(batch_size, windows, fft_size // 2 + 1, 2 *
        channels)`: the real parts of all channels, then the imaginary ones.
        No window reaches over the ends.

    Raises:
        ValueError: If the inputs are not of shape `(batch_size, steps,
            channels)`, or shorter than a window.

    Example:

    >>> tuple(Spectrogram(1024)(keras.ops.zeros((1, 8192, 1))).shape)
    (1, 29, 513, 2)

    Reference: [Défossez et al., 2022](https://arxiv.org/abs/2210.13438)
    """

    def __init__(
        self, fft_size: int, strides: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.fft_size = arguments.int_of_at_least(4, "fft_size", fft_size)
        self.strides = self.fft_size // 4
        if strides is not None:
            self.strides = arguments.positive_int("strides", strides)

    def build(self, input_shape: Any) -> None:
        if len(input_shape) != 3 or (
            input_shape[1] is not None and input_shape[1] < self.fft_size
        ):
            raise ValueError(
                "`Spectrogram` must be called on signals of shape "
                "`(batch_size, steps, channels)`, of at least one window. "
                f"Received: input_shape={tuple(input_shape)}, "
                f"fft_size={self.fft_size}"
            )

    def call(self, inputs: Tensor) -> Tensor:
        parts = ops.stft(
            ops.transpose(widen(inputs), (0, 2, 1)),
            self.fft_size,
            self.strides,
            self.fft_size,
            center=False,
        )
        channels = ops.concatenate(parts, axis=1) / self.window_norm
        return ops.cast(ops.transpose(channels, (0, 2, 3, 1)), inputs.dtype)

    @property
    def window_norm(self) -> float:
        """The norm of the periodic Hann window, `sqrt(3 / 8 * fft_size)`."""
        return float(np.sqrt(0.375 * self.fft_size))

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch_size, steps, channels = input_shape
        windows = None
        if steps is not None:
            windows = 1 + (steps - self.fft_size) // self.strides
        return (batch_size, windows, self.fft_size // 2 + 1, 2 * channels)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "fft_size": self.fft_size,
            "strides": self.strides,
        }
