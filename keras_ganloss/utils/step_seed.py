"""Random numbers that are the same whenever they are drawn in a step."""

from typing import Any

import keras
from keras import ops

# Far from the seeds that the game itself counts up from.
STRIDE = 7919


class StepSeed(keras.random.SeedGenerator):
    """Seeds of a turn: made of the game's seed and of the player's step.

    Made anew for each call, so that the calls of one turn draw the same: a
    fake and its partner, or a sample and what a penalty makes of it. It has no
    state; under `tf.distribute` all replicas draw alike.

    Args:
        turn: The `Turn`.
        purpose: Int below 100, another one for each use.
    """

    def __init__(self, turn: Any, purpose: int) -> None:
        # No call of the base class, which would make a variable.
        state = turn.seed_generator.state
        self._first = state.value[0]
        self._step = ops.cast(turn.step, state.dtype)
        self._num_draws = 100 * purpose

    def next(self, ordered: bool = True) -> Any:
        del ordered
        self._num_draws += 1
        first = self._first + STRIDE * self._num_draws
        return ops.stack([ops.cast(first, self._step.dtype), self._step])
