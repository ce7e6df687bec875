"""What the layers inside of a network return."""

import weakref

import keras

from keras_ganloss.backend.keras_internals import nodes

# By network, and there by names: a step must not make models of its own.
_WITH_FEATURES = weakref.WeakKeyDictionary()


def features(network, layers):
    """Returns a network from the inputs of another to what its layers return.

    It shares the weights. For `Perceptual`.

    Args:
        network: A functional or sequential `keras.Model`.
        layers: List of names of layers.

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
    return keras.Model(inputs, _outputs_of(network, layers))


def with_features(network, layers):
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
        inputs, outputs = _ends(network)
        known[layers] = keras.Model(
            inputs, [outputs, _outputs_of(network, layers)]
        )
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
    known = [layer.name for layer in network.layers]
    unknown = [name for name in layers if name not in known]
    if unknown or not layers:
        raise ValueError(
            f"`layers` must be names of layers of {network.name!r}, of "
            f"{known}. Received: layers={list(layers)}"
        )
    outputs = _outputs_by_name(network)
    return [outputs[name] for name in layers]


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
