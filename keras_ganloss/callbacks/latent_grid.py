"""Pictures of the way from one latent to another."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_ganloss.callbacks.picture import ImageGrid
from keras_ganloss.game.calls import joined
from keras_ganloss.metrics.perceptual_path_length import spherical_interpolation
from keras_ganloss.models.latent_model import LatentModel
from keras_ganloss.models.truncation import draw_latents
from keras_ganloss.utils import arguments
from keras_ganloss.utils.images import add_labels
from keras_ganloss.utils.images import enlarge
from keras_ganloss.utils.images import tile
from keras_ganloss.utils.typing import Nest

PAIRS = tuple((seed, seed + 1) for seed in range(0, 16, 2))


def interpolate(
    model: keras.Model,
    seeds: Any = PAIRS,
    columns: int = 8,
    condition: Nest = None,
) -> np.ndarray:
    """Generates samples on the way between latents.

    Args:
        model: A game that starts from latents, such as `GAN`.
        seeds: List of pairs of integers: what `model.generate(1, seed=...)`
            makes of the two is at the ends of a row.
        columns: Integer, at least 2, how many samples a row has. Defaults
            to 8.
        condition: Conditions of a conditional model, one for each row.
            Defaults to `None`. Where the model draws them itself, as the
            codes of `InfoGAN`, a row has those of its first seed.

    Returns:
        Numpy array of shape `(len(seeds) * columns, ...)`, row by row.

    Raises:
        ValueError: If `seeds` are no pairs, `columns` is less than 2, the
            model has no latents, or `condition` does not fit.

    Example:

    ```python
    images = interpolate(gan, seeds=[(3, 7)], columns=5)
    ```
    """
    _check(seeds, columns)
    if not isinstance(model, LatentModel):
        raise ValueError(
            "Only a game that starts from latents, such as `GAN`, has a way "
            f"between them. Received: model={model!r}"
        )
    condition = model.check_condition(condition, len(seeds))
    rows = []
    for index, (first, second) in enumerate(seeds):
        # As `generate` draws, so that the ends are what it makes.
        draw = _seed_generator(first)
        start = draw_latents(1, model.latent_shape, None, draw)
        draw_end = _seed_generator(second)
        end = draw_latents(1, model.latent_shape, None, draw_end)
        told = model.told(start, _row(condition, index), draw)
        told = keras.tree.map_structure(
            lambda leaf: (
                leaf if leaf is None else np.repeat(_numpy(leaf), columns, 0)
            ),
            told,
        )
        way = keras.tree.map_structure(
            lambda first, last: _way(first, last, columns), start, end
        )
        rows.append(joined(model.generator, way, told))
    inputs = keras.tree.map_structure(
        lambda *leaves: np.concatenate(leaves), *rows
    )
    with model.random_state_kept(seeds[0][0]):
        return model.predict(inputs, verbose=0)


class LatentGrid(ImageGrid):
    """Saves, after each epoch, images on the way between pairs of latents.

    A generator that has learned changes little from image to image; one that
    knows its data by heart, or has collapsed, jumps, or does not change. The
    way is an arc (`metrics.spherical_interpolation`), each end the image that
    `model.generate(1, seed=...)` makes. Conditions stay as they are along a
    row.

    Args:
        directory: See `SampleGrid`.
        seeds: List of pairs of integers, one for each row. Defaults to
            `(0, 1)`, `(2, 3)` and so on, eight of them.
        columns: Integer, at least 2, the number of images in a row.
            Defaults to 8.
        condition: Conditions of a conditional model, one for each row.
            Defaults to `None`.
        value_range, every, tensorboard: See `SampleGrid`.

    Raises:
        ValueError: As `SampleGrid`, and if `seeds` are no pairs.
        ImportError: If a package that is needed is missing.

    Example:

    ```python
    digits = LatentGrid("latents", condition=np.arange(8))
    conditional_gan.fit(images, labels, epochs=10, callbacks=[digits])
    ```
    """

    tag = "latents"
    caption = "From one latent to another"

    def __init__(
        self,
        directory: Any = None,
        seeds: Any = PAIRS,
        columns: int = 8,
        condition: Nest = None,
        value_range: Sequence[float] | None = None,
        every: int = 1,
        tensorboard: Any = None,
    ) -> None:
        _check(seeds, columns)
        super().__init__(directory, value_range, every, tensorboard)
        self.seeds: list[tuple[int, ...]] = [tuple(pair) for pair in seeds]
        self.columns = columns
        self.condition = condition

    def samples(self) -> Any:
        return interpolate(self.model, self.seeds, self.columns, self.condition)

    def compose(self, samples: Nest) -> np.ndarray:
        images = enlarge(self.pixels(samples), self.columns)
        grid = tile(images, self.columns)
        return add_labels(
            grid, rows=[f"{first} to {second}" for first, second in self.seeds]
        )


def _check(seeds, columns):
    if not len(seeds) or any(len(np.atleast_1d(pair)) != 2 for pair in seeds):
        raise ValueError(
            "`seeds` must be pairs of integers, one pair for each row, such "
            f"as [(0, 1), (2, 3)]. Received: seeds={seeds!r}"
        )
    arguments.int_of_at_least(
        2, "columns", columns, "There are two ends of the way."
    )


def _row(condition, index):
    if condition is None:
        return None
    return keras.tree.map_structure(
        lambda leaf: np.asarray(leaf)[index : index + 1], condition
    )


def _seed_generator(seed):
    return keras.random.SeedGenerator(int(seed) % 2**31)


def _way(first, last, columns):
    return spherical_interpolation(
        np.repeat(first.astype("float64"), columns, axis=0),
        np.repeat(last.astype("float64"), columns, axis=0),
        np.linspace(0.0, 1.0, columns),
    ).astype(first.dtype)


def _numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)
