"""One side of the game."""

from keras_ganloss import backend


class Player:
    """The networks of one side, their optimizer, and what follows an update.

    Args:
        name: `"discriminator"` or `"generator"`, for messages.
        networks: List of `keras.Model`.
        optimizer: A `keras.optimizers.Optimizer`.
        after_update: Functions of the list of variables.
    """

    def __init__(self, name, networks, optimizer, after_update=()):
        self.name = name
        self.networks = networks
        self.optimizer = optimizer
        self.after_update = after_update

    @property
    def variables(self):
        """The trainable variables, each once."""
        variables = {
            id(variable): variable
            for network in self.networks
            for variable in network.trainable_variables
        }
        return list(variables.values())

    def apply(self, gradients):
        """Updates the variables along the gradients of the scaled loss."""
        variables = self.variables
        backend.apply_gradients(self.optimizer, gradients, variables)
        for action in self.after_update:
            action(variables)


def minimize(function, *players):
    """Lets players descend at the same time, each its own loss.

    Args:
        function: Returns a list of losses, one a player, and anything else.
        *players: `Player`s.

    Returns:
        Whatever else `function` returned.
    """
    _, others, gradients = backend.compute_gradients(
        function,
        [player.variables for player in players],
        [player.optimizer.scale_loss for player in players],
    )
    for player, player_gradients in zip(players, gradients):
        player.apply(player_gradients)
    return others
