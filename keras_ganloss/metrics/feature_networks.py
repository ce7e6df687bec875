"""What metrics see in samples: networks by name, and those of the user."""

import functools
import hashlib
import json
import re

import keras
import numpy as np
from keras import ops

from keras_ganloss.metrics import efficientnet_lite0
from keras_ganloss.metrics import fashion_and_digits
from keras_ganloss.metrics.value_range import check_value_range
from keras_ganloss.metrics.value_range import to_unit


class FeatureNetwork:
    """A function from samples to rows of numbers, and what it needs.

    No Keras object, so that saving a game does not save its weights.

    Args:
        function: Function of a tensor of samples, or of a nest of such, that
            returns a tensor of shape `(batch_size, ...)`.
        name: What to call it in errors.
        fingerprint: Function that returns a string which differs between
            networks that differ, or `None` where nobody knows.
        check: Optional function of the list of shapes of the parts of samples
            that raises a `ValueError` where they do not fit.
        num_features: Optional int, how many numbers it returns; it is tried
            where this is left out.
        sees_range: Bool, whether it makes use of a range of values.
    """

    def __init__(
        self,
        function,
        name,
        fingerprint,
        check=None,
        num_features=None,
        sees_range=False,
    ):
        self.function = function
        self.name = name
        self.fingerprint = fingerprint
        self.check = check or (lambda sample_shapes: None)
        self.sees_range = sees_range
        self._num_features = num_features

    def __call__(self, samples):
        """Returns a float32 tensor of shape `(batch_size, num_features)`."""
        samples = keras.tree.map_structure(
            lambda part: ops.cast(part, "float32"), samples
        )
        outputs = ops.cast(self.function(samples), "float32")
        return ops.reshape(outputs, (-1, int(np.prod(outputs.shape[1:]))))

    def num_features(self, sample_shapes):
        """Returns the number of features of samples of some shapes.

        Args:
            sample_shapes: List of the shapes of the parts, batch included.

        Raises:
            ValueError: If the shapes are not known, or do not fit.
        """
        self.check(sample_shapes)
        if self._num_features is not None:
            return self._num_features
        if any(None in shape[1:] for shape in sample_shapes):
            raise ValueError(
                "The shape of the samples must be known but for the batch: "
                "give the generator a `keras.Input` of known shape. "
                f"Received: sample shapes {sample_shapes}"
            )
        parts = [ops.zeros((1, *shape[1:])) for shape in sample_shapes]
        samples = parts[0] if len(parts) == 1 else parts
        return self(samples).shape[1]


def samples_themselves(value_range):
    """Samples as they are, flattened: for points and tables."""
    del value_range

    def check(sample_shapes):
        _check_one("samples", sample_shapes)

    return FeatureNetwork(
        lambda samples: samples, "samples", lambda: "samples", check
    )


def clothing_and_digits(value_range, output=0):
    """The classifier of `fashion_and_digits.py`, by one of its outputs."""
    network = fashion_and_digits.load_classifier()

    def run(images):
        return network(to_unit(images, value_range), training=False)[output]

    def check(sample_shapes):
        _check_one("fashion_and_digits", sample_shapes)
        shape = fashion_and_digits.SAMPLE_SHAPE
        if sample_shapes[0][1:] != shape:
            raise ValueError(
                f"'fashion_and_digits' sees images of shape {shape}. Pass a "
                "network for yours, or 'efficientnet_lite0' for color images "
                "and 'samples' for points and tables. "
                f"Received: samples of shape {sample_shapes[0][1:]}"
            )

    return FeatureNetwork(
        run,
        "fashion_and_digits",
        lambda: f"{fashion_and_digits.digest()} {output} {value_range}",
        check,
        network.outputs[output].shape[1],
        sees_range=True,
    )


def imagenet(value_range, output=0):
    """The network of `efficientnet_lite0.py`, by one of its outputs."""
    network = efficientnet_lite0.load_network()

    def run(images):
        pixels = 255.0 * to_unit(images, value_range)
        return efficientnet_lite0.run(network, pixels)[output]

    def check(sample_shapes):
        _check_one("efficientnet_lite0", sample_shapes)
        shape = sample_shapes[0][1:]
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
    )


# Makers of networks by their names.
FEATURES = {
    "efficientnet_lite0": imagenet,
    "fashion_and_digits": clothing_and_digits,
    "samples": samples_themselves,
}
CLASSIFIERS = {
    "efficientnet_lite0": functools.partial(imagenet, output=1),
    "fashion_and_digits": functools.partial(clothing_and_digits, output=1),
}


def get(identifier, value_range=(-1.0, 1.0), networks=FEATURES):
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
    check_value_range(value_range)
    if isinstance(identifier, FeatureNetwork):
        return identifier
    if isinstance(identifier, str) and identifier in networks:
        return networks[identifier](tuple(map(float, value_range)))
    if isinstance(identifier, keras.Layer):
        return FeatureNetwork(
            functools.partial(identifier, training=False),
            identifier.name,
            functools.partial(_digest, identifier),
        )
    if callable(identifier):
        name = getattr(identifier, "__name__", repr(identifier))
        return FeatureNetwork(identifier, name, lambda: None)
    raise ValueError(
        f"A network must be one of {sorted(networks)}, a `keras.Model`, or a "
        "function of a batch of samples. "
        f"Received: {identifier!r} (of type {type(identifier).__name__})"
    )


def _check_one(name, sample_shapes):
    if len(sample_shapes) != 1:
        raise ValueError(
            f"{name!r} sees samples of one part. Pass a function of yours "
            "that takes a nest. Received: samples of the shapes "
            f"{sample_shapes}"
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
