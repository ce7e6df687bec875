"""The generator looks ahead: unrolled steps of the discriminator."""

from typing import Any

import keras

from keras_ganloss import backend
from keras_ganloss.backend.scoped_values import ScopedValues
from keras_ganloss.updates.update_rule import UpdateRule
from keras_ganloss.utils import arguments
from keras_ganloss.utils.variables import seed_states


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Unrolled(UpdateRule):
    """The generator is judged by the discriminator of some steps later.

    It differentiates through these steps of gradient descent, on the same
    batch, and so learns to make samples that the discriminator cannot answer
    by pointing at the one thing that is made too often. The discriminator
    itself moves by one step of its own optimizer, at the same time.

    Memory and time of a step grow with `steps`. Weights are not clipped in
    the unrolled steps. It is for one device, or JAX's `keras.distribution`.

    Args:
        learning_rate: Float, that of the unrolled steps.
        steps: Int, how many. Defaults to 5.

    Raises:
        ValueError: If an argument is not positive.

    Example:

    ```python
    gan.compile(updates=Unrolled(learning_rate=0.01, steps=5))
    ```

    Reference: [Metz et al., 2016](https://arxiv.org/abs/1611.02163)
    """

    differentiates_twice = True

    def __init__(self, learning_rate: float, steps: int = 5) -> None:
        self.learning_rate = arguments.positive("learning_rate", learning_rate)
        self.steps = arguments.positive_int(
            "steps", steps, "Without any, use `updates='simultaneous'`."
        )

    def play(self, game: Any, batch: Any) -> tuple[dict[str, Any], Any]:
        def objective():
            turn = game.turn("generator")
            samples = turn.draw(batch)
            d_losses, d_logs, values = self._unroll(game, turn, game.variables)
            later = turn.with_values(values)
            g_losses, g_logs = game.objectives(later)
            logs = {**d_logs, **g_logs}
            return d_losses + g_losses, logs, samples.stop_gradient()

        return game.minimize(objective, "discriminator", "generator")

    def play_generator(
        self, game: Any, batch: Any
    ) -> tuple[dict[str, Any], Any]:
        def objective():
            turn = game.turn("generator")
            samples = turn.draw(batch)
            *_, values = self._unroll(game, turn, seed_states(game))
            later = turn.with_values(values)
            return *game.objectives(later), samples.stop_gradient()

        return game.minimize(objective, "generator")

    def _unroll(self, game, turn, changing):
        """Returns the losses and logs of the first step, and later weights.

        Args:
            game: A `Game`.
            turn: The `Turn` that has the samples, connected to the generator.
            changing: List of the variables that the first step may change
                for good, as it may be the discriminator's own step too.
        """
        variables = game.d_player.variables
        values = [variable.value for variable in variables]
        samples = game.pooled(turn.samples)
        steps = []
        for _ in range(self.steps):

            def objective(values, changing=changing):
                with ScopedValues(
                    dict(zip(map(id, variables), values))
                ) as scope:
                    losses, logs = game.objectives(turn.answered(samples))
                scope.commit(scope.changes(), changing)
                return losses[0], logs

            loss, logs, gradients = backend.value_and_input_gradients(
                objective, values
            )
            steps.append(([loss], logs))
            values = [
                value - self.learning_rate * gradient
                for value, gradient in zip(values, gradients)
            ]
            # Of a step that is not taken, random states alone change.
            changing = seed_states(game)
        return *steps[0], dict(zip(map(id, variables), values))

    def get_config(self) -> dict[str, Any]:
        return {"learning_rate": self.learning_rate, "steps": self.steps}
