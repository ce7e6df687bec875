"""Arrays in memory, shuffled by seed and epoch."""

import zlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from keras_ganloss.data.resumable import ResumableData
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest


class ResumableArrays(ResumableData):
    """Arrays in an order that depends on the seed and the epoch alone.

    Epoch `e` visits the samples in the order
    `numpy.random.default_rng([seed, e]).permutation(num_samples)`, each one
    exactly once; the last batch is smaller if the batch size does not divide
    the number of samples. See `ResumableData` for what this is good for.

    Args:
        x: Array of shape `(num_samples, ...)`, or a tuple, list or dictionary
            of such arrays.
        y: Optional, targets or conditions, in the same form.
        sample_weight: Optional, array of shape `(num_samples,)`. Needs `y`,
            as Keras drops it otherwise.
        batch_size: Integer. Defaults to 32.
        shuffle: Boolean, whether to permute. Defaults to `True`.
        seed: Integer, not negative. Defaults to 0.

    Raises:
        ValueError: If the arrays differ in their number of samples or have
            none, if `sample_weight` comes without `y`, or if `batch_size` or
            `seed` is out of range.

    Example:

    >>> data = ResumableArrays(np.arange(5), batch_size=2, seed=3)
    >>> len(data)
    3
    >>> np.random.default_rng([3, 0]).permutation(5)
    array([4, 2, 1, 3, 0])
    >>> [x.tolist() for (x,) in data]
    [[4, 2], [1, 3], [0]]
    >>> data.seek(epoch=0, batch=1)  # What `Backup` does on resuming.
    """

    def __init__(
        self,
        x: Nest,
        y: Nest = None,
        sample_weight: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int = 0,
    ) -> None:
        if sample_weight is not None and y is None:
            raise ValueError(
                "Keras drops `sample_weight` where there is no `y`. Pass "
                f"both. Received: y=None, sample_weight={sample_weight!r}"
            )
        batch_size = arguments.positive_int("batch_size", batch_size)
        seed = arguments.non_negative_int("seed", seed)
        given = (x, y, sample_weight)
        parts = given[: 1 + max(i for i in range(3) if given[i] is not None)]
        self.arrays: Any = keras.tree.map_structure(np.asarray, parts)
        shapes = [array.shape for array in keras.tree.flatten(self.arrays)]
        counts = {shape[0] if shape else 0 for shape in shapes}
        if len(counts) != 1 or 0 in counts:
            raise ValueError(
                "All arrays must have the same number of samples, at least "
                f"one. Received: shapes={shapes}"
            )
        self.num_samples: int = counts.pop()
        self.batch_size = batch_size
        self.shuffle: bool = bool(shuffle)
        self.seed = seed
        super().__init__(-(-self.num_samples // self.batch_size))

    def order(self, epoch: int) -> np.ndarray:
        """Returns the order of an epoch: indices of shape `(num_samples,)`.

        Args:
            epoch: Integer, the epoch, counted from 0.
        """
        if not self.shuffle:
            return np.arange(self.num_samples)
        generator = np.random.default_rng([self.seed, epoch])
        return generator.permutation(self.num_samples)

    def batches(self, epoch: int, start: Any) -> Iterator[Any]:
        order = self.order(epoch)
        for low in range(
            start * self.batch_size, self.num_samples, self.batch_size
        ):
            chosen = order[low : low + self.batch_size]
            yield keras.tree.map_structure(
                lambda array, chosen=chosen: array[chosen], self.arrays
            )

    def fingerprint(self) -> dict[str, Any]:
        # Sixteen samples tell other data apart without reading all of it.
        few = np.linspace(0, self.num_samples - 1, 16).astype("int64")
        arrays = keras.tree.flatten(self.arrays)
        return {
            "shapes": [list(array.shape) for array in arrays],
            "dtypes": [str(array.dtype) for array in arrays],
            "samples": [
                zlib.crc32(np.ascontiguousarray(array[few]).tobytes())
                for array in arrays
            ],
            "batch_size": self.batch_size,
            "shuffle": self.shuffle,
            "seed": self.seed,
        }
