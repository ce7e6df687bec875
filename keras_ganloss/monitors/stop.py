"""Ends training."""

from typing import Any

from keras_ganloss.monitors.action import Action


class Stop(Action):
    """Stops `fit` at the end of the epoch.

    Args:
        on: See `Action`.

    Example:

    >>> action = Stop(on=["equilibrium", "mode_collapse"])
    """

    def act(self, model: Any, monitors: Any) -> str:
        del monitors
        model.stop_training = True
        return "Training stops."
