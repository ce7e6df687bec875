"""Distances of all pairs of many samples, never in memory at once."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from keras import ops

from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor

# Numbers of a block: 32 MB of float64.
BLOCK = 2**22


def as_vectors(samples: Nest, name: str = "samples") -> np.ndarray:
    """Returns samples as float64 rows.

    Args:
        samples: Array or tensor of shape `(num_samples, ...)`, at least one.
        name: What to call it in an error.

    Returns:
        Numpy array of shape `(num_samples, size)`.

    Raises:
        ValueError: If there is no sample, or a value that is not finite.
    """
    samples = np.asarray(ops.convert_to_numpy(samples))
    if samples.ndim == 0 or samples.size == 0:
        raise ValueError(
            f"`{name}` must hold at least one sample, along its first axis. "
            f"Received: {name}.shape={samples.shape}"
        )
    vectors = samples.astype("float64").reshape(len(samples), -1)
    if not np.isfinite(vectors).all():
        wrong = int((~np.isfinite(vectors).all(axis=1)).sum())
        raise ValueError(
            f"`{name}` must be finite, or nothing is near. Received: "
            f"{wrong} of {len(vectors)} samples with a NaN or an infinity"
        )
    return vectors


def check_same_size(
    first: Tensor, second: Tensor, first_name: str, second_name: str
) -> None:
    """Raises unless rows of two arrays can be compared."""
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"Samples of `{first_name}` and `{second_name}` must be of one "
            f"size. Received: {first.shape[1]} and {second.shape[1]} numbers "
            "a sample"
        )


def squared_distance_blocks(
    queries: Tensor, references: Tensor
) -> Iterator[Any]:
    """Goes through the squared distances of all pairs, a block at a time.

    By `|x|^2 + |y|^2 - 2 x · y`, which is quick. Distances that rounding
    explains are zero, so that equal samples are at distance zero.

    Args:
        queries: Numpy array of shape `(num_queries, size)`, float64.
        references: Numpy array of shape `(num_references, size)`, float64.

    Yields:
        Pairs of a slice of the queries and an array of shape
        `(size_of_the_slice, num_references)`.
    """
    # Far from the origin the difference would lose its digits.
    center = references.mean(axis=0)
    queries, references = queries - center, references - center
    noise = 16.0 * np.finfo("float64").eps * references.shape[1] ** 0.5
    lengths = (references * references).sum(axis=1)
    rows = max(1, BLOCK // max(references.shape))
    for start in range(0, len(queries), rows):
        part = slice(start, start + rows)
        block = queries[part]
        total = (block * block).sum(axis=1)[:, None] + lengths
        squared = total - 2.0 * (block @ references.T)
        squared[squared < noise * total] = 0.0
        yield part, squared
