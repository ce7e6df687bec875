"""Curves of a run, in one picture."""

import io
import math
import pathlib
from typing import Any

import keras

from keras_ganloss.report import curves as curves_module
from keras_ganloss.report import drawing
from keras_ganloss.report.curves import ACCURACY
from keras_ganloss.report.drawing import DASHED
from keras_ganloss.report.drawing import INK
from keras_ganloss.utils import files
from keras_ganloss.utils import notebook
from keras_ganloss.utils import packages
from keras_ganloss.utils.typing import Logs


def plot_history(history: Any, path: Any) -> None:
    """Draws the curves of a training run into a picture.

    Both players' losses share a panel, as do the outputs on real and fake,
    and the learning rates; the discriminator's accuracy and all other logs
    have panels of their own. Curves of validation data are dashed; a panel
    that spans three powers of ten has a logarithmic scale. Needs the package
    `matplotlib`.

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
    packages.require("plot_history", packages.MATPLOTLIB)
    _draw_all(curves_module.by_epoch(history), path)


def _draw_all(logs, path):
    """Draws `{epoch: {name of log: value}}` into a file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    curves = curves_module.to_curves(logs)
    panels = curves_module.group(curves)
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
        _panel(axes, title, {name: curves[name] for name in names})
    file = io.BytesIO()
    figure.savefig(file, format=path.suffix[1:], facecolor="white")
    files.replace(path, file.getvalue())


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

    def __init__(self, path: Any) -> None:
        super().__init__()
        packages.require("HistoryPlot", packages.MATPLOTLIB)
        self.path: pathlib.Path = _check_path(path)

    def on_train_begin(self, logs: Logs = None) -> None:
        self._logs = None
        self._show = notebook.inline()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self._logs is None:
            # Keras's own history has this epoch only after all callbacks,
            # but those that a `Backup` has restored already.
            self._logs = curves_module.recorded(self.model.history)
        self._logs[epoch] = dict(logs or {})
        _draw_all(self._logs, self.path)
        if self.path.suffix == ".png":
            self._show(self.path.read_bytes())


def _panel(axes, title, curves):
    drawing.draw(axes, title, curves, [0.5] if title == ACCURACY else [])
    if any(name != curves_module.stem(name) for name in curves):
        axes.plot([], [], color="#777777", linestyle=DASHED, label="validation")
    axes.set_title(title, loc="left", fontsize=11, color=INK, parse_math=False)
    axes.set_xlabel("epoch", fontsize=9, color=INK)
    if curves_module.needs_legend(title, curves):
        axes.legend(frameon=False, fontsize=8, labelcolor=INK)


def _check_path(path):
    path = pathlib.Path(path)
    if not path.suffix[1:]:
        raise ValueError(
            "`path` must end in the format of the picture, such as `.png`. "
            f"Received: path={str(path)!r}"
        )
    return path
