"""What the layers inside of a network return."""

import weakref
from typing import Any

import keras
from keras import ops

from keras_ganloss.backend.keras_internals import nodes
from keras_ganloss.backend.keras_internals import run_with
from keras_ganloss.utils.precision import wide_dtype
from keras_ganloss.utils.shapes import batch_size
from keras_ganloss.utils.typing import Nest

# In place of a name: all that layers with a kernel get from other such layers.
HIDDEN = "*"

PADDING = (
    keras.layers.ZeroPadding1D,
    keras.layers.ZeroPadding2D,
    keras.layers.ZeroPadding3D,
)

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
        # Its name, for who looks for it inside of another network.
        known[layers] = keras.Model(
            inputs, _outputs_of(network, layers), name=network.name
        )
    return known[layers]


def told(network: keras.Model, layers: Any) -> Nest:
    """Returns those of names that are of layers whose outputs are known.

    Args:
        network: A `keras.Model`.
        layers: Tuple of names of layers, or `HIDDEN`.
    """
    if not layers or not getattr(network, "inputs", None):
        return ()
    known = _WITH_FEATURES.setdefault(network, {})
    if ("told", layers) not in known:
        names = {HIDDEN, *_outputs_by_name(network)}
        known["told", layers] = tuple(
            name
            for name in layers
            if name in names
            or (isinstance(name, str) and _inside(network, name))
        )
    return known["told", layers]


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
    known[HIDDEN] = _hidden(network)
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
        names = [HIDDEN, *(x.name for x in layer.layers)]
        if inner in names or _inside(layer, inner):
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
    outputs = run_with(network, inputs, replace)
    hidden = _hidden(keras.Model(inputs, outputs))
    known[HIDDEN] = [*known.get(HIDDEN, []), *hidden]
    return outputs, known


def _hidden(network):
    """Returns what layers with a kernel get that comes of other such layers."""

    def has_kernel(operation):
        weights = getattr(operation, "weights", [])
        return any(len(weight.shape) > 1 for weight in weights)

    derived = _derived(network, has_kernel)
    before = {  # The borders that are added are no features.
        id(tensor): node.arguments.keras_tensors[0]
        for node in nodes(network)
        if isinstance(node.operation, PADDING)
        for tensor in node.outputs
    }
    found = [
        before.get(id(tensor), tensor)
        for node in nodes(network)
        if has_kernel(node.operation)
        for tensor in node.arguments.keras_tensors
        if id(tensor) in derived
    ]
    return list({id(tensor): tensor for tensor in found}.values())


def _derived(network, is_source):
    """Returns the ids of the tensors that come of operations of some kind."""
    found = set()
    for node in nodes(network):
        inputs = {id(tensor) for tensor in node.arguments.keras_tensors}
        if is_source(node.operation) or inputs & found:
            found |= {id(tensor) for tensor in node.outputs}
    return found


def operations_behind(network: keras.Model, layers: Any) -> list[Any]:
    """Returns the operations whose inputs come of layers.

    Args:
        network, layers: See `with_features`.
    """
    inside = {name for layer in layers for name in _inside(network, layer)}
    known = {*inside, *layers}
    derived = _derived(network, lambda operation: operation.name in known)
    return [
        node.operation
        for node in nodes(network)
        if node.operation.name in inside
        or any(id(x) in derived for x in node.arguments.keras_tensors)
    ]


def with_offsets(network: keras.Model, layers: Any) -> Any:
    """Returns a network that adds tensors to what its layers return.

    The gradient by a tensor of zeros is that by what the layer returns.

    Args:
        network: See `features`.
        layers: Tuple of names of layers.

    Returns:
        A `keras.Model` that is called on a pair: what the network is called
        on, and a list of offsets in the structure of the features. The same
        object each time.
    """
    known = _WITH_FEATURES.setdefault(network, {})
    if ("offsets", layers) not in known:
        inputs, _ = _ends(network)
        offsets = keras.tree.map_structure(
            lambda x: keras.Input(
                batch_shape=x.shape, dtype=wide_dtype(x.dtype)
            ),
            with_features(network, layers).output[1],
        )
        outputs = _moved(network, inputs, layers, offsets)
        known["offsets", layers] = keras.Model([inputs, offsets], outputs)
    return known["offsets", layers]


def _moved(network, inputs, layers, offsets):
    """Calls a network once more, with offsets to what its layers return."""
    given = dict(zip(layers, offsets, strict=True))
    asked = {name: _inside(network, name) for name in layers}
    # As in `_opened`, features are in the order of the networks inside.
    inner_given = {name: list(given[name]) for name in layers if asked[name]}

    def replace(operation):
        inner = {}  # What features are called inside, and here.
        for name, names in asked.items():
            if operation.name in names:
                inner.setdefault(names[operation.name], []).append(name)

        def call(*args, **kwargs):
            if inner:
                moved = with_offsets(operation, tuple(inner))
                shifts = [
                    keras.tree.map_structure(
                        lambda *parts: sum(parts),
                        *(inner_given[name].pop(0) for name in names),
                    )
                    for names in inner.values()
                ]
                output = moved([args[0], shifts], *args[1:], **kwargs)
            else:
                output = operation(*args, **kwargs)
            shift = given.pop(operation.name, None)
            if shift is None:
                return output
            return keras.tree.map_structure(
                lambda x, y: ops.add(x, ops.cast(y, x.dtype)), output, shift
            )

        return call

    return run_with(network, inputs, replace)


def zero_offsets(network: keras.Model, layers: Any, inputs: Nest) -> Nest:
    """Returns zeros in the shapes of what layers return.

    Args:
        network, layers: See `with_offsets`.
        inputs: What the network is called on.

    Raises:
        ValueError: If a size is not known.
    """
    known = _WITH_FEATURES.setdefault(network, {})
    specs = keras.tree.map_structure(
        lambda x: keras.KerasTensor(x.shape, x.dtype), inputs
    )
    shapes = tuple((x.shape, x.dtype) for x in keras.tree.flatten(specs))
    if (layers, shapes) not in known:
        whole = with_features(network, layers)
        known[layers, shapes] = whole.compute_output_spec(specs)[1]

    def zeros(spec):
        if None in spec.shape[1:]:
            raise ValueError(
                "The gradient by what a layer returns needs its size. Build "
                "the discriminator on inputs of a fixed size. Received: "
                f"layers={list(layers)}, one of which returns the shape "
                f"{tuple(spec.shape)}"
            )
        size = spec.shape[0] or batch_size(inputs)
        return ops.zeros((size, *spec.shape[1:]), wide_dtype(spec.dtype))

    return keras.tree.map_structure(zeros, known[layers, shapes])


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
