"""Scale-invariant signal-to-distortion ratio."""

import math

import keras
from keras import ops

from keras_ganloss.distances.sample_distance import SampleDistance
from keras_ganloss.distances.signals import mean_of_samples
from keras_ganloss.distances.signals import with_channels_first
from keras_ganloss.utils.typing import Tensor

_TINY = 1e-30  # An energy that no signal has: 0 / 0 is silence, not NaN.
_SHARE = 1e-8  # Of the energy: nothing is purer than 80 dB, or worse.


def si_sdr(true: Tensor, predicted: Tensor) -> Tensor:
    """Returns the ratio in dB, over the last axis.

    Args:
        true, predicted: Tensors of the same shape `(..., num_samples)`.
    """
    dot = ops.sum(true * predicted, axis=-1, keepdims=True)
    energy = ops.sum(ops.square(true), axis=-1, keepdims=True)
    target = dot / (energy + _TINY) * true
    signal = ops.sum(ops.square(target), axis=-1)
    noise = ops.sum(ops.square(predicted - target), axis=-1)
    least = _SHARE * (signal + noise) + _TINY
    ratio = ops.log(signal + least) - ops.log(noise + least)
    return 10.0 / math.log(10.0) * ratio


@keras.saving.register_keras_serializable(package="keras_ganloss")
class SISDR(SampleDistance):
    """SI-SDR loss: how much of a signal is something else, however loud.

    The negative ratio, in dB, of the energy of the true signal, as loud as it
    is in the prediction, to that of the rest. The loudness of either does not
    matter. Between -80, no rest, and 80, nothing of the true signal; of
    silence it is 0 and has no gradient. Each channel counts for itself.

    Signals are taken as they are; subtract their means first if they have
    any, as the paper does.

    Args:
        reduction, name, dtype: See `keras.losses.Loss`.

    Raises:
        ValueError: If signals have neither the shape `(batch_size,
            num_samples)` nor `(batch_size, num_samples, num_channels)`.

    Example:

    >>> true, noise = np.array([[3.0, 0.0]]), np.array([[0.0, 0.3]])
    >>> round(float(SISDR()(true, true + noise)), 4)  # A hundredth is noise.
    -20.0

    Reference: [Le Roux et al., 2018](https://arxiv.org/abs/1811.02508)
    """

    def compare(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        true, predicted = map(with_channels_first, (y_true, y_pred))
        return -mean_of_samples(si_sdr(true, predicted))
