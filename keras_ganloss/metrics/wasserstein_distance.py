"""The exact Wasserstein distance between two sets of samples."""

import numpy as np

from keras_ganloss.metrics.pairwise import as_vectors
from keras_ganloss.metrics.pairwise import check_same_size
from keras_ganloss.utils.typing import Nest


def wasserstein_distance(samples: Nest, other_samples: Nest) -> float:
    """The exact 1-Wasserstein distance between two sets of samples.

    The mean distance of pairs when every sample is moved to one of the
    others at the least cost. On more than a line this takes SciPy, and time
    with the cube of their number. Samples of many numbers are all far from
    each other, which makes it large for equal distributions as well: compare
    it with that between two sets of real samples.

    Args:
        samples, other_samples: Arrays or tensors of shape
            `(num_samples, ...)`, as many of each.

    Returns:
        Float.

    Raises:
        ValueError: If there are not as many samples of each kind, none, or
            if they are of different sizes or not finite.
        ImportError: If SciPy is needed and missing.

    Example:

    >>> wasserstein_distance([[0.0], [1.0]], [[4.0], [2.0]])
    2.5

    Reference: [Peyré and Cuturi, 2018](https://arxiv.org/abs/1803.00567)
    """
    samples = as_vectors(samples, "samples")
    others = as_vectors(other_samples, "other_samples")
    check_same_size(samples, others, "samples", "other_samples")
    if len(samples) != len(others):
        raise ValueError(
            "`samples` and `other_samples` must be as many, to be paired. "
            f"Received: {len(samples)} and {len(others)} samples"
        )
    if samples.shape[1] == 1:  # On a line those of the same rank meet.
        costs = np.abs(np.sort(samples, axis=0) - np.sort(others, axis=0))
        return float(costs.mean())
    costs = np.stack(
        [np.linalg.norm(others - sample, axis=1) for sample in samples]
    )
    rows, columns = _linear_sum_assignment()(costs)
    return float(costs[rows, columns].mean())


def _linear_sum_assignment():
    try:
        from scipy.optimize import linear_sum_assignment
    except ImportError as error:
        raise ImportError(
            "`wasserstein_distance` of samples of more than one number needs "
            "SciPy: `pip install scipy`, or take `sliced_wasserstein`"
        ) from error
    return linear_sum_assignment
