"""Curves of a run, in one picture."""

import importlib.util
import io
import math
import os
import pathlib

import keras

# Who has which color, in every panel.
COLORS = {"d": "#2a6fb0", "g": "#d1602f", "real": "#3a8f5c", "fake": "#a0457e"}
OTHERS = ("#2a6fb0", "#d1602f", "#3a8f5c", "#a0457e", "#b8912b", "#5b5b5b")
PLAYERS = {"d": "discriminator", "g": "generator"}
INK = "#333333"
DASHED = (0, (4, 2))


def plot_history(history, path):
    """Draws the curves of a training run into a picture.

    Both players' losses share a panel, as do the outputs on real and fake,
    and the learning rates; the discriminator's accuracy and all other logs
    have panels of their own. Curves of validation data are dashed. Needs the
    package `matplotlib`.

    Args:
        history: What `fit` returned, or a dictionary that maps names of logs
            to lists with one number an epoch.
        path: Path of the picture; its suffix, such as `.png`, `.svg` or
            `.pdf`, is the format. It is renamed into place when complete.

    Raises:
        ValueError: If `history` is empty or none, or `path` has no suffix.
        ImportError: If matplotlib is missing.

    Example:

    >>> history = {"d_loss": [1.3, 1.2, 1.1], "g_loss": [0.7, 0.9, 1.0]}
    >>> plot_history(history, "history.png")
    """
    path = _check_path(path)
    _draw_all(_by_epoch(history), path)


def _draw_all(logs, path):
    """Draws `{epoch: {name of log: value}}` into a file."""
    _require_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    curves = {}
    for epoch, values in logs.items():
        for name, value in values.items():
            curves.setdefault(name, []).append((epoch + 1, value))
    panels = group(curves)
    columns = min(len(panels), 2 if len(panels) == 4 else 3)
    rows = math.ceil(len(panels) / columns)
    # Without pyplot, so that no state of the caller's is touched.
    figure = Figure(
        figsize=(5.0 * columns, 3.2 * rows), dpi=110, layout="constrained"
    )
    FigureCanvasAgg(figure)
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1, hspace=0.03)
    for index, (title, names) in enumerate(panels.items()):
        axes = figure.add_subplot(rows, columns, index + 1)
        _draw(axes, title, {name: curves[name] for name in names})
    file = io.BytesIO()
    figure.savefig(file, format=path.suffix[1:], facecolor="white")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(file.getvalue())
    os.replace(temporary, path)


def group(logs):
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
        "discriminator accuracy": [],
        "mean outputs": [],
    }
    for name in logs:
        panels.setdefault(_title(name.removeprefix("val_")), []).append(name)
    panels["mean outputs"].sort(key=lambda name: "real" not in name)
    return {title: names for title, names in panels.items() if names}


class HistoryPlot(keras.callbacks.Callback):
    """Redraws the curves of the run after each epoch.

    See `plot_history` for what the picture shows. Epochs that a `Backup` has
    restored are part of it if `Backup` is in the list of callbacks too.

    Args:
        path: Path of the picture; its suffix, such as `.png`, is the format.

    Raises:
        ValueError: If `path` has no suffix.
        ImportError: If matplotlib is missing.

    Example:

    ```python
    gan.fit(images, epochs=10, callbacks=[HistoryPlot("history.png")])
    ```
    """

    def __init__(self, path):
        super().__init__()
        _require_matplotlib()
        self.path = _check_path(path)

    def on_train_begin(self, logs=None):
        self._logs = None

    def on_epoch_end(self, epoch, logs=None):
        if self._logs is None:
            # Keras's own history has this epoch only after all callbacks,
            # but those that a `Backup` has restored already.
            history = self.model.history
            self._logs = _by_epoch(history) if history.epoch else {}
        self._logs[epoch] = dict(logs or {})
        _draw_all(self._logs, self.path)


def _by_epoch(history):
    """Returns `{epoch counted from 0: {name of log: value}}`."""
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


def _title(name):
    if name == "loss" or name.endswith("_loss"):
        return "losses"
    if name == "d_accuracy":
        return "discriminator accuracy"
    if name.endswith("_output"):
        return "mean outputs"
    if name.endswith("learning_rate"):
        return "learning rates"
    return name.replace("_", " ")


def _draw(axes, title, curves):
    plain = list(dict.fromkeys(name.removeprefix("val_") for name in curves))
    validated = any(name.startswith("val_") for name in curves)
    for name, points in curves.items():
        stem = name.removeprefix("val_")
        validation = name != stem
        color = COLORS.get(stem.split("_")[0])
        # Where the title says it all, the legend is about dashes.
        label = "training" if validated and len(plain) == 1 else _label(stem)
        axes.plot(
            *zip(*points, strict=True),
            color=color or OTHERS[plain.index(stem) % len(OTHERS)],
            linewidth=1.4 if validation else 1.8,
            linestyle=DASHED if validation else "solid",
            marker="o" if len(points) < 3 else None,
            markersize=4,
            label=None if validation else label,
        )
    if validated:
        axes.plot([], [], color="#777777", linestyle=DASHED, label="validation")
    if title == "discriminator accuracy":
        axes.axhline(0.5, color="#999999", linewidth=1.0, linestyle=":")
        axes.set_ylim(-0.03, 1.03)
    if title == "learning rates":
        rates = [rate for points in curves.values() for _, rate in points]
        if 0 < 10 * min(rates) < max(rates):
            axes.set_yscale("log")
        else:
            axes.ticklabel_format(axis="y", style="sci", scilimits=(0, 0))
            axes.yaxis.get_offset_text().set(size=8, color=INK)
    axes.set_title(title, loc="left", fontsize=11, color=INK)
    axes.set_xlabel("epoch", fontsize=9, color=INK)
    axes.tick_params(which="both", labelsize=8, colors=INK, length=3)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color("#bbbbbb")
    axes.margins(x=0.02, y=0.08)
    epochs = [epoch for points in curves.values() for epoch, _ in points]
    if min(epochs) == max(epochs):
        axes.set_xlim(min(epochs) - 1, max(epochs) + 1)
    if len(curves) > 1 or title != _label(plain[0]):
        axes.legend(frameon=False, fontsize=8, labelcolor=INK)


def _label(name):
    prefix, _, rest = name.partition("_")
    if prefix in PLAYERS and rest in ("loss", "learning_rate"):
        return PLAYERS[prefix]
    if prefix in ("real", "fake") and rest == "output":
        return f"on {prefix}"
    if name == "d_accuracy":
        return "discriminator accuracy"
    return name.replace("_", " ")


def _check_path(path):
    path = pathlib.Path(path)
    if not path.suffix[1:]:
        raise ValueError(
            "`path` must end in the format of the picture, such as `.png`. "
            f"Received: path={str(path)!r}"
        )
    return path


def _require_matplotlib():
    if importlib.util.find_spec("matplotlib") is None:
        raise ImportError(
            "Plots need the package `matplotlib`: "
            "`pip install keras-ganloss[examples]`."
        )
