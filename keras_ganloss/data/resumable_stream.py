"""Any stream of batches, made anew for each epoch."""

import itertools
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any
from typing import Self

import keras
import numpy as np

from keras_ganloss.data.resumable import ResumableData


class ResumableStream(ResumableData):
    """A stream of batches, such as a `tf.data` pipeline, made for each epoch.

    `make(epoch)` returns the batches of one epoch. It must be a pure function
    of the epoch: two calls with the same number give the same batches in the
    same order, so every shuffle in it needs a seed made from the epoch.
    On resuming, the batches already seen are skipped, by `.skip()` where the
    stream has one. For arrays in memory, `ResumableArrays` is faster.

    `from_dataset` does all of this for a `tf.data.Dataset` of samples. In a
    `make` of your own, leave `deterministic=False` out of `tf.data` options,
    and random augmentation to stateless operations or to layers.

    Args:
        make: Function of the epoch, an integer counted from 0. Returns an
            iterable of batches: a `tf.data.Dataset`, a torch `DataLoader`, a
            generator. A batch is an array of shape `(batch_size, ...)` or a
            tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)`.
        num_batches: Integer, batches in an epoch; what a stream has beyond
            them is left out. Needed if the stream of epoch 0 does not know
            its length. Defaults to that length.
        name: Any string or number that tells this stream from others, such as
            its seed; `Backup` refuses to resume under another one. Defaults
            to `None`.

    Raises:
        ValueError: If `num_batches` is neither given nor known, or, while
            training, if an epoch ends before `num_batches` batches.

    Example:

    >>> def make(epoch):
    ...     order = np.random.default_rng([7, epoch]).permutation(6)
    ...     return [order[:3], order[3:]]
    >>> data = ResumableStream(make, name="seed 7")
    >>> len(data)
    2
    >>> import tensorflow as tf
    >>> dataset = tf.data.Dataset.from_tensor_slices(np.arange(10.0))
    >>> data = ResumableStream.from_dataset(dataset, batch_size=4)
    >>> len(data)
    3
    """

    def __init__(
        self,
        make: Callable[..., Any],
        num_batches: int | None = None,
        name: Any = None,
    ) -> None:
        if not callable(make):
            raise ValueError(
                "`make` must be a function of the epoch that returns its "
                "batches; see `ResumableStream.from_dataset` for a "
                f"`tf.data.Dataset`. Received: make={make!r}"
            )
        if num_batches is None:
            num_batches = _length(make(0))
        if num_batches is None:
            raise ValueError(
                "The stream does not know how many batches it has. Pass "
                f"`num_batches`. Received: make={make!r}, num_batches=None"
            )
        self.make = make
        self.name = name
        super().__init__(num_batches)

    @classmethod
    def from_dataset(
        cls,
        dataset: Any,
        batch_size: int = 32,
        shuffle_buffer: int = 0,
        seed: int = 0,
        num_batches: int | None = None,
    ) -> Self:
        """Makes a stream of a data set of single samples.

        Args:
            dataset: `tf.data.Dataset` of samples, not batched, not shuffled
                (or shuffled with `reshuffle_each_iteration=False`).
            batch_size: Integer. Defaults to 32. The last batch may be
                smaller.
            shuffle_buffer: Integer, the size of the buffer to shuffle in; at
                least the number of samples for a uniform shuffle. Defaults to
                0, no shuffle.
            seed: Integer, not negative; one order for each seed and epoch.
                Defaults to 0.
            num_batches: See `ResumableStream`.

        Returns:
            A `ResumableStream`.

        Raises:
            ValueError: If `batch_size` is not positive, or `shuffle_buffer`
                or `seed` is negative.
        """
        if batch_size < 1 or shuffle_buffer < 0 or seed < 0:
            raise ValueError(
                "`batch_size` must be positive, `shuffle_buffer` and `seed` "
                f"not negative. Received: batch_size={batch_size}, "
                f"shuffle_buffer={shuffle_buffer}, seed={seed}"
            )

        def make(epoch):
            samples = dataset
            if shuffle_buffer:
                generator = np.random.default_rng([seed, epoch])
                samples = samples.shuffle(
                    shuffle_buffer, seed=int(generator.integers(2**31))
                )
            return samples.batch(batch_size)

        name = {
            "batch_size": batch_size,
            "shuffle_buffer": shuffle_buffer,
            "seed": seed,
        }
        return cls(make, num_batches, name)

    def batches(self, epoch: int, start: Any) -> Iterator[Any]:
        stream = self.make(epoch)
        if hasattr(stream, "skip"):
            stream = stream.skip(start)
        else:
            stream = itertools.islice(stream, start, None)
        if hasattr(stream, "as_numpy_iterator"):
            stream = stream.as_numpy_iterator()
        count = start
        for batch in itertools.islice(stream, len(self) - start):
            yield _as_tuple(batch)
            count += 1
        if count < len(self):
            raise ValueError(
                f"Epoch {epoch} ended before its {len(self)} batches. Pass "
                "the right `num_batches`, or let `make` repeat the data. "
                f"Received: {count} batches"
            )

    def fingerprint(self) -> dict[str, Any]:
        return {"num_batches": len(self), "name": self.name}


def _length(stream):
    """Returns the number of batches, or `None` if the stream has no idea."""
    if hasattr(stream, "cardinality"):
        cardinality = int(stream.cardinality())
        # Negative numbers stand for infinite and for unknown.
        return cardinality if cardinality >= 0 else None
    return len(stream) if hasattr(stream, "__len__") else None


def _as_tuple(batch):
    if isinstance(batch, (tuple, list)):
        return keras.tree.map_structure(np.asarray, tuple(batch))
    return (keras.tree.map_structure(np.asarray, batch),)
