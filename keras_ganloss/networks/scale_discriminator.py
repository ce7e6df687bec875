"""The multi-scale discriminator of HiFi-GAN."""

from typing import Any

import keras

from keras_ganloss.layers import SpectralNormalization
from keras_ganloss.layers import WeightNormalization
from keras_ganloss.networks import blocks
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Shape

# Of each layer: filters, in multiples of `filters`; size; strides; groups.
LAYERS = (
    (1, 15, 1, 1),
    (1, 41, 2, 4),
    (2, 41, 2, 16),
    (4, 41, 4, 16),
    (8, 41, 4, 16),
    (8, 41, 1, 16),
    (8, 5, 1, 1),
)


def ScaleDiscriminator(
    input_shape: Shape = (8192, 1),
    scales: int = 3,
    filters: int = 128,
    condition_shape: Any = None,
    name: str = "scale_discriminator",
) -> keras.Model:
    """HiFi-GAN's and MelGAN's discriminators of smoothed signals.

    The first network hears the signal as it is, each further one an average
    of four steps, taken at every second. Beside it: `PeriodDiscriminator`,
    put together by `Ensemble`. The first has spectral normalization, the
    others weight normalization.

    Most layers have groups, which Keras compiles by XLA on TensorFlow. On a
    CPU their gradients take 30 times as long as other convolutions': there,
    leave it out, or take `SpectrogramDiscriminator`.

    Layers by name, for `FeatureMatching`, for each scale: `scale_1_conv_1` to
    `scale_1_conv_7`, `scale_1_activation_1`, ..., `scale_1_logits`;
    `scale_2_pooling` is what the second one hears.

    Args:
        input_shape: Tuple, `(steps, channels)`; steps may be `None`. Defaults
            to HiFi-GAN's windows, `(8192, 1)`.
        scales: Int. Defaults to 3.
        filters: Int, of the first layer, a multiple of 16; up to 8 times as
            many. Defaults to 128.
        condition_shape: See `PatchDiscriminator`.
        name: The model's name.

    Returns:
        A `keras.Model` to a list of logits, `(batch_size, ..., 1)` for each
        scale.

    Raises:
        ValueError: If `filters` cannot be divided into groups.

    Example:

    >>> network = ScaleDiscriminator(filters=16)
    >>> network.output_shape
    [(None, 128, 1), (None, 65, 1), (None, 33, 1)]

    Reference:
        [Kong et al., 2020](https://arxiv.org/abs/2010.05646),
        [Kumar et al., 2019](https://arxiv.org/abs/1910.06711)
    """
    input_shape = blocks.check_input_shape(input_shape, (1,))
    scales = arguments.positive_int("scales", scales)
    if not arguments.is_int(filters) or filters < 1 or filters % 16:
        raise ValueError(
            "`filters` must be a multiple of 16, since most layers have 16 "
            f"groups of channels. Received: filters={filters}"
        )
    inputs, x = blocks.open_inputs(input_shape, condition_shape)
    outputs = []
    for scale in range(1, scales + 1):
        prefix = f"scale_{scale}"
        if scale > 1:
            x = blocks.zero_padding(x, 2, f"{prefix}_padding")
            x = blocks.average_pooling(x, 4, f"{prefix}_pooling", strides=2)
        wrapper = SpectralNormalization if scale == 1 else WeightNormalization
        outputs.append(_judge(x, filters, wrapper, prefix))
    return keras.Model(inputs, outputs, name=name)


def _judge(x, filters, wrapper, prefix):
    for number, (width, size, strides, groups) in enumerate(LAYERS, start=1):
        x = blocks.convolution(
            x,
            width * filters,
            size,
            strides,
            padding=size // 2,
            groups=groups,
            wrapper=wrapper,
            name=f"{prefix}_conv_{number}",
        )
        x = blocks.activation(x, f"{prefix}_activation_{number}", 0.1)
    return blocks.convolution(
        x, 1, 3, padding="same", wrapper=wrapper, name=f"{prefix}_logits"
    )
