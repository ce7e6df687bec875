"""Goes back to where all was well."""

import copy
from typing import Any

from keras import ops

from keras_ganloss.monitors.action import Action
from keras_ganloss.utils import arguments


class RollBack(Action):
    """Puts back the state of the last good epoch, then stops or tries again.

    An epoch is good if no monitor of a failure saw its symptom in it, not
    even for the first time. Before training all is well. Put back is all that
    `fit` changes: networks, averages, both optimizers, random states, and
    what losses, penalties and transforms remember. The state is kept in
    memory, as a copy of all that.

    Args:
        retries: Int, how many times to go on from there. Defaults to 0: put
            back and stop.
        factor: Float, what both learning rates are multiplied by before each
            retry, as the same run would fail again.
        on: See `Action`.

    Raises:
        ValueError: If an argument is out of range, or when `fit` begins if
            there shall be retries and an optimizer follows a schedule, which
            cannot be multiplied.

    Example:

    >>> action = RollBack(retries=2, factor=0.5)
    """

    def __init__(
        self, retries: int = 0, factor: float = 0.5, on: Any = None
    ) -> None:
        super().__init__(on)
        self.retries: int = arguments.non_negative_int("retries", retries)
        self.factor: float = arguments.fraction("factor", factor, ends="(]")

    def begin(self, model: Any, monitors: Any, epoch: int) -> None:
        super().begin(model, monitors, epoch)
        self._left = self.retries
        if self.retries:
            self._multiply_rates(model, 1.0)
        self._keep(model, monitors, epoch)

    def end_epoch(self, model: Any, monitors: Any, epoch: int) -> None:
        if not any(m.suspects for m in monitors if m.is_failure):
            self._keep(model, monitors, epoch)

    def act(self, model: Any, monitors: Any) -> str:
        for variable, value in self._values:
            variable.assign(value)
        for monitor, memory in zip(monitors, self._memories, strict=True):
            vars(monitor).update(copy.deepcopy(memory))
        done = f"Back to the state at the end of epoch {self._epoch}"
        if self._left == 0:
            model.stop_training = True
            return f"{done}. Training stops."
        self._left -= 1
        model.stop_training = False
        self._multiply_rates(model, self.factor)
        # Failing once more, it goes on from here with lower rates yet.
        self._keep(model, monitors, self._epoch)
        return f"{done}. Learning rates times {self.factor}."

    def _keep(self, model, monitors, epoch):
        self._epoch = epoch
        self._values = [
            (variable, ops.convert_to_numpy(variable).copy())
            for variable in (*model.variables, *model.optimizer.variables)
        ]
        self._memories = [copy.deepcopy(vars(m)) for m in monitors]

    def _multiply_rates(self, model, factor):
        for name in ("d_optimizer", "g_optimizer"):
            optimizer = getattr(model, name)
            try:
                optimizer.learning_rate = factor * float(
                    optimizer.learning_rate
                )
            except TypeError as error:
                raise ValueError(
                    "A retry lowers the learning rates, which must be numbers "
                    "for that. Pass numbers to the optimizers, or "
                    f"`retries=0`. Received: `{name}` with a schedule, "
                    f"retries={self.retries}"
                ) from error
