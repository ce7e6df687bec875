"""Distance of signals on the mel scale."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.distances.mel import mel_filters
from keras_ganloss.distances.sample_distance import SampleDistance
from keras_ganloss.distances.signals import check_window
from keras_ganloss.distances.signals import mean_of_samples
from keras_ganloss.distances.signals import power_spectrum
from keras_ganloss.distances.signals import with_channels_first
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor

_LEAST_POWER = 1e-9  # Added: the slope of a root is infinite at zero.


def log_mel_spectrogram(
    signals: Tensor,
    filters: int,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    padding: int,
    floor: float = 1e-5,
) -> Tensor:
    """Returns natural logarithms of the magnitudes in mel bins.

    Args:
        signals: Tensor of shape `(batch_size, num_samples)` or `(batch_size,
            num_samples, num_channels)`.
        filters: Array, see `mel_filters`.
        sequence_length, sequence_stride, fft_length: See `keras.ops.stft`.
        padding: Int, how many samples are mirrored at both ends.
        floor: Float, the least value that a logarithm is taken of.

    Returns:
        Tensor of shape `(batch_size, num_channels, num_frames, num_mel_bins)`.
    """
    power = power_spectrum(
        with_channels_first(signals),
        sequence_length,
        sequence_stride,
        fft_length,
        padding,
    )
    magnitudes = ops.sqrt(power + _LEAST_POWER)
    mels = ops.matmul(magnitudes, ops.cast(filters, magnitudes.dtype))
    return ops.log(ops.maximum(mels, floor))


@keras.saving.register_keras_serializable(package="keras_ganloss")
class MelSpectrogram(SampleDistance):
    """Mel-spectrogram loss: how differently two signals sound, bin by bin.

    Mean absolute difference of log-mel spectrograms. The defaults are those
    of HiFi-GAN, for speech at 22 kHz, whose weight is 45. Spectrograms are cut
    as there: mirrored at both ends by half of what `fft_length` exceeds
    `sequence_stride`, so that there are as many frames as strides.

    Args:
        sampling_rate: Number, of the signals, in hertz. Defaults to 22050.
        fft_length, sequence_stride, sequence_length: See `keras.ops.stft`.
            Default to 1024, 256 and `fft_length`.
        num_mel_bins, min_freq, max_freq, mel_scale, norm: See `mel_filters`.
            Default to 80 bins up to half of `sampling_rate`, as librosa
            makes them.
        floor: Float, the least value that a logarithm is taken of. Defaults
            to 1e-5.
        reduction, name, dtype: See `keras.losses.Loss`.

    Raises:
        ValueError: If lengths or frequencies do not fit; for signals, of shape
            `(batch_size, num_samples)` or `(batch_size, num_samples,
            num_channels)`, if they are too short.

    Example:

    >>> loss = MelSpectrogram()
    >>> signals = np.random.default_rng(0).normal(size=(2, 4096))
    >>> half = float(loss(signals, 0.5 * signals))  # log(2)
    >>> round(half, 4)
    0.6931

    Reference: [Kong et al., 2020](https://arxiv.org/abs/2010.05646)
    """

    def __init__(
        self,
        sampling_rate: int = 22050,
        fft_length: int = 1024,
        sequence_stride: int = 256,
        sequence_length: int | None = None,
        num_mel_bins: int = 80,
        min_freq: float = 0.0,
        max_freq: float | None = None,
        mel_scale: str = "slaney",
        norm: str = "slaney",
        floor: float = 1e-5,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sampling_rate = sampling_rate
        self.fft_length = arguments.positive_int("fft_length", fft_length)
        self.sequence_stride = arguments.positive_int(
            "sequence_stride", sequence_stride
        )
        self.sequence_length = arguments.positive_int(
            "sequence_length",
            fft_length if sequence_length is None else sequence_length,
        )
        check_window(self.sequence_length, self.fft_length)
        self.num_mel_bins = num_mel_bins
        self.min_freq = min_freq
        self.max_freq = max_freq
        self.mel_scale = mel_scale
        self.norm = norm
        self.floor = arguments.positive("floor", floor)
        self.filters = mel_filters(
            num_mel_bins,
            fft_length,
            sampling_rate,
            min_freq,
            max_freq,
            mel_scale,
            norm,
        )

    def spectrogram(self, signals: Tensor) -> Tensor:
        """Returns what is compared, which is also what a vocoder starts from.

        Args:
            signals: Tensor of shape `(batch_size, num_samples)` or
                `(batch_size, num_samples, num_channels)`.

        Returns:
            Log-mel spectrograms, `(batch_size, num_channels, num_frames,
            num_mel_bins)`.
        """
        return log_mel_spectrogram(
            signals,
            self.filters,
            self.sequence_length,
            self.sequence_stride,
            self.fft_length,
            padding=max(0, self.fft_length - self.sequence_stride) // 2,
            floor=self.floor,
        )

    def compare(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return mean_of_samples(
            ops.abs(self.spectrogram(y_true) - self.spectrogram(y_pred))
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "sampling_rate": self.sampling_rate,
            "fft_length": self.fft_length,
            "sequence_stride": self.sequence_stride,
            "sequence_length": self.sequence_length,
            "num_mel_bins": self.num_mel_bins,
            "min_freq": self.min_freq,
            "max_freq": self.max_freq,
            "mel_scale": self.mel_scale,
            "norm": self.norm,
            "floor": self.floor,
        }
