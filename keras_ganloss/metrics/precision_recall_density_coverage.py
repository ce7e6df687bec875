"""Precision, recall, density and coverage of samples, by their neighbors."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_ganloss.metrics.nearest_neighbors import nearest_neighbors
from keras_ganloss.metrics.pairwise import as_vectors
from keras_ganloss.metrics.pairwise import check_same_size
from keras_ganloss.metrics.pairwise import squared_distance_blocks
from keras_ganloss.metrics.results import prefix_keys
from keras_ganloss.metrics.sampled_feature_metric import SampledFeatureMetric
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor

# A neighbor lies on the very edge of its ball: let no rounding push it out.
EDGE = 1.0 + 1e-9


def squared_radii(samples: Nest, k: int) -> np.ndarray:
    """Returns the squared distances to the `k`-th nearest other samples.

    Args:
        samples: Numpy array of shape `(num_samples, size)`, float64.
        k: Int, less than the number of samples.

    Returns:
        Numpy array of shape `(num_samples,)`.
    """
    # A sample is the nearest one to itself.
    distances, _ = nearest_neighbors(samples, samples, k + 1)
    return distances[:, k] ** 2


def precision_recall_density_coverage(
    real_features: Tensor, fake_features: Tensor, k: int = 5
) -> dict[str, Any]:
    """How many samples look real, and how much of what is real they reach.

    Around each sample a ball reaches to its `k`-th nearest neighbor of its
    own kind, edge included. Two questions, each asked in two ways:

    - Quality. `precision` is the share of fakes within any ball of a real
      sample. `density` is the number of such balls over `k`, in the mean
      over fakes: one where both distributions are the same, more where
      fakes crowd among real samples. An outlier, whose ball is large, adds
      little to it.
    - Variety. `recall` is the share of real samples within any ball of a
      fake. `coverage` is the share of real samples with a fake in their
      ball: of as many fakes from the same distribution `1 - 2^-k` on
      average.

    Distances that tie with a radius, as those of bytes, counts and repeated
    samples do, count as within: precision and recall are defined so, while
    the code of Naeem et al. leaves them out of density and coverage, too.
    Distances of all pairs never lie in memory at once.

    Args:
        real_features: Array or tensor of shape `(num_real, ...)`.
        fake_features: Array or tensor of shape `(num_fake, ...)`.
        k: Int, which neighbor is on the edge. Defaults to 5.

    Returns:
        Dict of the names above to floats.

    Raises:
        ValueError: If `k` is less than 1, or if there are not more than `k`
            samples of each kind, samples of different sizes, or values that
            are not finite.

    Example:

    >>> real, fake = [[0.0], [1.0], [3.0]], [[0.5], [0.6]]
    >>> precision_recall_density_coverage(real, fake, k=1)["precision"]
    1.0

    References:
    - [Kynkäänniemi et al., 2019](https://arxiv.org/abs/1904.06991)
    - [Naeem et al., 2020](https://arxiv.org/abs/2002.09797)
    """
    real = as_vectors(real_features, "real_features")
    fake = as_vectors(fake_features, "fake_features")
    check_same_size(real, fake, "real_features", "fake_features")
    if k < 1 or min(len(real), len(fake)) <= k:
        raise ValueError(
            "`k` must be at least 1, with more than `k` samples of each kind. "
            f"Received: k={k}, {len(real)} real and {len(fake)} fake samples"
        )
    real_edges = EDGE * squared_radii(real, k)
    fake_edges = EDGE * squared_radii(fake, k)
    reached, covered = np.zeros((2, len(real)), bool)
    balls = np.empty(len(fake))
    for part, squared in squared_distance_blocks(fake, real):
        in_real_balls = squared <= real_edges
        balls[part] = in_real_balls.sum(axis=1)
        covered |= in_real_balls.any(axis=0)
        reached |= (squared <= fake_edges[part, None]).any(axis=0)
    return {
        "precision": float((balls > 0).mean()),
        "recall": float(reached.mean()),
        "density": float(balls.mean() / k),
        "coverage": float(covered.mean()),
    }


@keras.saving.register_keras_serializable(package="keras_ganloss")
class PrecisionRecallDensityCoverage(SampledFeatureMetric):
    """How many fakes look real, and how much of what is real they reach.

    The logs get `precision`, `recall`, `density` and `coverage`, which
    `precision_recall_density_coverage` describes. Their values depend on
    the number of samples: compare those of as many. A sample on the very edge
    of a ball is within. NaN if a sample is not finite.

    Args:
        features, value_range, reference: See `FeatureMetric`.
        k: Int, which neighbor is on the edge of a ball. Defaults to 5.
        num_samples: Int, how many samples of each kind are kept, the first
            ones of an evaluation; shuffle data that are sorted. Defaults to
            10,000.
        name: Optional name, which then goes before each key.

    Raises:
        ValueError: If an argument is something else, and in the end if there
            are not more than `k` samples of each kind.

    Example:

    >>> metric = PrecisionRecallDensityCoverage("samples", k=1)
    >>> real = ops.array([[0.0], [1.0], [3.0]])
    >>> metric.update_state(real, fake=ops.array([[0.5], [0.6], [9.0]]))
    >>> round(metric.result()["precision"], 3)
    0.667

    References:
    - [Kynkäänniemi et al., 2019](https://arxiv.org/abs/1904.06991)
    - [Naeem et al., 2020](https://arxiv.org/abs/2002.09797)
    """

    def __init__(
        self,
        features: Any,
        value_range: Sequence[float] = (-1.0, 1.0),
        reference: Any = None,
        k: int = 5,
        num_samples: int = 10_000,
        name: str | None = None,
    ) -> None:
        super().__init__(features, value_range, reference, num_samples, name)
        arguments.positive_int("k", k)
        self.k = k

    def result(self) -> Any:
        real, fake = self.statistics()
        self.check_enough(self.k + 1, len(real), len(fake))
        if np.isfinite(real).all() and np.isfinite(fake).all():
            numbers = precision_recall_density_coverage(real, fake, self.k)
        else:
            names = "precision", "recall", "density", "coverage"
            numbers = dict.fromkeys(names, np.nan)
        return prefix_keys(self, numbers)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "k": self.k,
        }
