"""What metrics see in samples: networks by name, and those of the user."""

import functools
import hashlib
import json
import re
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss.metrics.shared_passes import compute_once
from keras_ganloss.metrics.value_range import to_unit
from keras_ganloss.pretrained import efficientnet_lite0
from keras_ganloss.pretrained import fashion_and_digits
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


class FeatureNetwork:
    """A function from samples to rows of numbers, and what it needs.

    No Keras object, so that saving a game does not save its weights.

    Args:
        function: Function of a tensor of samples that returns a tensor of
            shape `(batch_size, ...)`, or several.
        name: What to call it in errors.
        fingerprint: Function that returns a string which differs between
            networks that differ, or `None` where nobody knows.
        check: Optional function of the shape of a sample that raises a
            `ValueError` where it does not fit.
        num_features: Optional int, how many numbers it returns; it is tried
            where this is left out.
        sees_range: Bool, whether it makes use of a range of values.
        output: Optional int, which of several outputs of the function.
        key: What tells the function from others, hashable: metrics share its
            passes. Defaults to the function.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        name: str,
        fingerprint: Callable[..., Any],
        check: Callable[..., Any] | None = None,
        num_features: int | None = None,
        sees_range: bool = False,
        output: Tensor = None,
        key: Any = None,
    ) -> None:
        self.function = function
        self.name = name
        self.fingerprint = fingerprint
        self.check: Callable[..., Any] = check or (lambda shape: None)
        self.sees_range = sees_range
        self.output = output
        self.key: Any = function if key is None else key
        self._num_features = num_features

    def __call__(self, samples: Nest) -> Tensor:
        """Returns a float32 tensor of shape `(batch_size, num_features)`."""
        outputs = compute_once(self.key, self._run, samples)
        if self.output is not None:
            outputs = outputs[self.output]
        outputs = ops.cast(outputs, "float32")
        return ops.reshape(outputs, (-1, int(np.prod(outputs.shape[1:]))))

    def _run(self, samples):
        return self.function(ops.cast(samples, "float32"))

    def num_features(self, sample_shapes: Any) -> int:
        """Returns the number of features of samples of some shapes.

        Args:
            sample_shapes: List of the shapes of the parts, batch included.

        Raises:
            ValueError: If the shapes are not known, or do not fit.
        """
        if len(sample_shapes) != 1:
            raise ValueError(
                "Features are those of samples of one part, a tensor and no "
                "dict or list. Measure games of nests by a `SampleMetric` of "
                f"yours. Received: samples of the shapes {sample_shapes}"
            )
        shape = tuple(sample_shapes[0][1:])
        self.check(shape)
        if self._num_features is not None:
            return self._num_features
        if None in shape:
            raise ValueError(
                "The shape of the samples must be known but for the batch: "
                "give the generator a `keras.Input` of known shape. "
                f"Received: samples of shape {shape}"
            )
        return self(ops.zeros((1, *shape))).shape[1]


def samples_themselves(value_range: Sequence[float]) -> FeatureNetwork:
    """Samples as they are, flattened: for points and tables."""
    del value_range
    return FeatureNetwork(lambda samples: samples, "samples", lambda: "samples")


def clothing_and_digits(
    value_range: Sequence[float], output: int = 0
) -> FeatureNetwork:
    """The classifier of `fashion_and_digits.py`, by one of its outputs."""
    network = fashion_and_digits.load_classifier()

    def run(images):
        return network(to_unit(images, value_range), training=False)

    def check(shape):
        if shape != fashion_and_digits.SAMPLE_SHAPE:
            raise ValueError(
                "'fashion_and_digits' sees images of shape "
                f"{fashion_and_digits.SAMPLE_SHAPE}. Pass a network for "
                "yours, or 'efficientnet_lite0' for color images and "
                "'samples' for points and tables. "
                f"Received: samples of shape {shape}"
            )

    return FeatureNetwork(
        run,
        "fashion_and_digits",
        lambda: f"{fashion_and_digits.digest()} {output} {value_range}",
        check,
        network.outputs[output].shape[1],
        sees_range=True,
        output=output,
        key=("fashion_and_digits", value_range),
    )


def imagenet(value_range: Sequence[float], output: int = 0) -> FeatureNetwork:
    """The network of `efficientnet_lite0.py`, by one of its outputs."""
    network = efficientnet_lite0.load_network()

    def run(images):
        pixels = 255.0 * to_unit(images, value_range)
        return efficientnet_lite0.run(network, pixels)

    def check(shape):
        if len(shape) != 3 or shape[2] not in (1, 3):
            raise ValueError(
                "'efficientnet_lite0' sees images of shape (height, width, 3) "
                "or (height, width, 1). Pass a network for your samples, or "
                "'samples' for points and tables. "
                f"Received: samples of shape {shape}"
            )

    return FeatureNetwork(
        run,
        "efficientnet_lite0",
        lambda: f"efficientnet_lite0 0.1.0 {output} {value_range}",
        check,
        network.outputs[output].shape[1],
        sees_range=True,
        output=output,
        key=("efficientnet_lite0", value_range),
    )


# Makers of networks by their names.
FEATURES: dict[str, Callable[..., Any]] = {
    "efficientnet_lite0": imagenet,
    "fashion_and_digits": clothing_and_digits,
    "samples": samples_themselves,
}
CLASSIFIERS: dict[str, Callable[..., Any]] = {
    "efficientnet_lite0": functools.partial(imagenet, output=1),
    "fashion_and_digits": functools.partial(clothing_and_digits, output=1),
}


def get(
    identifier: Any,
    value_range: Sequence[float] = (-1.0, 1.0),
    networks: Any = FEATURES,
) -> FeatureNetwork:
    """Returns the `FeatureNetwork` of a name, or around a network.

    Args:
        identifier: A key of `networks`, a `keras.Model`, or any function of a
            batch of samples that returns features. Networks of the user see
            the samples as they are.
        value_range: Pair of floats, the values of black and of white, which
            a network that goes by a name has to know.
        networks: Dict of name to function of `value_range`.

    Raises:
        ValueError: If `identifier` or `value_range` is something else.
    """
    value_range = arguments.value_range("value_range", value_range)
    if isinstance(identifier, FeatureNetwork):
        return identifier
    if isinstance(identifier, str) and identifier in networks:
        return networks[identifier](value_range)
    if isinstance(identifier, keras.Layer):
        return FeatureNetwork(
            functools.partial(identifier, training=False),
            identifier.name,
            functools.partial(_digest, identifier),
            key=identifier,
        )
    # By the one or the other Keras saves it along with a game.
    saved = hasattr(identifier, "__name__") or hasattr(identifier, "get_config")
    if callable(identifier) and saved:
        name = getattr(identifier, "__name__", type(identifier).__name__)
        return FeatureNetwork(identifier, name, lambda: None)
    raise ValueError(
        f"A network must be one of {sorted(networks)}, a `keras.Model`, or a "
        "function of a batch of samples that Keras can save (no "
        "`functools.partial`). "
        f"Received: {identifier!r} (of type {type(identifier).__name__})"
    )


def _digest(network):
    """Returns a digest of a network's configuration and weights."""
    config = keras.saving.serialize_keras_object(network)
    text = json.dumps(config, sort_keys=True, default=str)
    # Keras numbers names by what else there is in the process.
    digest = hashlib.blake2b(re.sub(r'_\d+"', '"', text).encode())
    for weight in network.weights:
        digest.update(ops.convert_to_numpy(weight.value).tobytes())
    return digest.hexdigest()
