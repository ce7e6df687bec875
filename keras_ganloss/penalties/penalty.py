"""The abstract penalty, and the norm that most of them need."""

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any
from typing import Self

import keras
from keras import ops

from keras_ganloss.utils import schedules
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.registry import snake_case
from keras_ganloss.utils.stateful import Stateful
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


def squared_norm(tensors: Nest) -> Tensor:
    """Squared norm of each sample, over all other axes, in float32 at least.

    Args:
        tensors: A tensor of shape `(batch_size, ...)`, or several of them
            (samples with several parts), whose squares are added.

    Returns:
        Tensor of shape `(batch_size,)`.
    """
    return sum(
        ops.sum(
            ops.square(widen(tensor)),
            axis=tuple(range(1, len(tensor.shape))),
        )
        for tensor in keras.tree.flatten(tensors)
    )


def mean_of_outputs(function: Callable[..., Any], *outputs: Any) -> Tensor:
    """Returns the mean of a function of outputs, added up over their parts.

    Args:
        function: Called on one tensor of each of `outputs`.
        *outputs: What a discriminator returned, tensors or equal nests of
            them.
    """
    return sum(
        ops.mean(function(*parts))
        for parts in zip(*map(keras.tree.flatten, outputs), strict=True)
    )


class Penalty(Stateful):
    """Abstract: what a player minimizes besides its loss, with its weight.

    Those in `penalties` are the discriminator's, those in `g_penalties` the
    generator's. Subclasses fill `__call__`, and say beforehand in
    `gradients_at` and `features_at` what they will ask of a judge: one pass
    then serves all penalties, in whatever order they stand.

    Args:
        weight: Float, the factor of the penalty, at least 0, or a
            `keras.optimizers.schedules.LearningRateSchedule` of the number
            of updates that the player has made.
        name: The name in the logs. Defaults to the class's, in snake case.
            A penalty whose name is `None` is not logged.
    """

    # At which samples of a duel it asks for the gradients of the outputs: of
    # "real" and "fake".
    gradients_at: tuple[str, ...] = ()
    # Names of the layers by whose features, in place of the samples.
    at: Sequence[str] | None = None
    # Names of the discriminator's layers whose features it asks for.
    features_at: Sequence[Any] = ()
    # Whether it differentiates a gradient, so that a step does so twice.
    differentiates_twice = False

    def __init__(self, weight: Schedule, name: str | None = None) -> None:
        self.weight: Schedule = schedules.check_value("weight", weight)
        self.name: str | None = name or snake_case(type(self).__name__)

    def __call__(self, turn: Any, duel: Any) -> Tensor:
        """Returns the weighted penalty of a duel, a scalar.

        Args:
            turn: The `Turn`, for its `training`, `step`, `seed_generator`
                and `made`.
            duel: The `Duel`: `duel.judge.outputs(duel.real)`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `__call__(turn, duel)`."
        )

    def over(self, turn: Any, duels: Sequence[Any]) -> Tensor:
        """Returns the weighted penalty of a turn, the sum over its duels."""
        return sum(self(turn, duel) for duel in duels)

    def check(self, discriminator: keras.Model) -> None:
        """Warns of, or refuses, a discriminator that it does not suit."""

    def check_game(self, game: Any, player: str) -> None:
        """Refuses a game, or a player of it, that it does not suit.

        Args:
            game: The `Game`, in `compile`.
            player: `"discriminator"` or `"generator"`, who minimizes it.
        """

    def build(self, networks: Sequence[keras.Model]) -> None:
        """Makes what it has to remember of the player's networks."""

    def after_update(self, variables: Any) -> None:
        """Acts on the player's variables after each of its updates."""

    def weighted(self, value: Any, step: Any) -> Tensor:
        """Returns a scalar times the weight at an update."""
        return ops.multiply(schedules.value_at(self.weight, step), value)

    def get_config(self) -> dict[str, Any]:
        weight = keras.saving.serialize_keras_object(self.weight)
        return {"weight": weight, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(**keras.saving.deserialize_keras_object(dict(config)))
