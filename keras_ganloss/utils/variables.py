"""Which variables of a network are what."""


def seed_states(network):
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
