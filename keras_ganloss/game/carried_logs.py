"""What the logs say of a player while it has no turn."""

import warnings
from typing import Any

import keras

from keras_ganloss.game.order import Order
from keras_ganloss.utils.typing import Logs


class CarriedLogs(keras.callbacks.Callback):
    """Gives the means of a player's last turns while it has no turn.

    A batch, or a whole epoch, may have no turn of a player. A mean over
    nothing is no zero: callbacks that keep the least loss would take it for
    the best. Until there was a turn in this `fit`, the names are left out.

    It comes first among the callbacks, so that all others see the same.

    Args:
        game: A compiled `Game`.
        names: The names of the logs of both players.
    """

    # While batches run it does not ask for `self.model`, which on JAX waits
    # for the step. Keras may call it from several threads then.
    async_safe = True
    # What the step counts, and the state of the seed generator.
    _turns: Any
    _updates: Any
    _seed: Any

    def __init__(self, game: Any, names: Any) -> None:
        super().__init__()
        self.game = game
        self.order: Order = game.order
        self.names: set[str] = set(names)
        self.d_names: set[str] = self.names & game.d_log_names

    def on_train_begin(self, logs: Logs = None) -> None:
        self._last = {}
        self._warned = False

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        game = self.game
        self._turns, self._updates, self._seed = (
            keras.ops.convert_to_numpy(state)
            for state in (game.turns, game.g_updates, game.seed_generator.state)
        )
        self._num_batches = 0
        # Whose turns there were; a beginner is the generator alone.
        self._played = {"discriminator": False, "generator": False}
        self._begun = False

    def on_train_batch_end(self, batch: Any, logs: Logs = None) -> None:
        while self._num_batches <= batch:
            self._num_batches += 1
            if not all(self._played.values()):
                self._play()
        self._carry(logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._carry(logs)
        self._last = {name: logs[name] for name in self.names & set(logs)}
        if self._num_batches < self.order.d_steps and not self._warned:
            self._warned = True
            warnings.warn(
                "The generator plays on every `d_steps`-th batch alone, and "
                "an epoch has fewer: until it plays again, its logs are "
                "those of its last turns. Lower `d_steps` or the batch size, "
                "or make epochs longer (`steps_per_epoch`). Received: "
                f"d_steps={self.order.d_steps}, {self._num_batches} batches "
                "in an epoch",
                stacklevel=2,
            )

    def _play(self):
        """Notes who played on a batch, and counts as the step does."""
        cases = self.order.cases(self._turns, self._updates, self._seed)
        case = next(name for name, holds in cases.items() if holds)
        if case != "begin" and case != "generator":
            self._played["discriminator"] = True
        if case.startswith("begin"):
            self._begun = True
            self._updates += 1
            return
        self._turns += 1
        if case != "discriminator":
            self._played["generator"] = True
            self._updates += self.order.g_steps

    def _carry(self, logs):
        missing = set()
        if not self._played["discriminator"]:
            missing |= self.d_names
        if not self._played["generator"]:
            missing |= self.names - self.d_names
            if self._begun:
                missing -= self.order.first_names
        for name in missing:
            logs.pop(name, None)
            if name in self._last:
                logs[name] = self._last[name]
