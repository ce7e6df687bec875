"""What the logs say of the generator while it has no turn."""

import warnings
from typing import Any

import keras

from keras_ganloss.utils.typing import Logs


class CarriedLogs(keras.callbacks.Callback):
    """Gives the generator's means of its last turns while it has no turn.

    With `d_steps` above one a batch, or a short epoch, may have no turn of
    the generator. A mean over nothing is no zero: callbacks that keep the
    least loss would take it for the best. Until there was a turn in this
    `fit`, the names are left out.

    It comes first among the callbacks, so that all others see the same.

    Args:
        d_steps: Int, see `compile`.
        names: Set of the names of the logs that the generator's turns alone
            have.
    """

    # While batches run it does not ask for `self.model`, which on JAX waits
    # for the step. Keras may call it from several threads then.
    async_safe = True

    def __init__(self, d_steps: int, names: Any) -> None:
        super().__init__()
        self.d_steps = d_steps
        self.names = names

    def on_train_begin(self, logs: Logs = None) -> None:
        self._last = {}
        self._warned = False

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._turns = int(keras.ops.convert_to_numpy(self.model.turns))
        self._num_batches = 0

    def on_train_batch_end(self, batch: Any, logs: Logs = None) -> None:
        self._num_batches = max(self._num_batches, batch + 1)
        if not self._has_played(batch + 1):
            self._carry(logs)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self._has_played(self._num_batches):
            self._last = {name: logs[name] for name in self.names & set(logs)}
        else:
            self._carry(logs)
        if self._num_batches < self.d_steps and not self._warned:
            self._warned = True
            warnings.warn(
                "The generator plays on every `d_steps`-th batch alone, and "
                "an epoch has fewer: until it plays again, its logs are "
                "those of its last turns. Lower `d_steps` or the batch size, "
                "or make epochs longer (`steps_per_epoch`). Received: "
                f"d_steps={self.d_steps}, {self._num_batches} batches in an "
                "epoch",
                stacklevel=2,
            )

    def _has_played(self, num_batches):
        end = self._turns + num_batches
        return end // self.d_steps > self._turns // self.d_steps

    def _carry(self, logs):
        for name in self.names:
            logs.pop(name, None)
        logs |= self._last
