"""Outputs of networks by their names."""

from typing import Any

import keras

from keras_ganloss.utils.features import HIDDEN
from keras_ganloss.utils.features import told


def symbolic_output(network: keras.Model) -> Any:
    """Returns the symbolic outputs of a network, in their structure."""
    # A `Sequential` that was never called has no `output`.
    return network.outputs if len(network.outputs) == 1 else network.output


def parts_of(
    outputs: Any, network: keras.Model | None = None
) -> list[tuple[str, Any]]:
    """Returns pairs, the name of an output and what it is, maybe a nest.

    That is the key in a dict; else the name that a functional network has for
    it, or its place.

    Args:
        outputs: What a network returns, or a part of it.
        network: Optional `keras.Model`, if that is all it returns.
    """
    if isinstance(outputs, dict):
        return sorted(outputs.items())
    if not isinstance(outputs, (list, tuple)):
        outputs = [outputs]
    names = list(getattr(network, "output_names", None) or [])
    if len(names) != len(outputs):
        names = [str(place) for place in range(len(outputs))]
    return list(zip(names, outputs))


def output_called(name: Any, outputs: Any, network: keras.Model) -> Any:
    """Returns an output by its name or place, as a feature.

    Args:
        name: A string or an int.
        outputs: What the network returns.
        network: A `keras.Model`.

    Raises:
        ValueError: If there is no such output.
    """
    parts = parts_of(outputs, network)
    if isinstance(name, int) and -len(parts) <= name < len(parts):
        return parts[name][1]
    if name in dict(parts):
        return dict(parts)[name]
    inner = "of a subclassed network layers are not known"
    if getattr(network, "inputs", None):
        inner = f"it has {[layer.name for layer in network.layers]}"
    raise ValueError(
        "`layers` must be names of layers of the discriminator, or of networks "
        f"inside, as in 'network/layer' ({inner}), or of outputs, or their "
        f"index. Received: layers={name!r}, outputs called {list(dict(parts))}"
    )


def check_features(layers: tuple[Any, ...], network: keras.Model) -> None:
    """Raises unless a network has layers or outputs of names, if it tells."""
    if not getattr(network, "inputs", None):
        if HIDDEN in layers:
            raise ValueError(
                "The layers of a subclassed network are not known. Let it "
                "return its features, and name these outputs, such as "
                "`FeatureMatching([1])`; or make it a functional one. "
                f"Received: network={network.name!r} (of type "
                f"{type(network).__name__})"
            )
        return
    for name in set(layers) - set(told(network, layers)):
        output_called(name, symbolic_output(network), network)
