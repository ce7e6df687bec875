"""Random numbers that are the same whenever they are drawn in a step."""

from typing import Any

import keras
from keras import ops

# Far from the seeds that the game itself counts up from.
STRIDE = 7919


class StepSeed(keras.random.SeedGenerator):
    """Seeds of a step: made of the game's seed and of the step's number.

    Made anew for each call, so that the calls of one step draw the same: a
    fake and its partner, or a sample and what a penalty makes of it. It has no
    state; under `tf.distribute` all replicas draw alike.

    Args:
        seed: The state of the game's seed generator, two integers.
        step: The number of the step, such as how many updates a player has
            made, an int or a scalar.
        purpose: Int below 100, another one for each use.
    """

    def __init__(self, seed: Any, step: Any, purpose: int) -> None:
        # No call of the base class, which would make a variable.
        self._first = seed[0]
        dtype = keras.backend.standardize_dtype(seed.dtype)
        self._step = ops.cast(step, dtype)
        self._num_draws = 100 * purpose

    def next(self, ordered: bool = True) -> Any:
        del ordered
        self._num_draws += 1
        first = self._first + STRIDE * self._num_draws
        return ops.stack([ops.cast(first, self._step.dtype), self._step])
