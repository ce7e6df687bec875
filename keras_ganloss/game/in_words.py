"""A game in a few lines: its networks, players and settings."""

import inspect
import math
from typing import Any

import keras

from keras_ganloss.losses.adversarial_loss import LossSide
from keras_ganloss.utils.described import describe


def in_words(game: Any) -> str:
    """Returns what the `repr` of a game says, compiled or not."""
    lines = [
        f"{player} {_network(game, name)}"
        for player, names in (
            ("generator", game.generators),
            ("discriminator", game.discriminators),
        )
        for name in names
    ]
    if getattr(game, "players", ()):  # A `repr` may be asked for early.
        settings = compiled_with(game).items()
        lines += [f"{name}={text}" for name, text in settings]
    else:
        lines.append("not compiled")
    return "\n    ".join([f"<{type(game).__name__}", *lines]) + ">"


def compiled_with(game: Any) -> dict[str, Any]:
    """Returns the settings of a game: a dict of names of `compile` to texts.

    What is empty is left out.
    """
    values = {}
    classes = type(game).__mro__
    for one in reversed(classes[: classes.index(keras.Model)]):
        if "compile" in vars(one):
            for name in list(inspect.signature(one.compile).parameters)[1:]:
                values[name] = getattr(game, name, None)
    supervision = getattr(game, "supervision", None)
    if supervision is not None:
        values["loss"] = supervision.loss
    values["metrics"] = game.user_metrics
    for side in ("d_loss", "g_loss"):
        if isinstance(values.get(side), LossSide):
            values[side] = values[side].loss
    return {
        name: describe(value)
        for name, value in values.items()
        if value is not None and value is not False and value not in ([], {})
    }


def _network(game, name):
    network = getattr(game, name, None)
    if network is None:
        return f"`{name}`: not set"
    count = sum(math.prod(variable.shape) for variable in network.weights)
    return f"`{name}`: {type(network).__name__}, {count:,} weights"
