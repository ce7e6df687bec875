"""Copies of networks."""

import keras
from keras import ops

from keras_ganloss.backend.keras_internals import flatten_layers
from keras_ganloss.utils.variables import seed_states


def copy_network(network: keras.Model) -> keras.Model:
    """Returns a network of the same config and values, which shares nothing.

    Args:
        network: A built `keras.Model`. Custom layers need no registration.
    """
    classes = {
        type(layer).__name__: type(layer) for layer in flatten_layers(network)
    }
    with keras.saving.custom_object_scope(classes):
        copy = type(network).from_config(network.get_config())
        if not copy.built:
            copy.build_from_config(network.get_build_config())
    copy.set_weights(network.get_weights())
    for state, own in zip(seed_states(network), seed_states(copy)):
        own.assign(ops.convert_to_numpy(state))
    return copy
