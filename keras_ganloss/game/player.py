"""One side of the game."""

from keras_ganloss import backend


class Player:
    """The networks of one side, their optimizer, and what follows an update.

    Args:
        name: `"discriminator"` or `"generator"`, for messages.
        networks: List of `keras.Model`.
        optimizer: A `keras.optimizers.Optimizer`.
        after_update: Functions of the list of variables.
        balance: Optional `balances.Balance`; the player's loss then comes
            in two parts.
        updates: Optional int variable that counts the updates.

    Raises:
        ValueError: If the optimizer has moments of other variables.

    Attributes:
        trained: List of the variables that are trainable now, in `compile`.
    """

    def __init__(
        self,
        name,
        networks,
        optimizer,
        after_update=(),
        balance=None,
        updates=None,
    ):
        self.name = name
        self.networks = networks
        self.optimizer = optimizer
        self.after_update = after_update
        self.balance = balance
        self.trained = self.variables
        self.updates = updates
        if optimizer is not None and optimizer.built:
            self._check_optimizer()

    @property
    def variables(self):
        """The trainable variables, each once."""
        variables = {
            id(variable): variable
            for network in self.networks
            for variable in network.trainable_variables
        }
        return list(variables.values())

    def check_trained(self):
        """Raises unless what is trainable is what was so in `compile`."""
        before = {id(one): one for one in self.trained}
        now = {id(one): one for one in self.variables}
        if before.keys() != now.keys():
            prefix = self.name[0]
            frozen = [before[key].path for key in before.keys() - now.keys()]
            thawed = [now[key].path for key in now.keys() - before.keys()]
            raise ValueError(
                f"What is `trainable` in the {self.name} has changed since "
                "`compile`, and an optimizer trains what it was made for. "
                f"Call `compile` again, with a new `{prefix}_optimizer`, or "
                "set `trainable` back. `docs/freezing.md` says how to hold a "
                "player still for a while, and how to freeze layers. Received: "
                f"frozen since `compile`: {sorted(frozen)}, trainable since: "
                f"{sorted(thawed)}"
            )

    def _check_optimizer(self):
        # Keras would say so at the first step, and on JAX never.
        theirs = self.optimizer._trainable_variables
        if {id(one) for one in theirs} != {id(one) for one in self.variables}:
            raise ValueError(
                f"The optimizer of the {self.name} was built on other "
                "weights, so its moments would not fit. Make a new one. "
                f"Received: {type(self.optimizer).__name__} with "
                f"{len(theirs)} variables, a {self.name} with "
                f"{len(self.variables)}"
            )

    @property
    def num_parts(self):
        """How many parts the player's loss comes in."""
        return 1 if self.balance is None else 2

    def descend(self, losses, gradients):
        """Moves along the gradients of the scaled parts of the loss.

        Args:
            losses: List of the parts.
            gradients: For each part, the list of its gradients.

        Returns:
            Dict of logs.
        """
        if self.balance is None:
            self.apply(gradients[0])
            return {}
        gradients, logs = self.balance.combine(
            losses, gradients, self.variables, self.optimizer.scale_loss(1.0)
        )
        self.apply(gradients)
        return logs

    def apply(self, gradients):
        """Updates the variables along the gradients of the scaled loss."""
        variables = self.variables
        backend.apply_gradients(self.optimizer, gradients, variables)
        self.updates.assign_add(1)
        for action in self.after_update:
            action(variables)


def minimize(function, *players):
    """Lets players descend at the same time, each its own loss.

    Args:
        function: Returns a list of losses, `num_parts` of each player in
            turn, a dict of logs, and anything else.
        *players: `Player`s.

    Returns:
        The logs, and whatever else `function` returned.
    """

    def run():
        losses, logs, others = function()
        return losses, (logs, others)

    owners = [player for player in players for _ in range(player.num_parts)]
    losses, (logs, others), gradients = backend.compute_gradients(
        run,
        [player.variables for player in owners],
        [player.optimizer.scale_loss for player in owners],
    )
    for player in players:
        mine = [i for i, owner in enumerate(owners) if owner is player]
        logs = logs | player.descend(
            [losses[i] for i in mine], [gradients[i] for i in mine]
        )
    return logs, others
