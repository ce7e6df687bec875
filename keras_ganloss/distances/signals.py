"""Signals, and the power of their frequencies."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from keras import ops

from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


def with_channels_first(signals: Tensor) -> Tensor:
    """Returns signals as `(batch_size, num_channels, num_samples)`.

    Args:
        signals: Tensor of shape `(batch_size, num_samples)` or `(batch_size,
            num_samples, num_channels)`.

    Raises:
        ValueError: If it has another rank.
    """
    rank = len(signals.shape)
    if rank not in (2, 3):
        raise ValueError(
            "Signals must have shape (batch_size, num_samples) or "
            "(batch_size, num_samples, num_channels). Received: a tensor of "
            f"shape {tuple(signals.shape)}"
        )
    return signals[:, None] if rank == 2 else ops.transpose(signals, (0, 2, 1))


def mean_of_samples(values: Tensor) -> Tensor:
    """Returns means of shape `(batch_size,)`, over all other axes."""
    return ops.mean(values, axis=tuple(range(1, len(values.shape))))


def check_window(sequence_length: int, fft_length: int) -> None:
    """Raises if a window is longer than its transform."""
    if sequence_length > fft_length:
        raise ValueError(
            "`sequence_length`, the length of the window, must be at most "
            f"`fft_length`. Received: sequence_length={sequence_length}, "
            f"fft_length={fft_length}"
        )


def positive_ints(name: str, values: Iterable[Any]) -> tuple[Any, ...]:
    """Returns a tuple of ints; raises unless it is a list of some."""
    values = arguments.as_list(name, values)
    return tuple(arguments.positive_int(name, value) for value in values)


def power_spectrum(
    signals: Tensor,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    padding: int,
) -> Tensor:
    """Returns squared magnitudes of the short-time Fourier transform.

    With a Hann window, which is periodic and, where it is shorter than
    `fft_length`, in the middle. By `keras.ops.stft`, and so on every backend.

    Args:
        signals: Tensor of shape `(batch_size, num_channels, num_samples)`.
        sequence_length, sequence_stride, fft_length: See `keras.ops.stft`.
        padding: Int, how many samples are mirrored at both ends.

    Returns:
        Tensor of shape `(batch_size, num_channels, num_frames, fft_length //
        2 + 1)`.

    Raises:
        ValueError: If signals of a known length are too short.
    """
    length = signals.shape[-1]
    least = max(padding + 1, fft_length - 2 * padding)
    if length is not None and length < least:
        raise ValueError(
            f"Signals must have {least} samples at least for an FFT of "
            f"{fft_length}. Pass longer ones, or choose smaller lengths. "
            f"Received: signals of {length} samples"
        )
    if padding:
        signals = ops.pad(
            signals, ((0, 0), (0, 0), (padding, padding)), mode="reflect"
        )
    real, imaginary = ops.stft(
        signals,
        sequence_length,
        sequence_stride,
        fft_length,
        window=_hann_window(sequence_length),
        center=False,
    )
    return ops.square(real) + ops.square(imaginary)


def _hann_window(length):
    """The periodic window; that of TensorFlow is another one if it is odd."""
    return 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(length) / length)
