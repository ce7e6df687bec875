"""The residual discriminator of StyleGAN2."""

import math
from typing import Any

import keras
from keras import layers

from keras_ganloss.layers import BlurPooling
from keras_ganloss.layers import MinibatchStandardDeviation
from keras_ganloss.layers import Projection
from keras_ganloss.networks import blocks
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Shape

SMALLEST = 4


def ResidualDiscriminator(
    input_shape: Shape,
    filters: int = 64,
    max_filters: int = 512,
    group_size: int = 4,
    condition_shape: Any = None,
    name: str = "residual_discriminator",
) -> keras.Model:
    """StyleGAN2's discriminator: one logit for the whole sample.

    For generators that start from noise, with `R1`, and for autoencoders. It
    sees all of the sample at once, and how much the samples of a batch
    differ. Maps are blurred before they are halved, so that gradients are
    smooth.

    Residual blocks halve the sample down to 4 pixels. Weights begin and learn
    as those of any Keras layer: StyleGAN2's own have equalized learning
    rates.

    Layers by name, for `FeatureMatching`: `conv_1`; `block_1`, ..., the sum
    of each block, and in it `block_1_conv_1`, `block_1_conv_2`,
    `block_1_skip`; `conv_2`, `dense`, `logits`; `..._activation` after each
    but skips and logits.

    Args:
        input_shape: Tuple, the shape of a sample: one, two or three axes of
            known size, and channels last.
        filters: Int, of the first layer; doubled by each block, up to
            `max_filters`. Defaults to 64.
        max_filters: Int. Defaults to 512.
        group_size: Int, the samples that are compared with one another: see
            `keras_ganloss.layers.MinibatchStandardDeviation`; `None`: none.
            Defaults to 4.
        condition_shape: Optional tuple: the discriminator is then called on
            `[sample, condition]`. Of a map: see `PatchDiscriminator`.
            `(size,)`, of vectors such as one-hot classes: the last layer is a
            `Projection`.
        name: The model's name.

    Returns:
        A `keras.Model` to logits of shape `(batch_size, 1)`.

    Raises:
        ValueError: If a size is not known.

    Example:

    >>> ResidualDiscriminator((32, 32, 3), filters=16).output_shape
    (None, 1)

    Reference:
        [Karras et al., 2020](https://arxiv.org/abs/1912.04958),
        [Miyato and Koyama, 2018](https://arxiv.org/abs/1802.05637) (condition)
    """
    input_shape = blocks.check_input_shape(input_shape, (1, 2, 3))
    if None in input_shape or min(input_shape[:-1]) < SMALLEST:
        raise ValueError(
            f"All sizes must be known, and {SMALLEST} at least: the last "
            "layers see the whole sample. Received: "
            f"input_shape={input_shape}"
        )
    arguments.positive_int("filters", filters)
    inputs, x, project = _open(input_shape, condition_shape)
    x = _convolve(x, filters, "conv_1")
    number = 0
    while min(x.shape[1:-1]) > SMALLEST:
        number += 1
        wider = min(filters * 2**number, max_filters)
        x = _add_block(x, wider, f"block_{number}")
    if group_size is not None:
        x = MinibatchStandardDeviation(group_size, name="deviation")(x)
    filters = min(filters * 2**number, max_filters)
    x = _convolve(x, filters, "conv_2")
    x = layers.Flatten(name="flatten", **blocks.CHANNELS_LAST)(x)
    x = layers.Dense(filters, name="dense")(x)
    x = blocks.activation(x, "dense_activation")
    return keras.Model(inputs, project(x), name=name)


def _open(input_shape, condition_shape):
    """Returns the inputs, their tensor, and what makes logits of features."""
    if condition_shape is None or len(condition_shape) > 1:
        inputs, x = blocks.open_inputs(input_shape, condition_shape)
        return inputs, x, layers.Dense(1, name="logits")
    sample = keras.Input(input_shape, name="sample")
    condition = keras.Input(condition_shape, name="condition")
    projection = Projection(name="logits")
    return (
        [sample, condition],
        sample,
        lambda features: projection([features, condition]),
    )


def _convolve(x, filters, name):
    x = blocks.convolution(x, filters, 3, padding="same", name=name)
    return blocks.activation(x, f"{name}_activation")


def _add_block(x, filters, name):
    def blur(x, name):
        return BlurPooling(name=name, **blocks.CHANNELS_LAST)(x)

    skip = blocks.convolution(
        blur(x, f"{name}_skip_blur"),
        filters,
        1,
        use_bias=False,
        name=f"{name}_skip",
    )
    x = _convolve(x, x.shape[-1], f"{name}_conv_1")
    x = _convolve(blur(x, f"{name}_blur"), filters, f"{name}_conv_2")
    x = layers.Add(name=f"{name}_sum")([x, skip])
    # Of two summands that are alike, the sum has the variance of each.
    return layers.Rescaling(math.sqrt(0.5), name=name)(x)
