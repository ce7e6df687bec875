"""One player moves first, then the other."""

from typing import Any

import keras

from keras_ganloss.updates.update_rule import UpdateRule
from keras_ganloss.updates.update_rule import update_discriminator
from keras_ganloss.utils import arguments


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Alternating(UpdateRule):
    """Alternating gradient descent, the algorithm of the GAN paper.

    The generator runs forward once: the discriminator is updated on its
    samples, and the generator is then judged, on the same samples, by the
    updated discriminator. That is why one update stands inside the function
    that the other differentiates.

    Args:
        first: `"discriminator"` (default) or `"generator"`, which is then
            judged by the discriminator of the step before, as in ESRGAN.
        fresh: Whether the second player's turn is on fakes of its own, as in
            keras.io's examples and TF-GAN. The generator then runs twice a
            step. Defaults to `False`.

    Raises:
        ValueError: If `first` is no player.

    Example:

    ```python
    gan.compile(updates=Alternating(first="generator"))
    ```

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661)
    """

    def __init__(
        self, first: str = "discriminator", fresh: bool = False
    ) -> None:
        players = ("discriminator", "generator")
        self.first = arguments.one_of(players, "first", first)
        self.fresh = bool(fresh)

    def play(self, game: Any, batch: Any) -> tuple[dict[str, Any], Any]:
        if self.fresh:
            return self._play_on_fresh_fakes(game, batch)
        if self.first == "generator":
            return self._play_generator_first(game, batch)

        def objective():
            turn = game.turn("generator")
            samples = turn.draw(batch)
            d_logs = update_discriminator(game, turn)
            losses, g_logs = game.objectives(turn)
            return losses, {**d_logs, **g_logs}, samples.stop_gradient()

        return game.minimize(objective, "generator")

    def _play_generator_first(self, game, batch):
        def objective():
            turn = game.turn("generator")
            samples = turn.draw(batch)
            losses, logs = game.objectives(turn)
            return losses, logs, (samples.stop_gradient(), turn.made)

        g_logs, (samples, made) = game.minimize(objective, "generator")
        turn = game.turn("generator")
        turn.take(samples, made)
        return {**update_discriminator(game, turn), **g_logs}, samples

    def _play_on_fresh_fakes(self, game, batch):
        if self.first == "generator":
            g_logs = self.play_generator(game, batch)
            d_logs, samples = self.play_discriminator(game, batch)
        else:
            d_logs, samples = self.play_discriminator(game, batch)
            g_logs = self.play_generator(game, batch)
        return {**d_logs, **g_logs}, samples

    def get_config(self) -> dict[str, Any]:
        return {"first": self.first, "fresh": self.fresh}
