"""One player moves first, then the other."""

from typing import Any

import keras

from keras_ganloss.updates.update_rule import UpdateRule
from keras_ganloss.updates.update_rule import update_discriminator
from keras_ganloss.utils import arguments
from keras_ganloss.utils.step_seed import StepSeed


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
        d_every: Int, the discriminator plays on every so many batches alone,
            the generator on all of them; `d_steps` of `compile` is the
            reverse. Defaults to 1.
        d_probability: Float in (0, 1], the chance that the discriminator
            plays on a batch, 2/3 in EnCodec. Drawn from the game's seed and
            the number of the batch. Defaults to 1.

    Raises:
        ValueError: If an argument is not what is described here, or if the
            discriminator shall play rarely for two reasons.

    Example:

    ```python
    gan.compile(updates=Alternating(first="generator"))
    ```

    Reference:
        [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661),
        [Défossez et al., 2022](https://arxiv.org/abs/2210.13438)
    """

    def __init__(
        self,
        first: str = "discriminator",
        fresh: bool = False,
        d_every: int = 1,
        d_probability: float = 1.0,
    ) -> None:
        players = ("discriminator", "generator")
        self.first = arguments.one_of(players, "first", first)
        self.fresh = bool(fresh)
        self.d_every = arguments.positive_int("d_every", d_every)
        self.d_probability = arguments.fraction(
            "d_probability", d_probability, ends="(]"
        )
        if self.d_every > 1 and self.d_probability < 1.0:
            raise ValueError(
                "The discriminator can play on every so many batches, or by "
                "chance. Pass one of both. Received: "
                f"d_every={d_every}, d_probability={d_probability}"
            )

    def check(self, game: Any) -> None:
        if game.d_steps > 1 and self.d_rests:
            raise ValueError(
                "`d_every` and `d_probability` let the discriminator play "
                "less often than the generator, `d_steps` more often. Leave "
                f"one out. Received: updates={self!r}, d_steps={game.d_steps}"
            )

    @property
    def d_rests(self) -> bool:
        return self.d_every > 1 or self.d_probability < 1.0

    def d_plays(self, step: Any, seed: Any) -> Any:
        if self.d_every > 1:
            return step % self.d_every == 0
        seed = StepSeed(seed, step, purpose=9)
        return keras.random.uniform((), seed=seed) < self.d_probability

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
            g_logs, _ = self.play_generator(game, batch)
            d_logs, samples = self.play_discriminator(game, batch)
        else:
            d_logs, samples = self.play_discriminator(game, batch)
            g_logs, _ = self.play_generator(game, batch)
        return {**d_logs, **g_logs}, samples

    def get_config(self) -> dict[str, Any]:
        return {
            "first": self.first,
            "fresh": self.fresh,
            "d_every": self.d_every,
            "d_probability": self.d_probability,
        }
