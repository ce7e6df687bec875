"""What is looked at before an epoch of training."""

import keras

from keras_ganloss.utils.typing import Logs


class TrainingStart(keras.callbacks.Callback):
    """Lets a game begin each epoch, after what other callbacks have changed.

    They may load weights, which averages then start from, or freeze layers,
    which needs `compile`.
    """

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        del epoch, logs
        self.model.begin_training()
