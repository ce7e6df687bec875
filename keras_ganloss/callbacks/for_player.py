"""Learning rate callbacks for one of two players."""

from typing import Any

import keras

from keras_ganloss.utils.typing import Logs

PREFIXES = {"discriminator": "d_", "generator": "g_"}


class ForPlayer(keras.callbacks.Callback):
    """Runs a callback on the optimizer of one player.

    Keras's learning rate callbacks change `model.optimizer`, of which an
    adversarial model has two. This one shows them the model as usual, except
    that its `optimizer` is the player's. What they add to the logs gets the
    player's prefix: `learning_rate` becomes `d_learning_rate`.

    Args:
        player: `"discriminator"` or `"generator"`.
        callback: `keras.callbacks.Callback`, such as `LearningRateScheduler`
            or `ReduceLROnPlateau`.

    Raises:
        ValueError: If there is no such player, if `callback` is no callback,
            or, when `fit` begins, if the model has no optimizer for it.

    Example:

    >>> plateau = keras.callbacks.ReduceLROnPlateau("val_d_loss", mode="min")
    >>> callback = ForPlayer("discriminator", plateau)
    """

    def __init__(self, player: Any, callback: Any) -> None:
        super().__init__()
        if player not in PREFIXES:
            raise ValueError(
                f"`player` must be one of {sorted(PREFIXES)}. "
                f"Received: player={player!r}"
            )
        if not isinstance(callback, keras.callbacks.Callback):
            raise ValueError(
                "`callback` must be an instance of `keras.callbacks.Callback`."
                f" Received: callback={callback!r} "
                f"(of type {type(callback).__name__})"
            )
        self.player = player
        self.callback = callback

    def set_params(self, params: Any) -> None:
        super().set_params(params)
        self.callback.set_params(params)

    def set_model(self, model: keras.Model) -> None:
        super().set_model(model)
        name = f"{PREFIXES[self.player]}optimizer"
        if getattr(model, name, None) is None:
            raise ValueError(
                f"The model must have an attribute `{name}`: compile it, and "
                "use no `ForPlayer` on a model with one optimizer. "
                f"Received: model={model!r}"
            )
        self.callback.set_model(PlayerView(model, name))

    def _forward(self, hook, *args, logs):
        """Calls a hook, and takes over what it adds to the logs."""
        if logs is None:
            return hook(*args)
        seen = dict(logs)
        result = hook(*args, seen)
        for name, value in seen.items():
            if name not in logs:
                logs[f"{PREFIXES[self.player]}{name}"] = value
        return result

    def on_batch_begin(self, batch: Any, logs: Logs = None) -> None:
        self._forward(self.callback.on_batch_begin, batch, logs=logs)

    def on_batch_end(self, batch: Any, logs: Logs = None) -> None:
        self._forward(self.callback.on_batch_end, batch, logs=logs)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._forward(self.callback.on_epoch_begin, epoch, logs=logs)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._forward(self.callback.on_epoch_end, epoch, logs=logs)

    def on_train_batch_begin(self, batch: Any, logs: Logs = None) -> None:
        self._forward(self.callback.on_train_batch_begin, batch, logs=logs)

    def on_train_batch_end(self, batch: Any, logs: Logs = None) -> None:
        self._forward(self.callback.on_train_batch_end, batch, logs=logs)

    def on_test_batch_begin(self, batch: Any, logs: Logs = None) -> None:
        self._forward(self.callback.on_test_batch_begin, batch, logs=logs)

    def on_test_batch_end(self, batch: Any, logs: Logs = None) -> None:
        self._forward(self.callback.on_test_batch_end, batch, logs=logs)

    def on_predict_batch_begin(self, batch: Any, logs: Logs = None) -> None:
        self._forward(self.callback.on_predict_batch_begin, batch, logs=logs)

    def on_predict_batch_end(self, batch: Any, logs: Logs = None) -> None:
        self._forward(self.callback.on_predict_batch_end, batch, logs=logs)

    def on_train_begin(self, logs: Logs = None) -> None:
        self._forward(self.callback.on_train_begin, logs=logs)

    def on_train_end(self, logs: Logs = None) -> None:
        self._forward(self.callback.on_train_end, logs=logs)

    def on_test_begin(self, logs: Logs = None) -> None:
        self._forward(self.callback.on_test_begin, logs=logs)

    def on_test_end(self, logs: Logs = None) -> None:
        self._forward(self.callback.on_test_end, logs=logs)

    def on_predict_begin(self, logs: Logs = None) -> None:
        self._forward(self.callback.on_predict_begin, logs=logs)

    def on_predict_end(self, logs: Logs = None) -> None:
        self._forward(self.callback.on_predict_end, logs=logs)


class PlayerView:
    """A model whose `optimizer` is that of one player.

    All other attributes are read from and written to the model itself.

    Args:
        model: The model.
        optimizer: String, the name of the attribute that holds the optimizer.
    """

    def __init__(self, model: keras.Model, optimizer: Any) -> None:
        # Past `__setattr__`, which writes to the model.
        self.__dict__["_viewed"] = (model, optimizer)

    @property
    def optimizer(self) -> Any:
        model, name = self._viewed
        return getattr(model, name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._viewed[0], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._viewed[0], name, value)
