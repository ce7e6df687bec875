"""Spectral distance of signals at several resolutions."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss.distances.safe_norm import safe_norm
from keras_ganloss.distances.sample_distance import SampleDistance
from keras_ganloss.distances.signals import check_window
from keras_ganloss.distances.signals import mean_of_samples
from keras_ganloss.distances.signals import positive_ints
from keras_ganloss.distances.signals import power_spectrum
from keras_ganloss.distances.signals import with_channels_first
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor

_LEAST_POWER = 1e-7  # Below is silence, whose logarithm says nothing.


def spectral_convergence(true: Tensor, predicted: Tensor) -> Tensor:
    """Distance of magnitudes, relative to those of the true signal.

    Args:
        true, predicted: Magnitudes, of shape `(batch_size, ...)`.

    Returns:
        Tensor of shape `(batch_size,)`.
    """
    axes = tuple(range(1, len(true.shape)))
    return safe_norm(true - predicted, axes) / safe_norm(true, axes)


def log_magnitude_distance(true: Tensor, predicted: Tensor) -> Tensor:
    """Mean absolute difference of the logarithms of magnitudes.

    Args, Returns: See `spectral_convergence`.
    """
    return mean_of_samples(ops.abs(ops.log(true) - ops.log(predicted)))


@keras.saving.register_keras_serializable(package="keras_ganloss")
class MultiResolutionSTFT(SampleDistance):
    """Multi-resolution STFT loss: spectra of signals, coarse and fine.

    Of each resolution, spectral convergence (the distance of magnitudes
    relative to the true ones, which the loud frequencies decide) and the mean
    absolute difference of log-magnitudes (where the quiet ones count as much);
    the mean over the resolutions. Phases are not compared: together with a
    learned loss, which hears them.

    The norm in the convergence is that of a sample, as in TensorFlowTTS; in
    ParallelWaveGAN it is that of the whole batch. So a target of silence makes
    it huge, where the answer is none: leave such samples out, or weigh them
    by zero.

    Args:
        fft_lengths, sequence_strides, sequence_lengths: Lists of ints, one
            for each resolution; see `keras.ops.stft`. Default to those of
            the paper.
        convergence_weight, log_weight: Floats, of the two parts. Default to 1.
        reduction, name, dtype: See `keras.losses.Loss`.

    Raises:
        ValueError: If the lists differ in length or a window is longer than
            its transform; for signals, of shape `(batch_size, num_samples)` or
            `(batch_size, num_samples, num_channels)`, if they are too short.

    Example:

    >>> loss = MultiResolutionSTFT()
    >>> signals = np.random.default_rng(0).normal(size=(2, 4096))
    >>> half = float(loss(signals, 0.5 * signals))  # 0.5 + log(2)
    >>> round(half, 3)
    1.193

    Reference: [Yamamoto et al., 2019](https://arxiv.org/abs/1910.11480)
    """

    def __init__(
        self,
        fft_lengths: Sequence[int] = (1024, 2048, 512),
        sequence_strides: Sequence[int] = (120, 240, 50),
        sequence_lengths: Sequence[int] = (600, 1200, 240),
        convergence_weight: float = 1.0,
        log_weight: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.fft_lengths = positive_ints("fft_lengths", fft_lengths)
        self.sequence_strides = positive_ints(
            "sequence_strides", sequence_strides
        )
        self.sequence_lengths = positive_ints(
            "sequence_lengths", sequence_lengths
        )
        if not self.fft_lengths or not (
            len(self.fft_lengths)
            == len(self.sequence_strides)
            == len(self.sequence_lengths)
        ):
            raise ValueError(
                "`fft_lengths`, `sequence_strides` and `sequence_lengths` "
                "must have an entry each for every resolution. Received: "
                f"fft_lengths={fft_lengths}, "
                f"sequence_strides={sequence_strides}, "
                f"sequence_lengths={sequence_lengths}"
            )
        for fft_length, _, length in self._resolutions():
            check_window(length, fft_length)
        self.convergence_weight = arguments.non_negative(
            "convergence_weight", convergence_weight
        )
        self.log_weight = arguments.non_negative("log_weight", log_weight)

    def _resolutions(self):
        return zip(
            self.fft_lengths, self.sequence_strides, self.sequence_lengths
        )

    def compare(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        total = 0.0
        for fft_length, stride, length in self._resolutions():
            true, predicted = (
                ops.sqrt(
                    ops.maximum(
                        power_spectrum(
                            with_channels_first(signals),
                            length,
                            stride,
                            fft_length,
                            padding=fft_length // 2,
                        ),
                        _LEAST_POWER,
                    )
                )
                for signals in (y_true, y_pred)
            )
            total = total + (
                self.convergence_weight * spectral_convergence(true, predicted)
                + self.log_weight * log_magnitude_distance(true, predicted)
            )
        return total / len(self.fft_lengths)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "fft_lengths": self.fft_lengths,
            "sequence_strides": self.sequence_strides,
            "sequence_lengths": self.sequence_lengths,
            "convergence_weight": self.convergence_weight,
            "log_weight": self.log_weight,
        }
