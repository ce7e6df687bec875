"""How two sets of samples differ, in numpy and float64."""

import numpy as np

from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


def distances(first: Tensor, second: Tensor) -> np.ndarray:
    """Returns the Euclidean distance of each row to each other row.

    Args:
        first: Array of shape `(num, size)`.
        second: Array of shape `(other_num, size)`.

    Returns:
        Array of shape `(num, other_num)`, float64.

    Example:

    >>> distances(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 1.0]]))
    array([[5., 1.]])
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    center = first.mean(axis=0)  # Else rounding hides small distances.
    first, second = first - center, second - center
    squares = (
        np.square(first).sum(axis=1)[:, None]
        + np.square(second).sum(axis=1)
        - 2.0 * first @ second.T
    )
    return np.sqrt(np.maximum(squares, 0.0))


def mean_within(matrix: Tensor) -> float:
    """Mean of the distances of a set to itself, each sample's own left out."""
    num = len(matrix)
    return (matrix.sum() - np.trace(matrix)) / (num * (num - 1))


def nearest_within(matrix: Tensor) -> float:
    """Mean distance of each sample of a set to the nearest other one."""
    others = matrix + np.diag(np.full(len(matrix), np.inf))
    return others.min(axis=1).mean()


def relative_energy(first: Tensor, second: Tensor, across: Tensor) -> float:
    """Energy distance of two sets as a share of their distance, up to 1.

    About 0 where both have one distribution; 1 where each is a single point
    and the points differ.

    Args:
        first, second: Distances within each set, `(num, num)`.
        across: Distances from one to the other.

    Reference: [Székely and Rizzo, 2013](https://doi.org/10.1016/j.jspi.2013.03.018)
    """
    twice = 2.0 * across.mean()
    if twice == 0.0:
        return 0.0
    return (twice - mean_within(first) - mean_within(second)) / twice


def largest_energy(within: Tensor, real: Nest, fake: Nest) -> float:
    """Returns the `relative_energy` of real and fake samples.

    Args:
        within: List of the distances within each part of the real samples.
        real, fake: Lists of the parts, arrays of shape `(num, size)`.

    Returns:
        Float, the largest of all parts.
    """
    return max(
        relative_energy(matrix, distances(new, new), distances(old, new))
        for matrix, old, new in zip(within, real, fake, strict=True)
    )


def share_above(first: Tensor, second: Tensor) -> float:
    """Share of pairs whose first number is larger; ties count half.

    This is the area under the ROC curve of a discriminator, and
    `d_accuracy` over all pairs in place of those of a batch.

    Example:

    >>> share_above(np.array([1.0, 3.0]), np.array([0.0, 3.0]))
    0.625
    """
    second = np.sort(np.ravel(second))
    first = np.ravel(first)
    below = np.searchsorted(second, first, side="left")
    not_above = np.searchsorted(second, first, side="right")
    return float((below + not_above).mean() / (2.0 * len(second)))


def cluster(
    samples: Nest, num: int, apart: Tensor, iterations: int = 10
) -> np.ndarray:
    """Returns centers of regions that the samples fall into.

    Lloyd's k-means from the start of k-means++; of centers that are nearer
    than `apart` the one with most samples is kept. The same samples give the
    same centers.

    Args:
        samples: Array of shape `(num_samples, size)`.
        num: Int, how many centers at most.
        apart: Float, the least distance of two centers.
        iterations: Int, the number of passes.

    Returns:
        Array of shape `(num_centers, size)`.

    Reference: [Arthur and Vassilvitskii, 2007](https://dl.acm.org/doi/10.5555/1283383.1283494)
    """
    samples = np.asarray(samples, float)
    centers = _spread_out(samples, num)
    for _ in range(iterations):
        owner = distances(samples, centers).argmin(axis=1)
        kept = np.unique(owner)
        centers = np.stack([samples[owner == k].mean(axis=0) for k in kept])
    owner = distances(samples, centers).argmin(axis=1)
    counts = np.bincount(owner, minlength=len(centers))
    chosen = []
    for index in np.argsort(-counts, kind="stable"):
        gaps = distances(centers[index : index + 1], centers[chosen])
        if not chosen or gaps.min() >= apart:
            chosen.append(index)
    return centers[chosen]


def _spread_out(samples, num):
    """Draws samples, each with odds by its distance to those drawn."""
    random = np.random.default_rng(0)
    chosen = [int(random.integers(len(samples)))]
    while len(chosen) < num:
        odds = distances(samples, samples[chosen]).min(axis=1) ** 2
        if odds.sum() == 0.0:
            break  # There are no more distinct samples.
        chosen.append(int(random.choice(len(samples), p=odds / odds.sum())))
    return samples[chosen]
