"""Distance of signals on the mel scale, at several resolutions."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss.distances.mel import mel_filters
from keras_ganloss.distances.mel_spectrogram import log_mel_spectrogram
from keras_ganloss.distances.sample_distance import SampleDistance
from keras_ganloss.distances.signals import mean_of_samples
from keras_ganloss.distances.signals import positive_ints
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class MultiScaleMel(SampleDistance):
    """Multi-scale mel loss: how signals sound, from clicks to tones.

    The sum over several lengths of window of the mean absolute difference of
    log-mel spectrograms, with logarithms to base 10. A window moves on by a
    quarter of its length. The defaults are those of the Descript audio codec,
    for music and speech at 44 kHz, whose weight is 15.

    Args:
        sampling_rate: Number, of the signals, in hertz. Defaults to 44100.
        sequence_lengths: List of ints, the windows, multiples of 4. Defaults
            to `(32, 64, 128, 256, 512, 1024, 2048)`.
        num_mel_bins: List of ints, for each window. Defaults to `(5, 10, 20,
            40, 80, 160, 320)`.
        min_freq, max_freq, mel_scale, norm: See `mel_filters`.
        floor: Float, the least value that a logarithm is taken of. Defaults
            to 1e-5.
        reduction, name, dtype: See `keras.losses.Loss`.

    Raises:
        ValueError: If lengths or frequencies do not fit; for signals, of shape
            `(batch_size, num_samples)` or `(batch_size, num_samples,
            num_channels)`, if they are too short.

    Example:

    >>> loss = MultiScaleMel()
    >>> signals = np.random.default_rng(0).normal(0, 99, (2, 4096))
    >>> half = float(loss(signals, 0.5 * signals))  # 7 * log10(2)
    >>> round(half, 4)
    2.1072

    Reference: [Kumar et al., 2023](https://arxiv.org/abs/2306.06546)
    """

    def __init__(
        self,
        sampling_rate: int = 44100,
        sequence_lengths: Sequence[int] = (32, 64, 128, 256, 512, 1024, 2048),
        num_mel_bins: Sequence[int] = (5, 10, 20, 40, 80, 160, 320),
        min_freq: float = 0.0,
        max_freq: float | None = None,
        mel_scale: str = "slaney",
        norm: str = "slaney",
        floor: float = 1e-5,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sampling_rate = sampling_rate
        self.sequence_lengths = positive_ints(
            "sequence_lengths", sequence_lengths
        )
        self.num_mel_bins = positive_ints("num_mel_bins", num_mel_bins)
        if not self.sequence_lengths or (
            len(self.sequence_lengths) != len(self.num_mel_bins)
        ):
            raise ValueError(
                "`num_mel_bins` must have an entry for each of "
                "`sequence_lengths`. Received: "
                f"sequence_lengths={sequence_lengths}, "
                f"num_mel_bins={num_mel_bins}"
            )
        if any(length % 4 for length in self.sequence_lengths):
            raise ValueError(
                "`sequence_lengths` must be multiples of 4: a window moves on "
                "by a quarter of its length. Received: "
                f"sequence_lengths={sequence_lengths}"
            )
        self.min_freq = min_freq
        self.max_freq = max_freq
        self.mel_scale = mel_scale
        self.norm = norm
        self.floor = arguments.positive("floor", floor)
        self.filters = [
            mel_filters(
                bins,
                length,
                sampling_rate,
                min_freq,
                max_freq,
                mel_scale,
                norm,
            )
            for bins, length in zip(self.num_mel_bins, self.sequence_lengths)
        ]

    def compare(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        total = 0.0
        for length, filters in zip(self.sequence_lengths, self.filters):
            true, predicted = (
                log_mel_spectrogram(
                    signals,
                    filters,
                    length,
                    length // 4,
                    length,
                    padding=length // 2,
                    floor=self.floor,
                )
                for signals in (y_true, y_pred)
            )
            total = total + mean_of_samples(ops.abs(true - predicted))
        return total / math.log(10.0)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "sampling_rate": self.sampling_rate,
            "sequence_lengths": self.sequence_lengths,
            "num_mel_bins": self.num_mel_bins,
            "min_freq": self.min_freq,
            "max_freq": self.max_freq,
            "mel_scale": self.mel_scale,
            "norm": self.norm,
            "floor": self.floor,
        }
