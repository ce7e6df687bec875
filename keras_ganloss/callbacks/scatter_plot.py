"""Pictures of real and generated points."""

import io
from typing import Any

import keras
import numpy as np

from keras_ganloss.callbacks.picture import Picture
from keras_ganloss.callbacks.picture import check_generates
from keras_ganloss.report.curves import COLORS
from keras_ganloss.report.drawing import INK
from keras_ganloss.utils import arguments
from keras_ganloss.utils import packages
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor

MARGIN = 0.25  # On each side, as a share of the real points' extent.


class ScatterPlot(Picture):
    """Saves, after each epoch, a plot of real and generated points.

    For games of two numbers. The axes are those of the real points and stay
    the same, so that the pictures make a film; how many generated points
    are outside is written above. Needs the package `matplotlib`.

    Args:
        directory: See `SampleGrid`.
        real: Array of real points, shape `(num_points, 2)`. A thousand or
            two are enough.
        num: Integer, the number of generated points. Defaults to 1000.
        condition: Conditions of a conditional model, one for each generated
            point. Defaults to `None`.
        seed: Integer, the seed of the latents. Defaults to 0.
        every, tensorboard: See `SampleGrid`.

    Raises:
        ValueError: If `real` are no points, an argument is out of range, or,
            when `fit` begins, if the model does not make points.
        ImportError: If a package that is needed is missing.

    Example:

    ```python
    plot = ScatterPlot("points", points[:1000])
    gan.fit(points, epochs=10, callbacks=[plot])
    ```
    """

    tag = "points"
    caption = "Real and generated points"

    def __init__(
        self,
        directory: Any,
        real: Nest,
        num: int = 1000,
        condition: Nest = None,
        seed: int = 0,
        every: int = 1,
        tensorboard: Any = None,
    ) -> None:
        real = keras.ops.convert_to_numpy(real)
        if real.ndim != 2 or real.shape[1] != 2 or not len(real):
            raise ValueError(
                "`real` must be points of shape (num_points, 2). "
                f"Received: real.shape={real.shape}"
            )
        arguments.positive_int("num", num)
        super().__init__(directory, every, tensorboard)
        packages.require(type(self).__name__, packages.MATPLOTLIB)
        self.real = real
        self.num = num
        self.condition = condition
        self.seed = seed
        self._low, self._high = limits(real)

    def prepare(self) -> None:
        check_generates("ScatterPlot", self.model)
        shape = np.shape(self._generate())[1:]
        if shape != (2,):
            raise ValueError(
                "`ScatterPlot` draws points of two numbers. Leave it out for "
                "other samples; `SampleGrid` draws images. "
                f"Received: samples of shape {shape}"
            )

    def draw(self, epoch: int) -> bytes:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        fake = self._generate()
        figure = Figure(figsize=(5.0, 5.0), dpi=100, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        for name, points in (("real", self.real), ("fake", fake)):
            axes.scatter(
                *points.T, s=7, linewidths=0, alpha=0.6, color=COLORS[name],
                label={"real": "real", "fake": "generated"}[name],
            )  # fmt: skip
        axes.set_xlim(self._low[0], self._high[0])
        axes.set_ylim(self._low[1], self._high[1])
        axes.set_aspect("equal")
        title = f"epoch {epoch}"
        outside = self._outside(fake)
        if outside:
            title += f" · {outside} of {self.num} generated points outside"
        axes.set_title(title, loc="left", fontsize=11, color=INK)
        axes.tick_params(labelsize=8, colors=INK, length=3)
        for spine in axes.spines.values():
            spine.set_color("#bbbbbb")
        legend = axes.legend(
            loc="upper right", fontsize=9, labelcolor=INK, markerscale=2.5
        )
        for handle in legend.legend_handles:
            handle.set_alpha(1.0)
        file = io.BytesIO()
        figure.savefig(file, format="png", facecolor="white")
        return file.getvalue()

    def _generate(self):
        points = self.model.generate(
            self.num, condition=self.condition, seed=self.seed
        )
        return keras.ops.convert_to_numpy(points)

    def _outside(self, points):
        # Written so that NaN is outside, too.
        inside = (self._low <= points) & (points <= self._high)
        return int((~inside.all(axis=1)).sum())


def limits(points: Tensor) -> tuple[Any, Any]:
    """Returns the lowest and highest corner of a square around points.

    Args:
        points: Array of shape `(num_points, 2)`.

    Returns:
        Two arrays of shape `(2,)`. The square has room on each side for a
        quarter of the points' greater extent.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    center = (low + high) / 2.0
    half = (0.5 + MARGIN) * ((high - low).max() or 1.0)
    return center - half, center + half
