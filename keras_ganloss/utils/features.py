"""What the layers inside of a network return."""

import weakref
from typing import Any

import keras

from keras_ganloss.backend.keras_internals import nodes
from keras_ganloss.backend.keras_internals import run_with

# By network, and there by names: a step must not make models of its own.
_WITH_FEATURES = weakref.WeakKeyDictionary()


def features(network: keras.Model, layers: Any) -> Any:
    """Returns a network from the inputs of another to what its layers return.

    It shares the weights. For `Perceptual`.

    Args:
        network: A functional or sequential `keras.Model`.
        layers: List of names of layers; for one inside of a network inside,
            `"mpd2/h1"`, or `"h1"` for that of every network inside.

    Returns:
        A `keras.Model` that returns a list, or the features alone if there is
        one layer.

    Raises:
        ValueError: If the network does not tell what its layers return, or
            has no such layer.

    Example:

    ```python
    vgg = keras.applications.VGG19(include_top=False)
    network = features(vgg, ["block2_conv2", "block5_conv2"])
    ```
    """
    inputs, _ = _ends(network)
    return keras.Model(inputs, _outputs_of(network, layers)[1])


def with_features(network: keras.Model, layers: Any) -> keras.Model:
    """Returns a network that also returns what its layers return.

    Args:
        network: See `features`.
        layers: Tuple of names of layers.

    Returns:
        A `keras.Model` that returns a pair: what the network returns, and a
        list. The same object each time.

    Raises:
        ValueError: See `features`.
    """
    known = _WITH_FEATURES.setdefault(network, {})
    if layers not in known:
        inputs, _ = _ends(network)
        known[layers] = keras.Model(inputs, _outputs_of(network, layers))
    return known[layers]


def _ends(network):
    """Returns the symbolic inputs and outputs, in their structure."""
    if not getattr(network, "inputs", None):
        raise ValueError(
            "Features need a functional or sequential network, whose layers "
            "tell what they return. Received: "
            f"network={network.name!r} (of type {type(network).__name__})"
        )
    if isinstance(network, keras.Sequential):
        return network.inputs[0], network.outputs[0]
    return network.input, network.output


def _outputs_of(network, layers):
    """Returns a list: what the network returns, and the list of features.

    A feature is a list where several networks inside have a layer of the name.
    """
    _, outputs = _ends(network)
    known = _outputs_by_name(network)
    asked = {name: _inside(network, name) for name in layers}
    unknown = [
        name for name, inner in asked.items() if not inner and name not in known
    ]
    if unknown or not layers:
        names = [layer.name for layer in network.layers]
        raise ValueError(
            f"`layers` must be names of layers of {network.name!r}, of "
            f"{names}, or of networks inside, as in 'network/layer'. "
            f"Received: layers={list(layers)}"
        )
    if any(asked.values()):
        outputs, known = _opened(network, asked)
    return [outputs, [known[name] for name in layers]]


def _inside(network, name):
    """Returns a dict: networks inside, and what `name` is called in them."""
    if name in [layer.name for layer in network.layers]:
        return {}
    first, _, rest = name.partition("/")
    found = {}
    for layer in network.layers:
        if not getattr(layer, "inputs", None):
            continue  # Not a network whose layers tell what they return.
        inner = rest if layer.name == first else name
        if inner in [x.name for x in layer.layers] or _inside(layer, inner):
            found[layer.name] = inner
    return found


def _opened(network, asked):
    """Calls a network once more; networks inside return features as well.

    Args:
        network: A functional or sequential `keras.Model`.
        asked: Dict by name, what `_inside` returned.

    Returns:
        Pair of what the network returns, and a dict of features by name.
    """
    known = {}

    def replace(operation):
        names = tuple(
            dict.fromkeys(
                inner[operation.name]
                for inner in asked.values()
                if operation.name in inner
            )
        )

        def call(*args, **kwargs):
            if not names:
                output = operation(*args, **kwargs)
            else:
                inner_network = with_features(operation, names)
                output, features = inner_network(*args, **kwargs)
                for name, inner in asked.items():
                    if operation.name in inner:
                        feature = features[names.index(inner[operation.name])]
                        known.setdefault(name, []).append(feature)
            known.setdefault(operation.name, output)
            return output

        return call

    inputs, _ = _ends(network)
    return run_with(network, inputs, replace), known


def _outputs_by_name(network):
    """Returns what the layers return in the graph of this network.

    `layer.output` may be of another one: a sequential network that has been
    loaded has called its layers twice, and a model of both calls does too.
    """
    outputs = {}
    for node in nodes(network):
        first, *others = node.outputs
        output = [first, *others] if others else first
        outputs.setdefault(node.operation.name, output)
    return outputs
