"""Callbacks of Keras that know one loss and one optimizer, in a game."""

import functools
import math
import types
from typing import Any

import keras

from keras_ganloss.game import scores
from keras_ganloss.game.carried_logs import CarriedLogs
from keras_ganloss.utils.typing import Logs


def extended(game: Any, callbacks: Any) -> list[Any]:
    """Returns the callbacks of a `fit`, and those that the game adds.

    Args:
        game: A compiled `Game`.
        callbacks: What was passed to `fit`.

    Raises:
        ValueError: If one of them can do nothing for this game.
    """
    if isinstance(callbacks, keras.callbacks.CallbackList):
        callbacks = callbacks.callbacks
    callbacks = keras.tree.flatten([] if callbacks is None else callbacks)
    stoppers = _of(keras.callbacks.TerminateOnNaN, callbacks)
    swappers = _of(keras.callbacks.SwapEMAWeights, callbacks)
    if swappers:
        _check_averages(game)
    for callback in swappers:
        callback.set_model = functools.partial(_set_both, callback)
    added = []
    if not game.order.is_plain:
        norms = [n for m in scores.gradient_norms(game) for n in m.means.names]
        names = [*game.means.names, *norms]
        added.append(CarriedLogs(game, names))
    if stoppers:
        added.append(AllLosses(stoppers, game.means.names))
    # Others may load weights, which averages then start from, or freeze
    # layers, which needs `compile`.
    begin = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: game.begin_training()
    )
    return [*added, *callbacks, begin]


class _WithBothOptimizers:
    """A game as `SwapEMAWeights` looks at it: with several optimizers.

    Other callbacks do not see them: one learning rate is set for both.
    """

    def __init__(self, game):
        self._game = game

    @property
    def optimizer(self):
        return types.SimpleNamespace(optimizers=self._game.optimizer.unscaled)

    def __getattr__(self, name):
        return getattr(self._game, name)


def _set_both(callback, game):
    keras.callbacks.Callback.set_model(callback, _WithBothOptimizers(game))


def _of(kind: Any, callbacks: Any) -> list[Any]:
    return [one for one in callbacks if isinstance(one, kind)]


def _check_averages(game):
    if not any(player.use_ema for player in game.optimizer.unscaled):
        raise ValueError(
            "`SwapEMAWeights` needs an optimizer with `use_ema=True`. A game "
            "averages the generator by itself: `compile(ema=0.999)`, which "
            "`evaluate`, `generate`, `predict` and `export` then use, without "
            "a callback. Received: SwapEMAWeights, "
            "d_optimizer.use_ema=False, g_optimizer.use_ema=False"
        )


class AllLosses(keras.callbacks.Callback):
    """Lets `TerminateOnNaN`, which knows `loss` alone, see every loss.

    Args:
        stoppers: List of `keras.callbacks.TerminateOnNaN`.
        names: The names of the losses in the logs.
    """

    def __init__(self, stoppers: Any, names: Any) -> None:
        super().__init__()
        self.stoppers = stoppers
        self.names = names

    def on_train_batch_end(self, batch: Any, logs: Logs = None) -> None:
        logs = logs or {}
        if not math.isfinite(logs.get("loss", 0.0)):
            return  # They see it themselves.
        losses = [logs[name] for name in self.names if name in logs]
        broken = [loss for loss in losses if not math.isfinite(loss)]
        if broken:
            for stopper in self.stoppers:
                stopper.on_train_batch_end(batch, {"loss": broken[0]})
