"""Pictures of the same latents, with less and less of their tails."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_ganloss.callbacks.picture import ImageGrid
from keras_ganloss.utils import arguments
from keras_ganloss.utils.images import add_labels
from keras_ganloss.utils.images import enlarge
from keras_ganloss.utils.images import tile
from keras_ganloss.utils.typing import Nest

THRESHOLDS = (None, 1.5, 1.0, 0.7, 0.4, 0.1)

# One normal number in 1.7 million is beyond it.
FARTHEST = 5.0


def truncate(
    model: Any,
    thresholds: Any = THRESHOLDS,
    columns: int = 8,
    condition: Nest = None,
    seed: int = 0,
) -> np.ndarray:
    """Generates samples with latents cut at several thresholds.

    All rows are made of the same uniform numbers, so that a column shows one
    latent whose numbers shrink together.

    Args:
        model: A game with `generate(..., truncation=...)`, such as `GAN`.
        thresholds: Values of `truncation`, one for each row; `None` for
            (practically) none.
        columns: Integer, how many samples a row has. Defaults to 8.
        condition: Conditions of a conditional model, one for each column.
            Defaults to `None`.
        seed: Integer, the seed of the latents. Defaults to 0.

    Returns:
        Numpy array of shape `(len(thresholds) * columns, ...)`, row by row.

    Raises:
        ValueError: If there is no threshold or one is not positive, or
            `condition` does not fit.

    Example:

    ```python
    images = truncate(gan, thresholds=[None, 0.7, 0.3])
    ```
    """
    _check(thresholds, columns)
    rows = [
        # Without truncation `generate` may draw from other numbers.
        model.generate(
            columns,
            condition=condition,
            seed=seed,
            truncation=FARTHEST if threshold is None else threshold,
        )
        for threshold in thresholds
    ]
    return np.concatenate(rows)


class TruncationGrid(ImageGrid):
    """Saves, after each epoch, what truncation makes of the same latents.

    A row for each threshold, a column for each latent: from the top to the
    bottom samples get more typical, and more alike. Choose the threshold for
    `generate(..., truncation=...)` from it.

    Args:
        directory: See `SampleGrid`.
        thresholds: Values of `truncation`, one for each row; `None` for
            (practically) none. Defaults to none, 1.5, 1.0, 0.7, 0.4 and
            0.1.
        columns: Integer, the number of images in a row. Defaults to 8.
        condition: Conditions of a conditional model, one for each column.
            Defaults to `None`.
        seed: Integer, the seed of the latents. Defaults to 0.
        value_range, every, tensorboard: See `SampleGrid`.

    Raises:
        ValueError: As `SampleGrid`, and if a threshold is not positive.
        ImportError: If a package that is needed is missing.

    Example:

    ```python
    gan.fit(images, epochs=10, callbacks=[TruncationGrid("truncation")])
    ```
    """

    tag = "truncation"
    caption = "The same latents, cut at smaller and smaller thresholds"

    def __init__(
        self,
        directory: Any = None,
        thresholds: Any = THRESHOLDS,
        columns: int = 8,
        condition: Nest = None,
        seed: int = 0,
        value_range: Sequence[float] | None = None,
        every: int = 1,
        tensorboard: Any = None,
    ) -> None:
        _check(thresholds, columns)
        super().__init__(directory, value_range, every, tensorboard)
        self.thresholds: list[float | None] = list(thresholds)
        self.columns = columns
        self.condition = condition
        self.seed = seed

    def samples(self) -> Any:
        return truncate(
            self.model,
            self.thresholds,
            self.columns,
            self.condition,
            self.seed,
        )

    def compose(self, samples: Nest) -> np.ndarray:
        images = enlarge(self.pixels(samples), self.columns)
        grid = tile(images, self.columns)
        return add_labels(
            grid,
            rows=["all" if t is None else f"{t:g}" for t in self.thresholds],
        )


def _check(thresholds, columns):
    wrong = [t for t in thresholds if t is not None and not t > 0]
    if not len(thresholds) or wrong:
        raise ValueError(
            "`thresholds` must be positive numbers, or `None` for no "
            f"truncation, one for each row. Received: thresholds={thresholds!r}"
        )
    arguments.positive_int("columns", columns)
