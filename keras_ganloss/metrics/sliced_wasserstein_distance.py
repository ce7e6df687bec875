"""The sliced Wasserstein distance of features, as a metric."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss.metrics.feature_metric import FeatureMetric
from keras_ganloss.metrics.sample_buffer import SampleBuffer
from keras_ganloss.utils import arguments
from keras_ganloss.utils import lines
from keras_ganloss.utils.typing import Tensor


def random_directions(size: int, num_directions: int, seed: Any) -> np.ndarray:
    """Draws directions, evenly over all there are.

    Args:
        size: Int, the dimension.
        num_directions: Int.
        seed: Optional int.

    Returns:
        Float64 numpy array of shape `(size, num_directions)`, whose columns
        are of length one.
    """
    random = np.random.default_rng(seed)
    directions = random.normal(size=(size, num_directions))
    return directions / np.linalg.norm(directions, axis=0)


def distance_of_projections(
    projections: Tensor, other_projections: Tensor
) -> float:
    """Mean Wasserstein distance of columns, each on a line of its own.

    On a line the distance is the area between the two inverse distribution
    functions, which are steps; there need not be as many numbers of both.

    Args:
        projections, other_projections: Numpy arrays of shapes
            `(num, num_directions)` and `(num_others, num_directions)`.

    Returns:
        Float.

    Example:

    >>> distance_of_projections(np.array([[0.0], [2.0]]), np.array([[5.0]]))
    4.0

    Reference: [Rabin et al., 2011](
    https://doi.org/10.1007/978-3-642-24785-9_37)
    """
    ends = [
        np.arange(1, len(each) + 1) / len(each)
        for each in (projections, other_projections)
    ]
    # Parts of all shares within which neither function has a step.
    edges = np.unique(np.concatenate(ends).round(12))
    widths = np.diff(edges, prepend=0.0)
    first, second = (
        np.sort(each, axis=0)[np.searchsorted(end, edges - 0.5 * widths)]
        for end, each in zip(ends, (projections, other_projections))
    )
    differences = ops.convert_to_numpy(lines.rank_differences(first, second))
    return float((widths @ np.abs(differences)).mean())


class ProjectionBuffer(keras.metrics.Metric):
    """Keeps where the first samples lie along some directions.

    Args:
        capacity: Int, see `SampleBuffer`.
        directions: Numpy array of shape `(size, num_directions)`.
        name: Name.
    """

    def __init__(self, capacity: int, directions: Tensor, name: str) -> None:
        super().__init__(name=name, dtype="float32")
        self.directions = directions
        self.kept: SampleBuffer = SampleBuffer(
            capacity, directions.shape[1:], name
        )

    def update_state(self, features: Any) -> None:
        directions = ops.cast(self.directions, "float32")
        self.kept.update_state(ops.matmul(features, directions))

    def result(self) -> Any:
        return self.kept.result()


@keras.saving.register_keras_serializable(package="keras_ganloss")
class SlicedWassersteinDistance(FeatureMetric):
    """Wasserstein distance of real and made samples along random lines.

    It needs no network where the numbers of a sample mean something by
    themselves, as of points and of tables: `features="samples"`. On such it
    sees all of a distribution, other than a Fréchet distance, which knows of
    its mean and covariance alone. As many samples from the data themselves
    are not at zero, but at what chance makes of it: compare with that. The
    loss of a similar name is `losses.SlicedWasserstein`.

    Args:
        features, value_range, reference, name: See `FeatureMetric`.
        num_directions: Int, how many lines. Defaults to 128.
        num_samples: Int, how many samples of each kind are kept, the first
            ones of an evaluation; shuffle data that are sorted. Defaults to
            10,000.
        seed: Int, by which the lines are drawn: the same ones for each
            evaluation, so that these compare. Defaults to 0.

    Raises:
        ValueError: If an argument is something else, and in the end if there
            is no sample.

    Example:

    >>> metric = SlicedWassersteinDistance("samples")
    >>> real, fake = ops.array([[0.0], [1.0]]), ops.array([[3.0], [2.0]])
    >>> metric.update_state(real, fake)
    >>> metric.result()  # On a line there is one direction.
    2.0

    Reference: [Rabin et al., 2011](
    https://doi.org/10.1007/978-3-642-24785-9_37)
    """

    def __init__(
        self,
        features: Any,
        value_range: Sequence[float] = (-1.0, 1.0),
        reference: Any = None,
        num_directions: int = 128,
        num_samples: int = 10_000,
        seed: int = 0,
        name: str | None = None,
    ) -> None:
        super().__init__(features, value_range, reference, name)
        arguments.positive_int("num_directions", num_directions)
        arguments.positive_int("num_samples", num_samples)
        self.num_directions = num_directions
        self.num_samples = num_samples
        self.seed = seed

    def make_statistics(self, num_features: int, name: str) -> Any:
        return ProjectionBuffer(
            self.num_samples, self.directions(num_features), name
        )

    def directions(self, num_features: int) -> np.ndarray:
        """Returns the directions of features of some size."""
        return random_directions(num_features, self.num_directions, self.seed)

    def statistics_of(self, features: Any) -> Any:
        return features[: self.num_samples] @ self.directions(features.shape[1])

    def result(self) -> Any:
        real, fake = self.statistics()
        self.check_enough(1, len(real), len(fake))
        return distance_of_projections(real, fake)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_directions": self.num_directions,
            "num_samples": self.num_samples,
            "seed": self.seed,
        }
