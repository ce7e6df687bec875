"""What remembers something from one step to the next."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.utils.described import Described
from keras_ganloss.utils.typing import Tensor


def make_memory(name: str, dtype: str = "float32") -> keras.Variable:
    """Returns a scalar variable of zero for the state of a `Stateful`."""
    return keras.Variable(
        0,
        dtype=dtype,
        trainable=False,
        aggregation="only_first_replica",
        name=name,
    )


def recall(variable: Any, dtype: Any) -> Tensor:
    """Returns the value of a variable in a tensor of its own.

    On torch an update works in place, also on what is still to be
    differentiated.
    """
    return ops.stop_gradient(ops.cast(1.0 * variable.value, dtype))


class Stateful(Described):
    """Mix-in of losses, penalties and transforms: their memory, if any.

    A game keeps the state of what it was compiled with: it is saved and
    loaded with the model, and follows it to every device.
    """

    # Why a batch must have more than one sample, if it must: a sentence.
    needs_several: str = ""

    @property
    def state(self) -> list[Any]:
        """List of `keras.Variable`s, `SeedGenerator`s and layers.

        Variables are made in `__init__`, not trainable, with
        `aggregation="only_first_replica"`: all replicas hold one value.
        """
        return []

    def update_state(self, real_output: Tensor, fake_output: Tensor) -> None:
        """Learns from the outputs that the discriminator was updated on.

        Called once per duel in each of its updates, never in `evaluate`.
        What is computed over the batch must go through
        `global_mean`, so that all replicas learn the same.
        """
        del real_output, fake_output
