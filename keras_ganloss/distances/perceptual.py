"""Perceptual distance of images, in the form of LPIPS."""

import contextlib
import functools
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any
from typing import Self

import keras
import numpy as np
from keras import ops

from keras_ganloss.distances import networks
from keras_ganloss.distances.sample_distance import SampleDistance
from keras_ganloss.distances.signals import mean_of_samples
from keras_ganloss.pretrained import efficientnet_lite0
from keras_ganloss.utils import arguments
from keras_ganloss.utils.features import features
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.typing import Tensor

_EPSILON = 1e-10  # Of LPIPS: added to the length of features.


def efficientnet_lite0_maps() -> tuple[Callable[..., Any], list[int]]:
    """Returns a function of images from -1 to 1 that returns five maps.

    Those of EfficientNet-Lite0 at half of the resolution, a quarter, ...

    Raises:
        ImportError: If the package of the weights is missing.
    """
    blocks = [f"block_{number}" for number in (1, 3, 5, 11, 16)]
    network = features(efficientnet_lite0.load_network(), blocks)

    def run(images):
        return efficientnet_lite0.run(network, 127.5 * images + 127.5)

    return run, [output.shape[-1] for output in network.outputs]


# Makers of networks by their names.
NETWORKS = {"efficientnet_lite0": functools.cache(efficientnet_lite0_maps)}


def unit_length(vectors: Tensor) -> Tensor:
    """Scales vectors along the last axis to length one; zero stays zero."""
    squares = ops.sum(ops.square(vectors), axis=-1, keepdims=True)
    alive = squares > 0.0
    # The slope of the root at zero is infinite, and times zero it is NaN.
    lengths = ops.sqrt(ops.where(alive, squares, 1.0)) + _EPSILON
    return ops.where(alive, vectors / lengths, 0.0)


def perceptual_distance(
    maps: Tensor, other_maps: Tensor, weights: Any, distance: Any = None
) -> Tensor:
    """Sum over layers of weighted distances of what they see at each place.

    Args:
        maps, other_maps: Lists of tensors of shape `(batch_size, ...,
            num_channels)`, what layers see at each place.
        weights: List of numbers, or of vectors of a number a channel.
        distance: Optional name or function of a Keras loss, of features.
            Defaults to squared distances of unit vectors.

    Returns:
        Tensor of shape `(batch_size,)`, means over the places.
    """
    total = 0.0
    for one, other, weight in zip(maps, other_maps, weights, strict=True):
        if distance is None:
            squares = ops.square(unit_length(one) - unit_length(other))
            weighted = squares * ops.cast(weight, squares.dtype)
            places = ops.sum(weighted, axis=-1, keepdims=True)
        else:
            places = keras.losses.get(distance)(one, other)[..., None]
            places = places * ops.cast(weight, places.dtype)
        total = total + mean_of_samples(places)
    return total


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Perceptual(SampleDistance):
    """Perceptual loss (LPIPS): how differently a network sees two images.

    The features that layers of a trained network see at a place are scaled to
    length one; squared distances of those of both images are weighed by
    channel, added up over channels and layers, and averaged over places.
    Blur, noise and shifts by a pixel count as people see them rather than
    number by number. Zero for equal images, and where a layer is weighed by
    one, at most 4 of it.

    LPIPS itself is `Perceptual(lpips_vgg16(...), lpips_heads())`: VGG16 with
    weights that people's judgments have been fitted to. Without such a file,
    `"efficientnet_lite0"` needs no download.

    A network of your own is not trained and runs in inference mode. It is
    part of the config, with its weights, and so of any model that is saved
    with this loss. Freeze it by `network.trainable = False`, which spares
    torch its gradients.

    Args:
        network: `"efficientnet_lite0"` (color or gray images, five layers;
            needs an extra package), or a functional or sequential
            `keras.Model` from images to features of shape `(batch_size, ...,
            num_channels)`, one or several; `features(network, layers)` of
            `keras_ganloss.utils.features` makes one of layers of another.
        weights: Optional list, for each of the network's outputs a number or
            a list of numbers, one a channel, none of them negative. Defaults
            to ones.
        value_range: Pair of floats, the values of black and of white in
            your images. Networks get images from -1 to 1. Defaults to
            `(-1, 1)`, which changes nothing.
        distance: Optional name or function of a Keras loss, such as `"mae"`,
            which compares features as they are, on average over channels and
            places: the perceptual loss of SRGAN (`"mse"`) and ESRGAN
            (`"mae"`). Weights are then numbers, one a layer. Defaults to the
            formula above, of LPIPS.
        reduction, name, dtype: See `keras.losses.Loss`.

    Raises:
        ImportError: If the package of the weights is missing.
        ValueError: If `network` is none of these, or `weights` do not fit it.

    Example:

    >>> network = keras.Sequential(
    ...     [keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3)]
    ... )
    >>> loss = Perceptual(network)
    >>> images = np.ones((2, 8, 8, 3))
    >>> float(keras.ops.convert_to_numpy(loss(images, images)))
    0.0

    Reference: [Zhang et al., 2018](https://arxiv.org/abs/1801.03924)
    """

    def __init__(
        self,
        network: Any = "efficientnet_lite0",
        weights: Any = None,
        value_range: Sequence[float] = (-1.0, 1.0),
        distance: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.network = network
        self._maps, channels = _maps_of(network)
        if distance is not None:
            channels = [None] * len(channels)
            _check_distance(distance)
        self.distance = distance
        self.weights = _checked_weights(weights, channels)
        self.value_range = arguments.value_range("value_range", value_range)

    def compare(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        maps, other_maps = map(self._see, (y_true, y_pred))
        return perceptual_distance(
            maps, other_maps, self.weights, self.distance
        )

    def _see(self, images):
        low, high = self.value_range
        images = (images - low) * (2.0 / (high - low)) - 1.0
        maps = keras.tree.flatten(self._maps(images))
        return [widen(each) for each in maps]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "network": networks.to_config(self.network),
            "weights": [weight.tolist() for weight in self.weights],
            "value_range": self.value_range,
            "distance": keras.saving.serialize_keras_object(self.distance),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        network = networks.from_config(config["network"])
        distance = keras.saving.deserialize_keras_object(config["distance"])
        return cls(**{**config, "network": network, "distance": distance})


def _maps_of(network):
    """Returns the function of images, and the channels of its outputs."""
    if isinstance(network, str) and network in NETWORKS:
        return NETWORKS[network]()
    if isinstance(network, keras.Model) and getattr(network, "outputs", None):
        channels = [output.shape[-1] for output in network.outputs]
        return functools.partial(network, training=False), channels
    raise ValueError(
        f"`network` must be one of {sorted(NETWORKS)}, or a functional or "
        "sequential `keras.Model` with an `Input`; wrap any other, "
        "`keras.Model(inputs, network(inputs))`. Received: "
        f"network={network!r}"
    )


def _check_distance(distance):
    """Raises unless it compares features and leaves samples apart."""
    function = None
    with contextlib.suppress(ValueError):
        function = keras.losses.get(distance)
    if function is None or isinstance(function, keras.losses.Loss):
        raise ValueError(
            "`distance` must be a name such as 'mae', or a function of "
            "`(features, features)` that returns a value a place. Received: "
            f"distance={distance!r}"
        )


def _checked_weights(weights, channels):
    """Returns weights as a list of arrays."""
    weights = [1.0] * len(channels) if weights is None else weights
    arrays = [np.asarray(weight, "float64") for weight in weights]
    fit = len(arrays) == len(channels) and all(
        array.shape in ((), (num,)) and (array >= 0.0).all()
        for array, num in zip(arrays, channels)
    )
    if not fit:
        raise ValueError(
            "`weights` must be a list with a number, or a list of as many "
            "numbers as there are channels (without a `distance`), for each "
            "output of the network, none of them negative. The network has "
            f"{len(channels)} outputs of {channels} channels. Received: "
            f"weights of the shapes "
            f"{[array.shape for array in arrays]}"
        )
    return arrays
