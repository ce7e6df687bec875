"""Discriminators of spectrograms: EnCodec's, DAC's and Vocos's."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from keras_ganloss.layers import Spectrogram
from keras_ganloss.layers import WeightNormalization
from keras_ganloss.networks import blocks
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Shape

SIZE = (3, 9)  # In time and in frequency.


def SpectrogramDiscriminator(
    input_shape: Shape = (8192, 1),
    fft_sizes: Sequence[int] = (1024, 2048, 512, 256, 128),
    bands: Sequence[float] = (0.0, 1.0),
    dilations: Sequence[int] = (1, 2, 4),
    filters: int = 32,
    condition_shape: Any = None,
    name: str = "spectrogram_discriminator",
) -> keras.Model:
    """Discriminators of complex spectrograms, for audio.

    One network for each of several resolutions sees the short-time Fourier
    transform, phase included. By default EnCodec's; with

    ```python
    SpectrogramDiscriminator(
        fft_sizes=(2048, 1024, 512),
        bands=(0.0, 0.1, 0.25, 0.5, 0.75, 1.0),
        dilations=(1, 1, 1),
    )
    ```

    that of DAC and Vocos, which looks at bands of the frequencies by layers
    of their own.

    Layers by name, for `FeatureMatching`, for each resolution:
    `fft_1024_spectrogram`; for each band `fft_1024_band_1_conv_1` to
    `..._conv_5`, `fft_1024_band_1_activation_1`, ...; `fft_1024_bands`, all
    of them joined, if there are several; `fft_1024_logits`.

    Args:
        input_shape: Tuple, `(steps, channels)`; steps may be `None`. Defaults
            to `(8192, 1)`.
        fft_sizes: Sequence of ints, the lengths of the windows, which overlap
            by three quarters. Defaults to EnCodec's for 48 kHz,
            `(1024, 2048, 512, 256, 128)`.
        bands: Sequence of floats, the ends of the bands, as parts of the
            frequencies. Defaults to `(0.0, 1.0)`, one band.
        dilations: Sequence of ints, in time, of the layers that halve the
            frequencies. Defaults to `(1, 2, 4)`.
        filters: Int, of all layers. Defaults to 32.
        condition_shape: See `PatchDiscriminator`.
        name: The model's name.

    Returns:
        A `keras.Model` to a list of logits, one map of time and frequency,
        `(batch_size, ..., 1)`, for each resolution.

    Raises:
        ValueError: If signals are shorter than a window, or `bands` are no
            parts, from the lowest to the highest.

    Example:

    >>> SpectrogramDiscriminator(fft_sizes=(512,)).output_shape
    (None, 61, 33, 1)

    Reference:
        [Défossez et al., 2022](https://arxiv.org/abs/2210.13438),
        [Kumar et al., 2023](https://arxiv.org/abs/2306.06546) (bands)
    """
    input_shape = blocks.check_input_shape(input_shape, (1,))
    filters = arguments.positive_int("filters", filters)
    bands = [arguments.fraction("bands", end) for end in bands]
    if len(bands) < 2 or any(
        low >= high for low, high in zip(bands, bands[1:])
    ):
        raise ValueError(
            "`bands` must be the ends of at least one band, from the lowest "
            f"to the highest. Received: bands={bands}"
        )
    inputs, x = blocks.open_inputs(input_shape, condition_shape)
    outputs = []
    for fft_size in fft_sizes:
        prefix = f"fft_{fft_size}"
        spectrogram = Spectrogram(fft_size, name=f"{prefix}_spectrogram")(x)
        parts = [
            _look(_crop(spectrogram, ends, name), filters, dilations, name)
            for ends, name in _named(bands, prefix)
        ]
        outputs.append(_judge(parts, prefix))
    return keras.Model(inputs, outputs, name=name)


def _named(bands, prefix):
    """Returns pairs of the ends of a band and its name."""
    ends = list(zip(bands, bands[1:]))
    return [
        (pair, f"{prefix}_band_{i}") for i, pair in enumerate(ends, start=1)
    ]


def _crop(spectrogram, ends, name):
    size = spectrogram.shape[2]
    low, high = (int(end * size) for end in ends)
    if high - low < 1:
        raise ValueError(
            "Each of `bands` must hold a frequency of each of `fft_sizes`. "
            f"Received: a band from {ends[0]} to {ends[1]} of {size} "
            "frequencies"
        )
    return layers.Cropping2D(
        ((0, 0), (low, size - high)), name=name, **blocks.CHANNELS_LAST
    )(spectrogram)


def _look(x, filters, dilations, prefix):
    halving = [(1, 2)] * len(dilations)
    strides = [(1, 1), *halving, (1, 1)]
    steps = zip((1, *dilations, 1), strides)
    for number, (dilation, stride) in enumerate(steps, start=1):
        name = f"{prefix}_conv_{number}"
        is_last = number == len(strides)
        size = SIZE if not is_last else (SIZE[0], SIZE[0])
        x = blocks.convolution(
            x,
            filters,
            size,
            # Keras has no dilation with strides; what these leave out is left
            # out afterwards.
            stride if dilation == 1 else 1,
            padding=(dilation * (size[0] // 2), size[1] // 2),
            dilation_rate=(dilation, 1),
            wrapper=WeightNormalization,
            name=name,
        )
        if dilation > 1:
            x = blocks.average_pooling(x, 1, f"{name}_strides", strides=stride)
        x = blocks.activation(x, f"{prefix}_activation_{number}")
    return x


def _judge(parts, prefix):
    x = parts[0]
    if len(parts) > 1:
        x = layers.Concatenate(axis=2, name=f"{prefix}_bands")(parts)
    return blocks.convolution(
        x,
        1,
        (SIZE[0], SIZE[0]),
        padding="same",
        wrapper=WeightNormalization,
        name=f"{prefix}_logits",
    )
