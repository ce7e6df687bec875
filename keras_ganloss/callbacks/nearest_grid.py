"""Pictures of real samples beside the generated ones next to them."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_ganloss.callbacks.picture import ImageGrid
from keras_ganloss.metrics import feature_networks
from keras_ganloss.metrics.nearest_neighbors import nearest_neighbors
from keras_ganloss.utils import arguments
from keras_ganloss.utils import images as image_utils
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor

GAP = 4  # Between a sample and its neighbors, in pixels.
BATCH = 256
CHUNK = 4096  # Samples that are widened to float64 at the same time.


def nearest(queries: Tensor, references: Tensor, k: int) -> tuple[Any, Any]:
    """As `nearest_neighbors`, for many references in little memory.

    Args:
        queries: Array of shape `(num_queries, ...)`.
        references: Array of shape `(num_references, ...)`.
        k: Integer, how many neighbors of each.

    Returns:
        Pair of arrays of shape `(num_queries, k)`, nearest first: distances
        and indices of the references.
    """
    distances, indices = [], []
    for start in range(0, len(references), CHUNK):
        chunk = references[start:][:CHUNK]
        found = nearest_neighbors(queries, chunk, min(k, len(chunk)))
        distances.append(found[0])
        indices.append(found[1] + start)
    distances, indices = np.hstack(distances), np.hstack(indices)
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return (
        np.take_along_axis(distances, order, axis=1),
        np.take_along_axis(indices, order, axis=1),
    )


class NearestGrid(ImageGrid):
    """Abstract: rows of an image and its nearest ones of other origin.

    Each row has its Euclidean distance to the nearest one as a label, in
    units of the samples or features.

    Args:
        directory: See `SampleGrid`.
        real: Array of real images, as `fit` takes them.
        num: Integer, how many images are generated.
        neighbors: Integer, how many of the nearest ones are shown.
        condition: Conditions of a conditional model, one for each generated
            image.
        seed: Integer, the seed of the latents.
        features: In what to compare: see `NearestFakes`.
        value_range: Pair of the values of black and of white, or `None`: it
            is taken from `real`.
        every, tensorboard: See `SampleGrid`.
    """

    headings: tuple[str, ...] = ()  # What the first and the other columns are.

    def __init__(
        self,
        directory: Any,
        real: Nest,
        num: int,
        neighbors: Any,
        condition: Nest,
        seed: Any,
        features: Any,
        value_range: Sequence[float] | None,
        every: int,
        tensorboard: Any,
    ) -> None:
        real = keras.ops.convert_to_numpy(real)
        if not image_utils.are_images(image_utils.channels_last(real)):
            raise ValueError(
                "`real` must be images of shape (num, height, width, "
                "channels) with 1, 3 or 4 channels, as `fit` takes them. "
                f"Received: real.shape={real.shape}"
            )
        super().__init__(directory, value_range, every, tensorboard)
        self.real = real
        self.num = num
        self.neighbors = neighbors
        self.condition = condition
        self.seed = seed
        if self.value_range is None:
            self.value_range: Sequence[float] | None = image_utils.guess_range(
                real
            )
        self.features = features
        self._network = feature_networks.get(features, self.value_range)
        self._network.check(real.shape[1:])
        self._check_candidates()
        self._real_features = self._featurize(real)

    def ends(self, real: Nest, fake: Nest) -> tuple[Any, Any]:
        """Returns which of two things looks for its nearest in the other."""
        raise NotImplementedError(self._must_fill("ends"))

    def samples(self) -> Any:
        return self.model.generate(
            self.num, condition=self.condition, seed=self.seed
        )

    def prepare(self) -> None:
        super().prepare()
        made = np.shape(self.samples())[1:]
        if made != self.real.shape[1:]:
            raise ValueError(
                "`real` must be of the shape of what the model makes. "
                f"Received: real images of shape {self.real.shape[1:]}, "
                f"generated ones of shape {made}"
            )

    def compose(self, samples: Nest) -> np.ndarray:
        queries, others = self.ends(
            (self._real_features, self.real),
            (self._featurize(samples), samples),
        )
        distances, indices = nearest(queries[0], others[0], self.neighbors)
        headings = self.headings
        first = image_utils.add_labels(
            image_utils.tile(self._enlarged(queries[1]), 1),
            rows=[f"{value:.3g}" for value in distances[:, 0]],
            columns=headings[:1],
        )
        found = self._enlarged(others[1][indices.ravel()])
        found = image_utils.add_labels(
            image_utils.tile(found, self.neighbors), columns=headings[1:]
        )
        gap = np.full((len(first), GAP, first.shape[-1]), 255, "uint8")
        return np.concatenate([first, gap, found], axis=1)

    def _enlarged(self, samples):
        return image_utils.enlarge(self.pixels(samples), 1 + self.neighbors)

    def _featurize(self, images):
        parts = [
            keras.ops.convert_to_numpy(self._network(images[start:][:BATCH]))
            for start in range(0, len(images), BATCH)
        ]
        return np.concatenate(parts)

    def _check_candidates(self):
        _, count = self.ends(len(self.real), self.num)
        arguments.positive_int("num", self.num)
        arguments.positive_int("neighbors", self.neighbors)
        if self.neighbors > count:
            raise ValueError(
                "`neighbors` must be no more than there are. "
                f"Received: neighbors={self.neighbors} of {count} images"
            )
