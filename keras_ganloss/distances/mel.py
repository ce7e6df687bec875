"""The mel scale, of frequencies as far apart as they sound."""

import warnings
from typing import Any

import numpy as np

from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor

# Slaney's: linear up to 1 kHz, logarithmic from there on.
_LINEAR_STEP = 200.0 / 3.0
_KNEE = 1000.0
_LOG_STEP = np.log(6.4) / 27.0


def hertz_to_mel(frequencies: Tensor, mel_scale: str = "slaney") -> Any:
    """Returns places on the mel scale, of `mel_filters`.

    Example:

    >>> hertz_to_mel([110.0, 220.0, 440.0]).round(2).tolist()
    [1.65, 3.3, 6.6]
    >>> float(hertz_to_mel(1000.0, "htk").round())
    1000.0
    """
    frequencies = np.asarray(frequencies, "float64")
    if mel_scale == "htk":
        return 2595.0 * np.log10(1.0 + frequencies / 700.0)
    above = np.log(np.maximum(frequencies, _KNEE) / _KNEE) / _LOG_STEP
    return np.minimum(frequencies, _KNEE) / _LINEAR_STEP + above


def mel_to_hertz(mels: Tensor, mel_scale: str = "slaney") -> Any:
    """Inverse of `hertz_to_mel`."""
    mels = np.asarray(mels, "float64")
    if mel_scale == "htk":
        return 700.0 * (10.0 ** (mels / 2595.0) - 1.0)
    knee = _KNEE / _LINEAR_STEP
    above = np.exp(_LOG_STEP * np.maximum(mels - knee, 0.0))
    return _LINEAR_STEP * np.minimum(mels, knee) * above


def mel_filters(
    num_mel_bins: int,
    fft_length: int,
    sampling_rate: float,
    min_freq: float = 0.0,
    max_freq: float | None = None,
    mel_scale: str = "slaney",
    norm: str = "slaney",
) -> np.ndarray:
    """Returns triangular filters, which sum frequencies up into mel bins.

    Not those of `keras.ops` or `tf.signal`, whose triangles are straight on
    the mel scale: these are straight in hertz, as in librosa and torchaudio.

    Args:
        num_mel_bins: Int, how many.
        fft_length: Int, of the transform whose magnitudes are summed up.
        sampling_rate: Number, of the signals, in hertz.
        min_freq, max_freq: Numbers, in hertz, the ends. Default to 0 and half
            of `sampling_rate`.
        mel_scale: `"slaney"`, librosa's default, or `"htk"`, torchaudio's.
        norm: `"slaney"`, librosa's default, triangles of area one in hertz;
            or `None`, torchaudio's, of height one.

    Returns:
        Float64 array of shape `(fft_length // 2 + 1, num_mel_bins)`.

    Raises:
        ValueError: If an argument is none of these. There is a warning where
            bins are empty, being closer than the frequencies.

    Example:

    >>> filters = mel_filters(128, 2048, 22050)
    >>> float(filters[1, 0].round(3))
    0.016
    """
    arguments.positive_int("num_mel_bins", num_mel_bins)
    arguments.positive("sampling_rate", sampling_rate)
    arguments.one_of(("slaney", "htk"), "mel_scale", mel_scale)
    if norm is not None:
        arguments.one_of(("slaney",), "norm", norm, "Or pass None.")
    max_freq = sampling_rate / 2.0 if max_freq is None else max_freq
    if not 0.0 <= min_freq < max_freq <= sampling_rate / 2.0:
        raise ValueError(
            "Frequencies must rise from 0 to half of `sampling_rate`. "
            f"Received: min_freq={min_freq}, max_freq={max_freq}, "
            f"sampling_rate={sampling_rate}"
        )
    ends = hertz_to_mel([min_freq, max_freq], mel_scale)
    edges = mel_to_hertz(np.linspace(*ends, num_mel_bins + 2), mel_scale)
    frequencies = np.linspace(0.0, sampling_rate / 2.0, fft_length // 2 + 1)
    below, peak, above = edges[:-2], edges[1:-1], edges[2:]
    rising = (frequencies[:, None] - below) / (peak - below)
    falling = (above - frequencies[:, None]) / (above - peak)
    filters = np.maximum(np.minimum(rising, falling), 0.0)
    empty = np.flatnonzero(filters.sum(axis=0) == 0.0).tolist()
    if empty:
        warnings.warn(
            f"The mel bins {empty} hold no frequency of the transform, so "
            "they never differ and only lower the mean. Take fewer bins or a "
            f"larger `fft_length`. Received: num_mel_bins={num_mel_bins}, "
            f"fft_length={fft_length}, sampling_rate={sampling_rate}",
            stacklevel=3,
        )
    if norm == "slaney":
        filters = filters * (2.0 / (above - below))
    return filters
