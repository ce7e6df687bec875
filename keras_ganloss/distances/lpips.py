"""LPIPS as its authors fitted it: VGG16 and the weights of its channels."""

import importlib.util
import pathlib
from typing import Any

import keras
import numpy as np
from keras import layers

from keras_ganloss.pretrained.torch_file import read_tensors
from keras_ganloss.utils import arguments

PACKAGE = "lpips"
FILES = ("vgg", "alex", "squeeze")

# What images from -1 to 1 are brought to: less the shift, by the scale.
SHIFT = (-0.030, -0.088, -0.188)
SCALE = (0.458, 0.448, 0.450)

# The filters of the convolutions, stage by stage; a stage halves the one
# before it.
STAGES = ((64,) * 2, (128,) * 2, (256,) * 3, (512,) * 3, (512,) * 3)


def lpips_heads(network: Any = "vgg") -> list[Any]:
    """Returns the weights of channels of the PyPI package `lpips`.

    They are read off its files, without torch and without torchvision:
    `pip install --no-deps lpips` will do.

    Args:
        network: `"vgg"`, for the five maps of `lpips_vgg16`, `"alex"` or
            `"squeeze"`.

    Returns:
        List of lists of floats, for `Perceptual(weights=...)`.

    Raises:
        ImportError: If the package is not installed.
        ValueError: If there is no such network.

    Reference: [Zhang et al., 2018](https://arxiv.org/abs/1801.03924)
    """
    arguments.one_of(FILES, "network", network)
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None:
        raise ImportError(
            "The heads of LPIPS are files of the package `lpips`: "
            "`pip install --no-deps lpips`."
        )
    folder = pathlib.Path(spec.submodule_search_locations[0])
    heads = read_tensors(folder / "weights" / "v0.1" / f"{network}.pth")
    return [heads[name].reshape(-1).tolist() for name in sorted(heads)]


def lpips_vgg16(state: Any) -> keras.Model:
    """Returns the network of LPIPS, with the weights of torchvision's VGG16.

    The heads of LPIPS belong to these weights. Those of `keras.applications`
    are of another training and see other colors; heads or not, wrap that
    network with its own preprocessing.

    Args:
        state: Dict of name to array or tensor on the CPU, the `state_dict` of
            `torchvision.models.vgg16`, what `torch.load` reads from its file.

    Returns:
        A frozen `keras.Model` from images from -1 to 1, `(batch_size, height,
        width, 3)`, to five maps: what comes out of the last activation of each
        stage.

    Raises:
        ValueError: If the weights are those of another network.

    Example:

    ```python
    state = torch.load("vgg16-397923af.pth")
    lpips = Perceptual(lpips_vgg16(state), lpips_heads())
    ```
    """
    settings = {"data_format": "channels_last", "dtype": "float32"}
    images = keras.Input((None, None, 3), dtype="float32")
    scale = 1.0 / np.array(SCALE)
    outputs = layers.Rescaling(
        scale.tolist(), (-scale * SHIFT).tolist(), dtype="float32"
    )(images)
    maps = []
    for stage in STAGES:
        if maps:
            outputs = layers.MaxPooling2D(**settings)(outputs)
        for filters in stage:
            outputs = layers.Conv2D(
                filters, 3, padding="same", activation="relu", **settings
            )(outputs)
        maps.append(outputs)
    network = keras.Model(images, maps, name="lpips_vgg16")
    network.set_weights(_convolutions(state, network.weights))
    network.trainable = False
    return network


def _convolutions(state, weights):
    """Returns kernels and biases in the order and with the axes of Keras."""
    arrays = [
        np.asarray(value)
        for name, value in state.items()
        if name.startswith("features.")
    ]
    arrays = [
        array.transpose(2, 3, 1, 0) if array.ndim == 4 else array
        for array in arrays
    ]
    found = [array.shape for array in arrays]
    if found != [tuple(weight.shape) for weight in weights]:
        raise ValueError(
            "`state` must be the `state_dict` of torchvision's VGG16, with "
            "the kernels and biases of its 13 convolutions under "
            f"'features.'. Received: arrays of the shapes {found}"
        )
    return arrays
