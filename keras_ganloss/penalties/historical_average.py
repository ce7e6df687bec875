"""Historical averaging: weights stay near their mean over time."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss.penalties.penalty import Penalty
from keras_ganloss.utils.precision import wide_dtype
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class HistoricalAverage(Penalty):
    """`weight` times the squared distance from the mean of all past weights.

    Players that circle around an equilibrium are drawn to the middle. The
    mean is kept for each weight of the player: as much memory again.
    It begins anew with `compile`; each game needs an object of its own.

    Args:
        weight: Float or schedule.
        name: The name in the logs. Defaults to `"historical_average"`.

    Raises:
        ValueError: If `weight` is negative.

    Example:

    ```python
    gan.compile(penalties=[HistoricalAverage(0.1)])
    ```

    Reference: [Salimans et al., 2016](https://arxiv.org/abs/1606.03498)
    """

    def __init__(self, weight: Schedule, name: str | None = None) -> None:
        super().__init__(weight, name)
        self._means = {}
        self._num_updates = _variable(0.0, "float32", "num_updates")

    @property
    def state(self) -> list[Any]:
        return [self._num_updates, *self._means.values()]

    def build(self, networks: Sequence[keras.Model]) -> None:
        self._num_updates.assign(0.0)
        self._means = {
            id(weight): _variable(
                ops.convert_to_numpy(weight), wide_dtype(weight.dtype), "mean"
            )
            for network in networks
            for weight in network.trainable_weights
        }

    def after_update(self, variables: Any) -> None:
        self._num_updates.assign_add(1.0)
        for variable in variables:
            mean = self._means[id(variable)]
            share = ops.cast(1.0 / self._num_updates, mean.dtype)
            mean.assign_add(share * ops.subtract(variable, mean))

    def over(self, turn: Any, duels: Sequence[Any]) -> Tensor:
        del duels
        distance = sum(
            ops.sum(
                ops.square(ops.subtract(weight, self._means[id(weight)].value))
            )
            for weight in turn.player.variables
        )
        # Weights that were set after `compile` have no past yet.
        has_past = ops.minimum(self._num_updates.value, 1.0)
        return self.weighted(ops.multiply(has_past, distance), turn.step)


def _variable(value, dtype, name):
    return keras.Variable(
        value,
        trainable=False,
        dtype=dtype,
        aggregation="only_first_replica",
        name=name,
    )
