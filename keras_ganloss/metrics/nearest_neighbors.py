"""The nearest of many samples."""

from typing import Any

import numpy as np

from keras_ganloss.metrics.pairwise import as_vectors
from keras_ganloss.metrics.pairwise import check_same_size
from keras_ganloss.metrics.pairwise import squared_distance_blocks
from keras_ganloss.utils.typing import Tensor


def nearest_neighbors(
    queries: Tensor, references: Tensor, k: int = 1
) -> tuple[Any, Any]:
    """Finds the nearest references of each query, by Euclidean distance.

    For pictures of samples beside what they may be copied from. Distances
    of all pairs never lie in memory at once.

    Args:
        queries: Array or tensor of shape `(num_queries, ...)`: samples, or
            features of them, which see likeness where pixels do not.
        references: Array or tensor of shape `(num_references, ...)`.
        k: Int, how many neighbors of each. Defaults to 1.

    Returns:
        Pair of numpy arrays of shape `(num_queries, k)`, nearest first:
        float64 distances, and the int64 indices of the references.

    Raises:
        ValueError: If there are fewer than `k` references, no queries,
            samples of different sizes, or values that are not finite.

    Example:

    >>> distances, indices = nearest_neighbors([[1.0]], [[5.0], [4.0]], k=2)
    >>> distances.tolist(), indices.tolist()
    ([[3.0, 4.0]], [[1, 0]])
    """
    queries = as_vectors(queries, "queries")
    references = as_vectors(references, "references")
    check_same_size(queries, references, "queries", "references")
    if not 1 <= k <= len(references):
        raise ValueError(
            "`k` must be at least 1 and at most the number of references. "
            f"Received: k={k}, {len(references)} references"
        )
    indices = np.empty((len(queries), k), "int64")
    distances = np.empty((len(queries), k))
    for part, squared in squared_distance_blocks(queries, references):
        found = np.argpartition(squared, k - 1, axis=1)[:, :k]
        # Those few once more, to the last digit.
        differences = references[found] - queries[part][:, None]
        exact = np.sqrt((differences * differences).sum(axis=2))
        order = np.lexsort((found, exact))
        indices[part] = np.take_along_axis(found, order, axis=1)
        distances[part] = np.take_along_axis(exact, order, axis=1)
    return distances, indices
