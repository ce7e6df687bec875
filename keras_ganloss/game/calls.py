"""Calls of networks: what they return, what layers add, what they leave."""

from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

import keras
from keras import ops

from keras_ganloss.utils.precision import widen_all
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.variables import seed_states


class Call(NamedTuple):
    """What is remembered of a call of a network.

    Attributes:
        network: The `keras.Model`.
        source: What it was called on.
        condition: What it was told besides, or `None`.
        outputs: What it returned.
        losses: List of what its layers added to the loss.
    """

    network: Any
    source: Any
    condition: Any
    outputs: Any
    losses: list[Any]


def joined(network: keras.Model, source: Nest, condition: Nest = None) -> Any:
    """Returns what a network is called on: a source, and a condition.

    Args:
        network: A `keras.Model`.
        source: A tensor or a nest of tensors.
        condition: Likewise, or `None`.

    Returns:
        `[source, condition]`. Of a functional model that takes the parts of
        both in one list or dict, they are joined into one.
    """
    if condition is None:
        return source
    inputs = [source, condition]
    if not getattr(network, "inputs", None):
        return inputs
    expected, leaves = network.input, keras.tree.flatten(inputs)
    if isinstance(expected, dict) and isinstance(source, dict):
        others = [name for name in expected if name not in source]
        if not isinstance(condition, dict) and len(others) == 1:
            condition = {others[0]: condition}
        return {**source, **condition}
    if isinstance(expected, dict):
        return inputs
    if len(leaves) != len(keras.tree.flatten(expected)):
        return inputs  # Keras will say what is wrong.
    return keras.tree.pack_sequence_as(expected, leaves)


def call(network: keras.Model, inputs: Nest, training: bool) -> Nest:
    """Calls a network; returns its outputs, and the losses of its layers."""
    outputs = network(inputs, training=training)
    return outputs, layer_losses(network)


def call_with_values(
    network: keras.Model, inputs: Nest, training: bool, values: dict[int, Any]
) -> tuple[Any, Any]:
    """Calls a network as if some of its variables had other values.

    Moving statistics stay as they are. Random seeds do advance, so that no
    dropout mask comes twice.

    Args:
        network: A `keras.Model`.
        inputs: What to call it on.
        training: Bool, the mode.
        values: Dict of `id(variable)` to the value to read in its stead.

    Returns:
        The network's outputs, and the losses that its layers added.
    """
    mapping = [
        (variable, values.get(id(variable), variable.value))
        for variable in network.variables
    ]
    with keras.StatelessScope(mapping, collect_losses=True) as scope:
        outputs, losses = call(network, inputs, training)
    for state in seed_states(network):
        state.assign(scope.get_current_value(state))
    return outputs, losses


def call_fixed(network: keras.Model, inputs: Nest) -> Nest:
    """Calls a network that learns nothing, neither weights nor statistics.

    Returns what it returns, in float32 at least. Gradients flow to `inputs`.
    """
    values = {
        id(variable): ops.stop_gradient(variable.value)
        for variable in network.trainable_variables
    }
    return widen_all(call_with_values(network, inputs, False, values)[0])


def layer_losses(network: keras.Model) -> list[Any]:
    """Losses that the last call of a network added, weight decay aside.

    Layers forget them at their next call. `network.losses` ends with one
    entry per regularized weight.
    """
    losses = network.losses
    return losses[: len(losses) - len(_regularized_weights(network))]


def weight_losses(networks: Sequence[keras.Model]) -> list[Any]:
    """Losses of the regularized weights of networks, each weight once."""
    weights = {
        id(weight): weight
        for network in networks
        for weight in _regularized_weights(network)
    }
    return [w.regularizer(w.value) for w in weights.values()]


def _regularized_weights(network):
    return [
        weight
        for weight in network.trainable_weights
        if weight.regularizer is not None
    ]
