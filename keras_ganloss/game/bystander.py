"""A network that is looked at and not moved."""

import keras

from keras_ganloss.game.judge import call_losses
from keras_ganloss.utils.variables import seed_states


class Bystander:
    """A network whose calls leave its moving statistics as they were.

    In the generator's turn the discriminator judges with the statistics of
    the batch, but what it sees then must not enter its moving averages.
    Random seeds do advance, so that no dropout mask comes twice.

    Args:
        network: A `keras.Model`.
        values: Optional dict of `id(variable)` to the value to read in its
            stead.
    """

    # Losses of layers belong to the network's own turn.
    losses = ()
    trainable_weights = ()

    def __init__(self, network, values=None):
        self.network = network
        self.values = values or {}

    def __call__(self, inputs, training):
        return call_with_values(self.network, inputs, training, self.values)[0]

    def _flatten_layers(self):
        return self.network._flatten_layers()


def call_with_values(network, inputs, training, values):
    """Calls a network as if some of its variables had other values.

    Args:
        network: A `keras.Model`.
        inputs: What to call it on.
        training: Bool, the mode.
        values: Dict of `id(variable)` to the value to read in its stead.

    Returns:
        The network's outputs, and the losses that its layers added. Of all
        that the call does to variables, only the new states of random seeds
        stay.
    """
    mapping = [
        (variable, values.get(id(variable), variable.value))
        for variable in network.variables
    ]
    with keras.StatelessScope(mapping, collect_losses=True) as scope:
        outputs = network(inputs, training=training)
        losses = call_losses(network)
    for state in seed_states(network):
        state.assign(scope.get_current_value(state))
    return outputs, losses
