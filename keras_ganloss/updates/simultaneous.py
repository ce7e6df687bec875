"""Both players move at once."""

from typing import Any

import keras

from keras_ganloss.updates.update_rule import UpdateRule

BOTH = ("discriminator", "generator")


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Simultaneous(UpdateRule):
    """Simultaneous gradient descent: both gradients at the same weights.

    One forward pass of the generator and of the discriminator serves both
    players, unless a pool gives the discriminator other samples than the
    generator's newest.

    Reference: [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406)
    """

    def play(self, game: Any, batch: Any) -> tuple[dict[str, Any], Any]:
        def objective():
            losses, logs, samples = self._objectives(game, batch)
            return losses, logs, samples.stop_gradient()

        return game.minimize(objective, *BOTH)

    def _objectives(self, game, batch):
        if game.pool is None:
            turn = game.turn(*BOTH)
            samples = turn.draw(batch)
            return *game.objectives(turn), samples
        turn = game.turn("generator")
        samples = turn.draw(batch)
        fixed = turn.answered(game.pooled(samples.stop_gradient()))
        d_losses, d_logs = game.objectives(fixed)
        g_losses, g_logs = game.objectives(turn)
        return d_losses + g_losses, {**d_logs, **g_logs}, samples
