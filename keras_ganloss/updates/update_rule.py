"""The abstract update rule."""

from typing import Any
from typing import Self

from keras_ganloss.utils.described import Described


class UpdateRule(Described):
    """How a batch moves both players.

    Subclasses fill `play`, with `game.turn`, `game.objectives` and
    `game.minimize`. An update rule has no state: counters and averages
    belong to the game.
    """

    # Whether gradients with respect to weights are differentiated again.
    # Those of one replica are not those of the global batch.
    differentiates_twice = False
    # Whether the discriminator leaves out batches, see `d_plays`.
    d_rests = False

    def check(self, game: Any) -> None:
        """Refuses a game that it does not suit; called by `compile`."""

    def play(self, game: Any, batch: Any) -> tuple[dict[str, Any], Any]:
        """Updates both players on a batch.

        Args:
            game: A `Game`.
            batch: A batch as Keras gives it to `train_step`.

        Returns:
            The logs, a dict of scalars, and the `Samples` of the step.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `play(game, batch)`."
        )

    def play_discriminator(
        self, game: Any, batch: Any
    ) -> tuple[dict[str, Any], Any]:
        """Updates the discriminator alone; returns logs and samples."""
        turn = game.turn("generator")
        samples = turn.draw(batch)
        return update_discriminator(game, turn), samples

    def play_generator(
        self, game: Any, batch: Any
    ) -> tuple[dict[str, Any], Any]:
        """Updates the generator alone; returns logs and samples."""

        def objective():
            turn = game.turn("generator")
            samples = turn.draw(batch)
            return *game.objectives(turn), samples.stop_gradient()

        return game.minimize(objective, "generator")

    def d_plays(self, step: Any, seed: Any) -> Any:
        """Returns whether the discriminator plays, if it ever rests.

        Args:
            step: Which turn of the generator it is, an int or a scalar.
            seed: The state of the game's seed generator, two integers.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `d_plays(step, seed)`."
        )

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(**config)


def update_discriminator(game: Any, turn: Any) -> dict[str, Any]:
    """One update of the discriminator on the samples of a turn.

    They are constants to it. Returns the logs.
    """
    answer = turn.answered(game.pooled(turn.samples.stop_gradient()))
    return game.minimize(
        lambda: (*game.objectives(answer), None), "discriminator"
    )[0]
