"""How many modes of a known mixture samples reach, and how evenly."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss import backend
from keras_ganloss.metrics.numpy_value import numpy_value
from keras_ganloss.metrics.pairwise import BLOCK
from keras_ganloss.metrics.results import prefix_keys
from keras_ganloss.metrics.sample_metric import SampleMetric
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Shape
from keras_ganloss.utils.typing import Tensor


def coverage_of_counts(counts: Any) -> tuple[int, float]:
    """How many modes are captured, and how far from evenly.

    Args:
        counts: Array of shape `(num_modes,)`, the samples of each mode.

    Returns:
        Pair of the number of modes with a sample, and `KL(counts || even)`:
        zero for even counts, `log(num_modes)` if all are in one mode. That
        value stands for no samples at all too.
    """
    counts = np.asarray(counts, "float64")
    captured = counts[counts > 0]
    if not captured.size:
        return 0, float(np.log(len(counts)))
    shares = captured / captured.sum()
    divergence = (shares * np.log(shares * len(counts))).sum()
    return len(captured), float(max(divergence, 0.0))


def count_modes(samples: Nest, centers: Tensor, radii: Any) -> Tensor:
    """Counts the samples near each center.

    Args:
        samples: Tensor of shape `(batch_size, size)`.
        centers: Array of shape `(num_modes, size)`.
        radii: Array of shape `(num_modes,)`.

    Returns:
        Int32 tensor of shape `(num_modes,)`: of the samples to which a center
        is the nearest one those within its radius.
    """

    def compute(samples, centers, radii):
        # As differences: far from the origin products lose their digits.
        differences = samples[:, None] - centers
        squared = ops.sum(ops.square(differences), axis=2)
        nearest = ops.argmin(squared, axis=1)
        near = ops.min(squared, axis=1) <= ops.take(ops.square(radii), nearest)
        modes = ops.equal(nearest[:, None], ops.arange(centers.shape[0]))
        near_modes = ops.logical_and(modes, near[:, None])
        return ops.sum(ops.cast(near_modes, "int32"), axis=0)

    counts = backend.in_float64(compute, samples, centers, radii)
    return ops.cast(counts, "int32")


def radii_of_modes(
    centers: Tensor, standard_deviation: Tensor, num_deviations: float
) -> tuple[Any, Any]:
    """Returns the centers and radii of the modes of a mixture.

    Args:
        centers, standard_deviation, num_deviations: See `mode_coverage`.

    Returns:
        Float64 numpy arrays of shapes `(num_modes, size)` and
        `(num_modes,)`.

    Raises:
        ValueError: If they are not the modes of a mixture.
    """
    centers = np.asarray(centers, "float64")
    if centers.ndim != 2 or not centers.size:
        raise ValueError(
            "`centers` must be of shape `(num_modes, size)`. "
            f"Received: centers.shape={centers.shape}"
        )
    radii = num_deviations * np.asarray(standard_deviation, "float64")
    if radii.shape not in ((), (len(centers),)) or not (radii > 0.0).all():
        raise ValueError(
            "`standard_deviation` and `num_deviations` must be positive, the "
            f"former one number or one for each of the {len(centers)} "
            f"centers. Received: standard_deviation={standard_deviation}, "
            f"num_deviations={num_deviations}"
        )
    return centers, np.broadcast_to(radii, (len(centers),))


def check_sizes(shape: Shape, centers_shape: Any, name: str) -> None:
    """Raises unless samples of some shape may lie near centers."""
    if len(shape) < 2 or 0 in shape or np.prod(shape[1:]) != centers_shape[1]:
        raise ValueError(
            f"`{name}` must be of shape `(num_samples, ...)`, as many numbers "
            f"a sample as a center has. Received: {name}.shape={tuple(shape)}, "
            f"centers.shape={tuple(centers_shape)}"
        )


def mode_statistics(
    counts: Any, num_samples: int, min_share: float
) -> dict[str, Any]:
    """Returns the numbers of `mode_coverage` from the samples of each mode.

    Args:
        counts: Array of shape `(num_modes,)`, high-quality samples.
        num_samples: Int, all samples.
        min_share: See `mode_coverage`.
    """
    counts = np.asarray(counts, "float64")
    modes, reverse_kl = coverage_of_counts(counts)
    enough = max(min_share * num_samples / len(counts), 1.0)
    return {
        "modes": modes,
        "modes_with_share": int((counts >= enough).sum()),
        "high_quality": float(counts.sum() / max(num_samples, 1)),
        "reverse_kl": reverse_kl,
    }


def mode_coverage(
    samples: Nest,
    centers: Tensor,
    standard_deviation: Tensor,
    num_deviations: float = 3.0,
    min_share: float = 0.1,
) -> dict[str, Any]:
    """How many modes of a mixture samples reach, how evenly, and how well.

    For mixtures of equally likely normals, such as the ring of 8 and the grid
    of 25. A sample is of *high quality* if it lies within a few standard
    deviations of its nearest center. Not even the mixture itself reaches one:
    on a plane `1 - exp(-4.5) = 0.989` of its samples lie within three.

    Args:
        samples: Array or tensor of shape `(num_samples, ...)`.
        centers: Array of shape `(num_modes, size)`.
        standard_deviation: Float, along each axis, or one for each mode.
        num_deviations: Float, how many of them are near. Defaults to 3.
        min_share: Float, part of its fair share of the samples that a mode
            must have to count in `modes_with_share`. Defaults to 0.1.

    Returns:
        Dict of numbers:

        - `modes`: modes with at least one high-quality sample, which is
          little to ask for.
        - `modes_with_share`: modes with at least `min_share` times
          `num_samples / num_modes` of them, and at least one.
        - `high_quality`: the share of high-quality samples.
        - `reverse_kl`: `KL(generated || uniform)` of the high-quality
          samples over the modes. Zero for an even spread, `log(num_modes)`
          for a single mode, and for none too.

    Raises:
        ValueError: If centers, deviations or samples do not fit together.

    Example:

    >>> centers = [[0.0], [10.0]]
    >>> mode_coverage([[0.1], [-0.2], [5.0]], centers, 0.1)["modes"]
    1

    References:
    - [Srivastava et al., 2017](https://arxiv.org/abs/1705.07761)
    - [Lin et al., 2017](https://arxiv.org/abs/1712.04086), the divergence
    """
    modes = radii_of_modes(centers, standard_deviation, num_deviations)
    samples = np.asarray(ops.convert_to_numpy(samples))
    check_sizes(samples.shape, modes[0].shape, "samples")
    vectors = samples.reshape(len(samples), -1)
    rows = max(1, BLOCK // modes[0].size)
    counts = sum(
        ops.convert_to_numpy(count_modes(vectors[i : i + rows], *modes))
        for i in range(0, len(vectors), rows)
    )
    return mode_statistics(counts, len(vectors), min_share)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class ModeCoverage(SampleMetric):
    """How many modes of a mixture the fakes reach, how evenly, and how well.

    For games whose data are a mixture of equally likely normals. The logs
    get `modes`, `modes_with_share`, `high_quality` and `reverse_kl`, which
    `mode_coverage` describes. The real samples do not matter.

    Args:
        centers, standard_deviation, num_deviations, min_share: See
            `mode_coverage`.
        name: Optional name, which then goes before each key.

    Raises:
        ValueError: If centers and deviations do not fit together.

    Example:

    >>> metric = ModeCoverage([[0.0], [10.0]], standard_deviation=0.1)
    >>> metric.update_state(real=None, fake=ops.array([[0.1], [5.0]]))
    >>> metric.result()["modes"], metric.result()["high_quality"]
    (1, 0.5)

    References:
    - [Srivastava et al., 2017](https://arxiv.org/abs/1705.07761)
    - [Lin et al., 2017](https://arxiv.org/abs/1712.04086)
    """

    def __init__(
        self,
        centers: Tensor,
        standard_deviation: Tensor,
        num_deviations: float = 3.0,
        min_share: float = 0.1,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.centers = np.asarray(centers, "float64").tolist()
        self.standard_deviation = np.asarray(standard_deviation).tolist()
        self.num_deviations = num_deviations
        self.min_share = min_share
        self._modes = radii_of_modes(
            centers, standard_deviation, num_deviations
        )

    def make_state(self, sample_shapes: Any) -> None:
        check_sizes(sample_shapes[0], self._modes[0].shape, "fake")
        self.counts = self.add_variable(
            (len(self.centers),), "zeros", dtype="int32", name="counts"
        )
        self.seen = self.add_variable((), "zeros", dtype="int32", name="seen")

    def collect(self, real: Nest, fake: Nest) -> None:
        del real
        vectors = ops.reshape(fake, (-1, self._modes[0].shape[1]))
        self.counts.assign_add(count_modes(vectors, *self._modes))
        self.seen.assign_add(ops.shape(vectors)[0])

    def result(self) -> Any:
        counts, seen = numpy_value(self.counts), int(numpy_value(self.seen))
        statistics = mode_statistics(counts, seen, self.min_share)
        return prefix_keys(self, statistics)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "centers": self.centers,
            "standard_deviation": self.standard_deviation,
            "num_deviations": self.num_deviations,
            "min_share": self.min_share,
        }
