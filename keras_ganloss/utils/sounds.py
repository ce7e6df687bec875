"""Waveforms as files of sound and as pictures."""

import io
import wave

import keras
import numpy as np

from keras_ganloss.utils.typing import Tensor

FULL = 2**15 - 1  # The level of full scale, in integers of 16 bits.
FRAME = 512  # Samples of a column of a spectrogram.
HOP = 128  # From column to column.
MOST_COLUMNS = 256
DECIBELS = 80.0  # From black to white.


def to_waves(samples: Tensor) -> np.ndarray:
    """Returns waveforms as a numpy array of shape `(num, length)`.

    Args:
        samples: Tensor of shape `(num, length)`, or with one channel.

    Raises:
        ValueError: If it is of another shape.
    """
    samples = keras.ops.convert_to_numpy(samples)
    is_first = keras.config.image_data_format() == "channels_first"
    axis = 1 if is_first else -1
    if samples.ndim == 3 and samples.shape[axis] == 1:
        samples = np.squeeze(samples, axis)
    if samples.ndim != 2:
        raise ValueError(
            "Waveforms must be of shape (num, length), or (num, length, 1) "
            "with one channel (channels first if Keras is configured so). "
            f"Received: samples of shape {samples.shape}"
        )
    return samples.astype("float64")


def to_wav(values: np.ndarray, sample_rate: int) -> bytes:
    """Returns the bytes of a WAV file of one channel and 16 bits.

    Args:
        values: Array of shape `(length,)`. What lies outside of -1 to 1 is
            clipped, and what is not a number is silence.
        sample_rate: Int, samples a second.
    """
    values = np.clip(np.nan_to_num(values), -1.0, 1.0)
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(sample_rate)
        writer.writeframes(np.rint(FULL * values).astype("<i2").tobytes())
    return file.getvalue()


def clipped_share(values: np.ndarray) -> float:
    """Returns the share of values that a WAV file cannot hold as they are."""
    return float(np.mean(~(np.abs(values) <= 1.0)))


def spectrograms(waves: np.ndarray) -> np.ndarray:
    """Returns pictures of the frequencies in waveforms, over time.

    The lowest frequency is at the bottom, the highest half the sample rate.
    White is as loud as a sine of amplitude 1, black 80 decibels less. Of long
    waveforms several columns are drawn as one, by what is loudest in them.

    Args:
        waves: Array of shape `(num, length)`.

    Returns:
        `uint8` array of shape `(num, 257, columns, 1)`.
    """
    waves = np.nan_to_num(waves)
    length = max(waves.shape[1], FRAME)
    waves = np.pad(waves, [(0, 0), (0, length - waves.shape[1])])
    frames = np.lib.stride_tricks.sliding_window_view(waves, FRAME, axis=1)
    window = np.hanning(FRAME + 1)[:-1]
    spectra = np.abs(np.fft.rfft(window * frames[:, ::HOP]))
    level = 20.0 * np.log10(np.maximum(spectra / (window.sum() / 2), 1e-9))
    shades = np.clip(1.0 + level / DECIBELS, 0.0, 1.0)
    joint = -(-shades.shape[1] // MOST_COLUMNS)
    starts = range(0, shades.shape[1], joint)
    shades = np.maximum.reduceat(shades, starts, axis=1)
    pixels = np.floor(255.0 * shades + 0.5).astype("uint8")
    return pixels.transpose(0, 2, 1)[:, ::-1, :, None]
