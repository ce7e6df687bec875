"""The patch discriminator of pix2pix, VQGAN and many others."""

from collections.abc import Callable
from typing import Any

import keras

from keras_ganloss.layers import BatchNormalization
from keras_ganloss.networks import blocks
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Shape


def batch_normalization(name: str) -> BatchNormalization:
    """Batch normalization whose scales begin as in DCGAN."""
    return BatchNormalization(
        epsilon=1e-5,
        momentum=0.9,
        gamma_initializer=keras.initializers.RandomNormal(1.0, 0.02),
        name=name,
    )


def PatchDiscriminator(
    input_shape: Shape,
    filters: int = 64,
    num_layers: int = 3,
    strides: Any = 2,
    normalization: Callable[..., Any] = batch_normalization,
    wrapper: Callable[..., Any] = blocks.as_layer,
    condition_shape: Any = None,
    name: str = "patch_discriminator",
) -> keras.Model:
    """PatchGAN: one logit for each patch of a signal, an image or a volume.

    It judges textures and edges, not what is in the picture, so it goes with
    a loss that knows the right answer: `SupervisedGAN`, image translation,
    autoencoders. By default a logit sees 70 x 70 pixels; each layer less
    halves that, roughly, each one more doubles it.

    Convolutions of size 4: `num_layers` with strides, one without, and one
    for the logits. All but the first and the last are normalized.

    Layers by name, for `FeatureMatching`: `conv_1` to
    `conv_{num_layers + 1}`, `normalization_2`, ..., `activation_1`, ...,
    `logits`.

    Args:
        input_shape: Tuple, the shape of a sample: one, two or three axes, or
            `None` where the size varies, and channels last.
        filters: Int, of the first layer; doubled up to eight times as many.
            Defaults to 64.
        num_layers: Int, layers with strides. Defaults to 3; 2 for small
            images.
        strides: Int, or one for each axis, such as `(1, 2, 2)` for clips of a
            few frames. Defaults to 2.
        normalization: Function of `name` that returns a layer, such as the
            class `keras_ganloss.layers.InstanceNormalization`, or `None`.
            Defaults to batch normalization. With a penalty on gradients,
            take one that treats samples by themselves, or none.
        wrapper: Function of a layer and `name` that returns a layer, such as
            the class `keras_ganloss.layers.SpectralNormalization`. Defaults
            to the layer as it is.
        condition_shape: Optional tuple: the discriminator is then called on
            `[sample, condition]`. A map whose sizes divide those of the
            sample, or `(size,)` for vectors, such as one-hot classes.
        name: The model's name.

    Returns:
        A `keras.Model` to logits of shape `(batch_size, ..., 1)`.

    Raises:
        ValueError: If samples are too small for so many layers.

    Example:

    >>> network = PatchDiscriminator((256, 256, 3))
    >>> network.output_shape
    (None, 30, 30, 1)

    Reference:
        [Isola et al., 2017](https://arxiv.org/abs/1611.07004),
        [Esser et al., 2020](https://arxiv.org/abs/2012.09841) (initial values)
    """
    input_shape = blocks.check_input_shape(input_shape, (1, 2, 3))
    num_layers = arguments.positive_int("num_layers", num_layers)
    _check_size(input_shape, num_layers, strides)
    inputs, x = blocks.open_inputs(input_shape, condition_shape)
    settings = {
        "padding": 1,
        "wrapper": wrapper,
        "kernel_initializer": keras.initializers.RandomNormal(0.0, 0.02),
    }
    for number in range(1, num_layers + 2):
        is_normalized = number > 1 and normalization is not None
        x = blocks.convolution(
            x,
            filters * min(2 ** (number - 1), 8),
            4,
            strides if number <= num_layers else 1,
            use_bias=not is_normalized,
            name=f"conv_{number}",
            **settings,
        )
        if is_normalized:
            x = normalization(name=f"normalization_{number}")(x)
        x = blocks.activation(x, f"activation_{number}")
    logits = blocks.convolution(x, 1, 4, name="logits", **settings)
    return keras.Model(inputs, logits, name=name)


def _check_size(input_shape, num_layers, strides):
    """Raises if there is no logit left."""
    *sizes, _ = input_shape
    if arguments.is_int(strides):
        strides = (strides,) * len(sizes)
    for size, step in zip(sizes, strides, strict=True):
        left = size
        for factor in [step] * num_layers + [1, 1]:
            left = None if left is None else (left - 2) // factor + 1
        if left is not None and left < 1:
            raise ValueError(
                "There is no logit left of samples so small. Take fewer "
                "layers, or strides of 1 along this axis. Received: "
                f"input_shape={input_shape}, num_layers={num_layers}, "
                f"strides={strides}"
            )
