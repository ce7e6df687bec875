"""The multi-period discriminator of HiFi-GAN."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_ganloss.layers import FoldPeriod
from keras_ganloss.layers import WeightNormalization
from keras_ganloss.networks import blocks
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Shape

# Of the layers with strides, and one without; times `filters`.
WIDTHS = (1, 4, 16, 32, 32)


def PeriodDiscriminator(
    input_shape: Shape = (8192, 1),
    periods: Sequence[int] = (2, 3, 5, 7, 11),
    filters: int = 32,
    condition_shape: Any = None,
    name: str = "period_discriminator",
) -> keras.Model:
    """HiFi-GAN's discriminators of periods, for audio and other signals.

    One network for each period looks at every second, third, ... step alone,
    and so finds periodic artifacts, metallic voices, that one on the whole
    signal misses. Beside it: `ScaleDiscriminator` (HiFi-GAN, VITS) or
    `SpectrogramDiscriminator` (DAC, Vocos, BigVGAN), put together by
    `Ensemble`.

    Layers by name, for `FeatureMatching`, for each period: `period_2_fold`,
    `period_2_conv_1` to `period_2_conv_5`, `period_2_activation_1`, ...,
    `period_2_logits`.

    Args:
        input_shape: Tuple, `(steps, channels)`; steps may be `None`. Defaults
            to HiFi-GAN's windows, `(8192, 1)`.
        periods: Sequence of ints, primes so that none is seen by another.
            Defaults to `(2, 3, 5, 7, 11)`.
        filters: Int, of the first layer; up to 32 times as many. Defaults to
            32.
        condition_shape: See `PatchDiscriminator`.
        name: The model's name.

    Returns:
        A `keras.Model` to a list of logits, one map of shape `(batch_size,
        ..., period, 1)` for each period.

    Raises:
        ValueError: If signals are shorter than a period.

    Example:

    >>> network = PeriodDiscriminator(periods=(2, 3))
    >>> network.output_shape
    [(None, 51, 2, 1), (None, 34, 3, 1)]

    Reference: [Kong et al., 2020](https://arxiv.org/abs/2010.05646)
    """
    input_shape = blocks.check_input_shape(input_shape, (1,))
    filters = arguments.positive_int("filters", filters)
    inputs, x = blocks.open_inputs(input_shape, condition_shape)
    outputs = [_judge(x, period, filters) for period in periods]
    return keras.Model(inputs, outputs, name=name)


def _judge(x, period, filters):
    prefix = f"period_{period}"
    x = FoldPeriod(period, name=f"{prefix}_fold")(x)
    for number, width in enumerate(WIDTHS, start=1):
        x = blocks.convolution(
            x,
            width * filters,
            (5, 1),
            (3 if number < len(WIDTHS) else 1, 1),
            padding=(2, 0),
            wrapper=WeightNormalization,
            name=f"{prefix}_conv_{number}",
        )
        x = blocks.activation(x, f"{prefix}_activation_{number}", 0.1)
    return blocks.convolution(
        x,
        1,
        (3, 1),
        padding="same",
        wrapper=WeightNormalization,
        name=f"{prefix}_logits",
    )
