"""The U-Net discriminator of Real-ESRGAN."""

from typing import Any

import keras
from keras import layers

from keras_ganloss.layers import BlurPooling
from keras_ganloss.layers import SpectralNormalization
from keras_ganloss.networks import blocks
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Shape


def UNetDiscriminator(
    input_shape: Shape,
    filters: int = 64,
    num_layers: int = 3,
    condition_shape: Any = None,
    name: str = "unet_discriminator",
) -> keras.Model:
    """One logit for each pixel, by a U-Net with spectral normalization.

    For super-resolution and restoration: it sees the whole neighborhood, and
    tells the generator of each pixel where it is wrong.

    Bilinear enlargement is done by nearest neighbors and a blur, which is the
    same and, on TensorFlow too, can be differentiated twice.

    Layers by name, for `FeatureMatching`: `conv_1`, `down_1` to
    `down_{num_layers}`, `up_{num_layers}` to `up_1` (before the sums with
    `skip_...`), `conv_2`, `conv_3`, `logits`; `..._activation` after each but
    the last.

    Args:
        input_shape: Tuple, the shape of a sample: one, two or three axes that
            `2**num_layers` divides, or `None`, and channels last.
        filters: Int, of the first layer; doubled by each of the layers that
            make the map smaller. Defaults to 64.
        num_layers: Int, how often it is halved. Defaults to 3.
        condition_shape: See `PatchDiscriminator`.
        name: The model's name.

    Returns:
        A `keras.Model` to logits of the size of the sample, with one channel.

    Raises:
        ValueError: If a size cannot be halved so often.

    Example:

    >>> UNetDiscriminator((64, 64, 3)).output_shape
    (None, 64, 64, 1)

    Reference:
        [Wang et al., 2021](https://arxiv.org/abs/2107.10833),
        [Schönfeld et al., 2020](https://arxiv.org/abs/2002.12655)
    """
    input_shape = blocks.check_input_shape(input_shape, (1, 2, 3))
    num_layers = arguments.positive_int("num_layers", num_layers)
    if any(
        size is not None and size % 2**num_layers for size in input_shape[:-1]
    ):
        raise ValueError(
            f"Sizes must be divisible by {2**num_layers}, since they are "
            "halved `num_layers` times. Take fewer layers, or pad the samples. "
            f"Received: input_shape={input_shape}, num_layers={num_layers}"
        )

    def convolve(x, filters, size, name, **kwargs):
        x = blocks.convolution(x, filters, size, name=name, **kwargs)
        return blocks.activation(x, f"{name}_activation")

    spectral = {"wrapper": SpectralNormalization, "use_bias": False}
    inputs, x = blocks.open_inputs(input_shape, condition_shape)
    x = convolve(x, filters, 3, "conv_1", padding="same")
    skips = [x]
    for level in range(1, num_layers + 1):
        x = convolve(
            x,
            filters * 2**level,
            4,
            f"down_{level}",
            strides=2,
            padding=1,
            **spectral,
        )
        skips.append(x)
    skips.pop()
    for level in range(num_layers, 0, -1):
        up = f"up_{level}"
        x = blocks.UP_SAMPLING[len(input_shape) - 1](2, name=f"{up}_nearest")(x)
        x = BlurPooling(
            1, (1, 2, 1), "reflect", name=f"{up}_blur", **blocks.CHANNELS_LAST
        )(x)
        x = convolve(
            x, filters * 2 ** (level - 1), 3, up, padding="same", **spectral
        )
        x = layers.Add(name=f"skip_{level}")([x, skips.pop()])
    for conv in ("conv_2", "conv_3"):
        x = convolve(x, filters, 3, conv, padding="same", **spectral)
    logits = blocks.convolution(x, 1, 3, padding="same", name="logits")
    return keras.Model(inputs, logits, name=name)
