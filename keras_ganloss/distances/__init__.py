"""Distances of pairs: explicit losses that Keras lacks, for any model."""

from keras_ganloss.distances.lpips import lpips_heads as lpips_heads
from keras_ganloss.distances.lpips import lpips_vgg16 as lpips_vgg16
from keras_ganloss.distances.mel import hertz_to_mel as hertz_to_mel
from keras_ganloss.distances.mel import mel_filters as mel_filters
from keras_ganloss.distances.mel import mel_to_hertz as mel_to_hertz
from keras_ganloss.distances.mel_spectrogram import (
    MelSpectrogram as MelSpectrogram,
)
from keras_ganloss.distances.mel_spectrogram import (
    log_mel_spectrogram as log_mel_spectrogram,
)
from keras_ganloss.distances.multi_resolution_stft import (
    MultiResolutionSTFT as MultiResolutionSTFT,
)
from keras_ganloss.distances.multi_resolution_stft import (
    log_magnitude_distance as log_magnitude_distance,
)
from keras_ganloss.distances.multi_resolution_stft import (
    spectral_convergence as spectral_convergence,
)
from keras_ganloss.distances.multi_scale_mel import (
    MultiScaleMel as MultiScaleMel,
)
from keras_ganloss.distances.perceptual import Perceptual as Perceptual
from keras_ganloss.distances.perceptual import (
    perceptual_distance as perceptual_distance,
)
from keras_ganloss.distances.sample_distance import (
    SampleDistance as SampleDistance,
)
from keras_ganloss.distances.sisdr import SISDR as SISDR
from keras_ganloss.distances.sisdr import si_sdr as si_sdr
from keras_ganloss.utils import registry

# The only list there is.
CLASSES = registry.by_snake_case_name(
    MelSpectrogram,
    MultiResolutionSTFT,
    MultiScaleMel,
    Perceptual,
    SISDR,
)


def get(identifier: object) -> SampleDistance:
    """Returns the `SampleDistance` of a name, a config or an instance.

    Example:

    >>> type(get("mel_spectrogram")).__name__
    'MelSpectrogram'
    """
    return registry.get(identifier, SampleDistance, CLASSES)
