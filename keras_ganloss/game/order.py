"""Who plays on which batch."""

from typing import Any

from keras import ops

from keras_ganloss.metrics.gradient_norms import NAMES as GRADIENT_NORMS
from keras_ganloss.utils import arguments


class Order:
    """Who plays on which batch of a game.

    Both on every one, unless `compile` says otherwise.

    Args:
        game: A `Game` that knows its settings.
        adversarial_start, d_start: See `Game.compile`.

    Raises:
        ValueError: If the discriminator shall begin after the learned loss.
    """

    def __init__(
        self, game: Any, adversarial_start: int, d_start: int | None
    ) -> None:
        hint = "It counts updates of the generator in this game."
        self.adversarial_start: int = arguments.non_negative_int(
            "adversarial_start", adversarial_start, hint
        )
        self.d_start: int = self.adversarial_start
        if d_start is not None:
            self.d_start = arguments.non_negative_int("d_start", d_start, hint)
        if self.d_start > self.adversarial_start:
            raise ValueError(
                "The learned loss needs a discriminator that has begun: "
                "`d_start` must be at most `adversarial_start`. Received: "
                f"d_start={d_start}, adversarial_start={adversarial_start}"
            )
        self.updates: Any = game.updates
        self.d_steps, self.g_steps = game.d_steps, game.g_steps
        self.first_names: frozenset[str] = frozenset()
        # Whether both play on every batch: then there is nothing to count.
        self.is_plain: bool = not (
            self.adversarial_start or self.d_steps > 1 or self.updates.d_rests
        )

    def cases(
        self, num_turns: Any, num_updates: Any, seed: Any
    ) -> dict[str, Any]:
        """Returns who plays on a batch: a dict of name to whether it holds.

        The first that holds is meant. `"begin"` is the generator without a
        learned loss; `"both"` stands last, and names that can never be meant
        are left out.

        Args:
            num_turns: How many batches there were since the learned loss
                began, counted if `d_steps` is above one.
            num_updates: How many updates the generator has made.
            seed: The state of the game's seed generator.
        """
        cases = {}
        d_plays = True
        if self.updates.d_rests:
            d_plays = self.updates.d_plays(num_updates // self.g_steps, seed)
        begins = num_updates < self.adversarial_start
        if self.d_start < self.adversarial_start:
            both = ops.logical_and(d_plays, num_updates >= self.d_start)
            cases["begin_with_discriminator"] = ops.logical_and(begins, both)
        if self.adversarial_start:
            cases["begin"] = begins
        if self.d_steps > 1:
            cases["discriminator"] = (num_turns + 1) % self.d_steps != 0
        if self.updates.d_rests:
            cases["generator"] = ops.logical_not(d_plays)
        return {**cases, "both": True}

    def note(self, logs: dict[str, Any]) -> None:
        """Takes note of what is logged before the learned loss begins."""
        self.first_names = frozenset({*logs, GRADIENT_NORMS["generator"]})
