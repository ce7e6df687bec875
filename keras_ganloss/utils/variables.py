"""Which variables of a network are what."""

import contextlib
from typing import Any

import numpy as np
from keras import ops

from keras_ganloss import backend


def seed_states(network: Any) -> list[Any]:
    """States of the `SeedGenerator`s of a network and its layers, once each.

    Keras counts them among `variables`, not among `weights`, and saves
    them nowhere.
    """
    weights = {id(weight) for weight in network.weights}
    states = {
        id(variable): variable
        for variable in network.variables
        if id(variable) not in weights
    }
    return list(states.values())


@contextlib.contextmanager
def random_state_kept(network: Any, seed: int | None = None) -> Any:
    """Puts the random state back after a block.

    Args:
        network: A `keras.Model`.
        seed: Optional int, the random state of the network within the block.
    """
    states = seed_states(network)
    values = [ops.convert_to_numpy(state) for state in states]
    try:
        if seed is not None:
            for index, (state, value) in enumerate(zip(states, values)):
                state.assign(np.array([seed % 2**31, index], value.dtype))
        with backend.random_state_kept():
            yield
    finally:
        for state, value in zip(states, values):
            state.assign(value)
