"""Layers that several networks of a game have, in its file.

Keras writes and reads each network as if it were alone.
"""

import warnings
from typing import Any

import keras

from keras_ganloss.backend import keras_internals


def shared_layers(networks: dict[str, keras.Model]) -> list[Any]:
    """Returns which layers with state several networks have.

    Args:
        networks: Dict of role to `keras.Model`.

    Returns:
        List with a list for each such layer: the `[role, index]`s of it among
        the layers of the networks.
    """
    places = {}
    for role, layers in _layers(networks).items():
        for index, layer in enumerate(layers):
            if layer.variables:
                places.setdefault(id(layer), []).append([role, index])
    return [place for place in places.values() if len(place) > 1]


def warn_of_hidden(networks: dict[str, keras.Model]) -> None:
    """Warns if a file cannot tell that networks share a layer.

    Args:
        networks: See `shared_layers`.
    """
    layers = _layers(networks)
    shared = shared_layers(networks)
    ids = {id(layers[role][i]) for places in shared for role, i in places}
    hidden = {
        layer.name
        for network in networks.values()
        for layer in _hidden(network, ids)
    }
    if hidden:
        warnings.warn(
            "Several networks have the same layer within one that is no "
            "functional or sequential model, and `save` may write it as one "
            "of each: `load_model` then raises. `save_weights` and "
            "`load_weights` work. Use the layer in functional models alone "
            f"if you need `load_model`. Received: {sorted(hidden)} with "
            "shared layers in them",
            stacklevel=4,
        )


def joined(networks: dict[str, keras.Model], shared: Any) -> dict[str, Any]:
    """Returns networks that have layers in common again.

    Args:
        networks: Dict of role to `keras.Model`, each with its own layers.
        shared: What `shared_layers` returned.
    """
    layers = _layers(networks)
    first_of = {}
    for (first, at), *others in shared:
        for role, index in others:
            if layers[role][index] is not layers[first][at]:
                first_of[id(layers[role][index])] = layers[first][at]
    done = {}

    def replaced(layer):
        if id(layer) not in done:
            done[id(layer)] = replace(layer)
        return done[id(layer)]

    def replace(layer):
        if id(layer) in first_of:
            return replaced(first_of[id(layer)])
        if not _holds(layer, first_of):
            return layer
        if not _is_graph(layer):
            raise ValueError(
                "The file does not tell that networks share layers within "
                f"{layer.name!r}. Make the game as it was made, call "
                "`compile`, and then `load_weights` with the same path. "
                f"Received: {layer.name!r} of type {type(layer).__name__}"
            )
        return keras_internals.clone_with(layer, replaced)

    return {role: replaced(network) for role, network in networks.items()}


def serialized(network: keras.Model) -> Any:
    """Returns the config of a network that is to be loaded by itself.

    Of layers that others have, too, Keras loads the calls of the others.
    """
    config = keras.saving.serialize_keras_object(network)
    return _without_ids(config) if _is_graph(network) else config


def _layers(networks):
    flatten = keras_internals.flatten_layers
    return {role: list(flatten(network)) for role, network in networks.items()}


def _is_graph(layer):
    return isinstance(layer, keras.Model) and bool(
        getattr(layer, "outputs", None)
    )


def _holds(layer, ids):
    inner = keras_internals.flatten_layers(layer, include_self=False)
    return any(id(one) in ids for one in inner)


def _hidden(layer, ids):
    """Returns the layers that hold others of `ids` and are no graphs."""
    if id(layer) in ids or not _holds(layer, ids):
        return []
    if not _is_graph(layer):
        return [layer]
    return [found for one in layer.layers for found in _hidden(one, ids)]


def _without_ids(config):
    if isinstance(config, dict):
        return {
            key: _without_ids(value)
            for key, value in config.items()
            if key != "shared_object_id"
        }
    if isinstance(config, (list, tuple)):
        return type(config)(map(_without_ids, config))
    return config
