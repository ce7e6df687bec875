"""Names and numbers of a run's logs, ready to be drawn."""

import math
from collections.abc import Iterable
from typing import Any

from keras_ganloss.monitors.monitor import Monitor

# Who has which color, in every panel.
COLORS = {"d": "#2a6fb0", "g": "#d1602f", "real": "#3a8f5c", "fake": "#a0457e"}
OTHERS = ("#2a6fb0", "#d1602f", "#3a8f5c", "#a0457e", "#b8912b", "#5b5b5b")
PLAYERS = {"d": "discriminator", "g": "generator"}

ACCURACY = "discriminator accuracy"
RATES = "learning rates"

# A scale of powers of ten from this ratio of the extremes on.
LOGARITHMIC = 1000.0


def by_epoch(history: Any) -> dict[int, Any]:
    """Returns the logs of each epoch.

    Args:
        history: What `fit` returned, or a dictionary that maps names of logs
            to lists with one number an epoch.

    Returns:
        Dictionary `{epoch counted from 0: {name of log: value}}`.

    Raises:
        ValueError: If `history` is empty or none.
    """
    logs = getattr(history, "history", history)
    if not isinstance(logs, dict) or not any(map(len, logs.values())):
        raise ValueError(
            "`history` must be what `fit` returned after at least one epoch, "
            f"or a dictionary of lists. Received: history={history!r}"
        )
    count = max(map(len, logs.values()))
    epochs = list(getattr(history, "epoch", ()))
    if len(epochs) != count:  # A dictionary, or several runs in one.
        epochs = list(range(count))
    by_epoch = {epoch: {} for epoch in epochs}
    for name, values in logs.items():
        # What is shorter than the others is taken to have begun later.
        for epoch, value in zip(epochs[::-1], values[::-1], strict=False):
            by_epoch[epoch][name] = value
    return by_epoch


def recorded(history: Any) -> Any:
    """As `by_epoch`, while `fit` runs: what a `Backup` has restored."""
    return by_epoch(history) if history.epoch else {}


def to_curves(logs: Any) -> dict[str, Any]:
    """Turns logs of epochs into points of curves.

    Args:
        logs: Dictionary `{epoch counted from 0: {name of log: value}}`.

    Returns:
        Dictionary `{name of log: [(epoch counted from 1, value), ...]}`.
    """
    curves = {}
    for epoch, values in logs.items():
        for name, value in values.items():
            curves.setdefault(name, []).append((epoch + 1, float(value)))
    return curves


def stem(name: str) -> str:
    """Returns the name of a log without its `val_`."""
    return name.removeprefix("val_")


def color_names(names: Any) -> dict[str, Any]:
    """Returns for each log of a panel a key of `COLORS`, or its number."""
    stems = list(dict.fromkeys(map(stem, names)))
    colors = {}
    for name in names:
        owner = stem(name).split("_")[0]
        number = stems.index(stem(name)) % len(OTHERS)
        colors[name] = owner if owner in COLORS else number
    return colors


def is_logarithmic(title: str, values: Iterable[float]) -> bool:
    """Whether a panel needs a scale of powers of ten.

    Args:
        title: String, of the panel.
        values: List of all numbers in it; those not finite do not count.
    """
    values = [value for value in values if math.isfinite(value)]
    ratio = 10.0 if title == RATES else LOGARITHMIC
    return bool(values) and 0.0 < ratio * min(values) < max(values)


def group(logs: Any) -> dict[str, Any]:
    """Sorts names of logs into panels.

    Args:
        logs: Names of logs, those of validation data with their `val_`.

    Returns:
        Dictionary that maps titles of panels to lists of names, the losses
        first. A name and its `val_` form are in the same panel.

    Example:

    >>> group(["d_loss", "r1", "g_loss", "val_d_loss"])
    {'losses': ['d_loss', 'g_loss', 'val_d_loss'], 'r1': ['r1']}
    """
    panels = {
        "losses": [],
        ACCURACY: [],
        "mean outputs": [],
    }
    for name in logs:
        panels.setdefault(panel_title(stem(name)), []).append(name)
    panels["mean outputs"].sort(key=lambda name: "real" not in name)
    return {title: names for title, names in panels.items() if names}


def measured_by_monitors(names: Any) -> list[str]:
    """Returns those logs that a `GameMonitor` adds, in their order."""
    kinds = Monitor.__subclasses__()
    theirs = {number for kind in kinds for number in kind.numbers}
    return [name for name in names if name in theirs]


def panel_title(name: str) -> str:
    """Returns the title of the panel that a log belongs to."""
    if name == "loss" or name.endswith("_loss"):
        return "losses"
    if name in ("d_accuracy", "held_out_accuracy"):
        return ACCURACY
    if name.endswith("_output"):
        return "mean outputs"
    if name.endswith("learning_rate"):
        return RATES
    if name in ("d_gradient_norm", "g_gradient_norm"):
        return "gradient norms"
    return name.replace("_", " ")


def label(name: str) -> str:
    """Returns what a log is called in a legend."""
    prefix, _, rest = name.partition("_")
    if prefix in PLAYERS and rest in ("loss", "learning_rate", "gradient_norm"):
        return PLAYERS[prefix]
    if prefix in ("real", "fake") and rest == "output":
        return f"on {prefix}"
    if name == "d_accuracy":
        return ACCURACY
    return name.replace("_", " ")


def labels(names: Any) -> dict[str, str]:
    """Returns what each log of a panel is called in the panel's legend.

    Logs of validation data are left out if the one they belong to is there:
    they have its color.
    """
    stems = list(dict.fromkeys(map(stem, names)))
    # Where the title says it all, the legend is about dashes.
    is_plain = len(stems) == 1 and len(names) > 1
    found = {}
    for name in names:
        if name == stem(name):
            found[name] = "training" if is_plain else label(name)
        elif stem(name) not in names and len(stems) > 1:
            found[name] = label(stem(name))
    return found


def needs_legend(title: str, names: Any) -> bool:
    """Whether the title of a panel does not say it all."""
    (first, *others) = names
    return bool(others) or first != stem(first) or title != label(first)
