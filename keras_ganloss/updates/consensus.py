"""Consensus optimization: both players also want to stop."""

from typing import Any

import keras
from keras import ops

from keras_ganloss import backend
from keras_ganloss.backend.scoped_values import ScopedValues
from keras_ganloss.updates.update_rule import UpdateRule
from keras_ganloss.utils import arguments


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Consensus(UpdateRule):
    """Both players also minimize the length of both gradients.

    `weight / 2` times the squared norm of the gradients of both losses, each
    with respect to its own player's weights, is added to both losses: a force
    towards points where neither player moves, which turns circles into
    spirals inwards. Both players move at the same time;
    `AlternatingConsensus` moves them in turn. The logs show the losses
    without it. It is for one device, or JAX's `keras.distribution`.

    Args:
        weight: Float, the paper's gamma. Defaults to 10, as in the paper's
            experiments on images.

    Raises:
        ValueError: If `weight` is negative, or (in `compile`) with a
            `Balance`.

    Example:

    ```python
    gan.compile(updates=Consensus(1.0))
    ```

    Reference: [Mescheder et al., 2017](https://arxiv.org/abs/1705.10461)
    """

    differentiates_twice = True

    def __init__(self, weight: float = 10.0) -> None:
        self.weight = arguments.non_negative("weight", weight)

    def check(self, game: Any) -> None:
        if game.balance is not None:
            raise ValueError(
                f"`{type(self).__name__}` needs one loss a player, whose "
                "gradient it differentiates. Pass a number in place of the "
                f"`Balance`. Received: balance={game.balance!r}"
            )

    def play(self, game: Any, batch: Any) -> tuple[dict[str, Any], Any]:
        def objective():
            losses, logs, samples = self._objectives(game, batch)
            return losses, {**logs[0], **logs[1]}, samples.stop_gradient()

        return game.minimize(objective, "discriminator", "generator")

    def play_discriminator(
        self, game: Any, batch: Any
    ) -> tuple[dict[str, Any], Any]:
        def objective():
            losses, logs, samples = self._objectives(game, batch)
            return losses[:1], logs[0], samples.stop_gradient()

        return game.minimize(objective, "discriminator")

    def play_generator(
        self, game: Any, batch: Any
    ) -> tuple[dict[str, Any], Any]:
        def objective():
            losses, logs, samples = self._objectives(game, batch)
            return losses[1:], logs[1], samples.stop_gradient()

        return game.minimize(objective, "generator")

    def _objectives(self, game, batch):
        """Returns both losses with the consensus, both logs, and samples."""

        def make():
            turn = game.turn("generator")
            turn.draw(batch)
            losses, logs = game.objectives(turn)
            return losses[0], (logs, turn.samples, turn.made)

        g_loss, (g_logs, samples, made), g_norm = _squared_gradient(
            make, game.g_player, game.variables
        )

        def judge():
            turn = game.turn("discriminator")
            turn.take(game.pooled(samples), made)
            losses, logs = game.objectives(turn)
            return losses[0], logs

        d_loss, d_logs, d_norm = _squared_gradient(
            judge, game.d_player, game.variables
        )
        consensus = 0.5 * self.weight * (d_norm + g_norm)
        losses = [d_loss + consensus, g_loss + consensus]
        return losses, (d_logs, g_logs), samples

    def get_config(self) -> dict[str, Any]:
        return {"weight": self.weight}


@keras.saving.register_keras_serializable(package="keras_ganloss")
class AlternatingConsensus(Consensus):
    """`Consensus` in turn: the generator sees the updated discriminator.

    Its turn is on fakes of its own, so the generator runs twice a step.

    Args:
        weight: See `Consensus`.

    Example:

    ```python
    gan.compile(updates=AlternatingConsensus(1.0), d_steps=5)
    ```

    Reference: [Mescheder et al., 2017](https://arxiv.org/abs/1705.10461)
    """

    def play(self, game: Any, batch: Any) -> tuple[dict[str, Any], Any]:
        d_logs, samples = self.play_discriminator(game, batch)
        g_logs, _ = self.play_generator(game, batch)
        return {**d_logs, **g_logs}, samples


def _squared_gradient(function, player, changing):
    """Calls a function; returns its results and its gradient's squared norm.

    Args:
        function: Returns a loss, and anything else.
        player: The `Player` whose weights are meant.
        changing: List of the variables that the function may change.
    """
    variables = player.variables

    def run(values):
        with ScopedValues(dict(zip(map(id, variables), values))) as scope:
            loss, others = function()
        scope.commit(scope.changes(), changing)
        return loss, others

    loss, others, gradients = backend.value_and_input_gradients(
        run, [variable.value for variable in variables]
    )
    norm = sum(ops.sum(ops.square(gradient)) for gradient in gradients)
    return loss, others, norm
