"""One side of the game."""

from collections.abc import Sequence
from typing import Any

from keras_ganloss import backend
from keras_ganloss.backend.keras_internals import trained_by


class Player:
    """The networks of one side, what they minimize, and how they move.

    Args:
        name: `"discriminator"` or `"generator"`.
        networks: List of `keras.Model`.
        optimizer: A `keras.optimizers.Optimizer`.
        side: The player's side of the adversarial loss.
        penalties: List of `Penalty` objects.
        weights: Dict of term name to factor, a number or a schedule.
        after_update: Functions of the list of variables.
        balance: Optional `balances.Balance` of the terms; unless it looks
            at samples, the player's loss then comes in two parts.
        updates: Optional int variable that counts the updates.
        gradient_norms: List of `metrics.GradientNorms`.

    Raises:
        ValueError: If the optimizer has moments of other variables.

    Attributes:
        trained: List of the variables that are trainable now, in `compile`.
    """

    def __init__(
        self,
        name: str,
        networks: Sequence[Any],
        optimizer: Any,
        side: Any,
        penalties: Any = (),
        weights: Any = None,
        after_update: Any = (),
        balance: Any = None,
        updates: Any = None,
        gradient_norms: Any = (),
    ) -> None:
        self.name = name
        self.prefix: str = name[0]
        self.networks = networks
        self.optimizer = optimizer
        self.side = side
        self.penalties = penalties
        self.weights: dict[str, Any] = weights or {}
        self.after_update = after_update
        self.balance = balance
        self.updates = updates
        self.gradient_norms = gradient_norms
        self.trained: list[Any] = self.variables
        if optimizer.built:
            self._check_optimizer()

    @property
    def variables(self) -> list[Any]:
        """The trainable variables, each once."""
        return trainable_variables(self.networks)

    @property
    def step(self) -> Any:
        """How many updates the player has made in this game, a scalar."""
        return self.updates

    @property
    def terms(self) -> list[str]:
        """The names of the player's own terms."""
        return [name for name in self.weights if name != "adversarial"]

    def weights_at(self, step: Any) -> dict[str, Any]:
        """Returns the factors of the terms at an update of the player."""
        weights = {
            name: weight(step) if callable(weight) else weight
            for name, weight in self.weights.items()
        }
        if self.balance is not None:
            weights |= self.balance.weights_at(step)
        return weights

    def check_trained(self) -> None:
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
                "set `trainable` back. `docs/how-to/freezing.md` says how to "
                "hold a player still for a while, and how to freeze layers. "
                "Received: "
                f"frozen since `compile`: {sorted(frozen)}, trainable since: "
                f"{sorted(thawed)}"
            )

    def _check_optimizer(self):
        # Keras would say so at the first step, and on JAX never.
        theirs = trained_by(self.optimizer)
        if {id(one) for one in theirs} != {id(one) for one in self.variables}:
            raise ValueError(
                f"The optimizer of the {self.name} was built on other "
                "weights, so its moments would not fit. Make a new one. "
                f"Received: {type(self.optimizer).__name__} with "
                f"{len(theirs)} variables, a {self.name} with "
                f"{len(self.variables)}"
            )

    @property
    def num_parts(self) -> int:
        """How many parts the player's loss comes in."""
        return 1 if self.balance is None or self.balance.at_samples else 2

    def descend(self, losses: Any, gradients: Any) -> dict[str, Any]:
        """Moves along the gradients of the scaled parts of the loss.

        Args:
            losses: List of the parts.
            gradients: For each part, the list of its gradients.

        Returns:
            Dict of logs.
        """
        if self.num_parts == 1:
            self.apply(gradients[0])
            return {}
        gradients, logs = self.balance.combine(
            losses,
            gradients,
            self.variables,
            self.optimizer.scale_loss(1.0),
            self.step,
        )
        self.apply(gradients)
        return logs

    def apply(self, gradients: Any) -> None:
        """Updates the variables along the gradients of the scaled loss."""
        variables = self.variables
        for metric in self.gradient_norms:
            metric.observe(self, gradients)
        backend.apply_gradients(self.optimizer, gradients, variables)
        self.updates.assign_add(1)
        for action in self.after_update:
            action(variables)


def trainable_variables(networks: Sequence[Any]) -> list[Any]:
    """Returns the trainable variables of networks, each once."""
    variables = {
        id(variable): variable
        for network in networks
        for variable in network.trainable_variables
    }
    return list(variables.values())
