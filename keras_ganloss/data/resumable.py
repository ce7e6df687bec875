"""The base of data sets that can start in the middle of an epoch."""

from collections.abc import Iterator
from typing import Any

import keras


class ResumableData(keras.utils.PyDataset):
    """Abstract data set that can start at any batch of any epoch.

    Its batches are a function of `(epoch, batch)` alone, so a run that was
    killed can go on exactly where it was. `Backup` does that; without it the
    object is an ordinary data set: `fit`, `evaluate` and `predict` take it,
    and each pass has an order of its own. Every pass counts as an epoch, also
    one that was broken off, so a second `fit` goes on with the next order.

    The order does not depend on `fit(shuffle=...)`: within an epoch, batches
    come in their own sequence, whatever index Keras asks for. For the same
    reason there is one worker, and `fit(steps_per_epoch=...)` must be left
    out: an epoch is all of `len(data)` batches.

    Subclasses fill `batches()` and `fingerprint()`.

    Args:
        num_batches: Integer, the number of batches of a full epoch.

    Raises:
        ValueError: If `num_batches` is not positive.
    """

    def __init__(self, num_batches: int) -> None:
        super().__init__(workers=1)
        if num_batches < 1:
            raise ValueError(
                "An epoch must have at least one batch. "
                f"Received: num_batches={num_batches}"
            )
        self.batches_per_epoch: int = int(num_batches)
        self.epochs_begun: int = 0
        self.seek(0)

    def batches(self, epoch: int, start: Any) -> Iterator[Any]:
        """Yields the batches of an epoch, from one of them on.

        Args:
            epoch: Integer, the epoch, counted from 0.
            start: Integer, the first batch to yield, counted from 0.

        Returns:
            An iterator over `batches_per_epoch - start` batches, each an
            array or a tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)`. It
            must depend on nothing but the arguments and the settings.
        """
        raise NotImplementedError

    def fingerprint(self) -> dict[str, Any]:
        """Returns what the order depends on, as a dictionary for JSON.

        `Backup` stores it, and refuses to resume with other data.
        """
        raise NotImplementedError

    @property
    def epoch(self) -> int:
        """The epoch being served or, between epochs, the next one."""
        return self._epoch

    def seek(self, epoch: int, batch: int = 0) -> None:
        """Lets the next epoch be `epoch`, without its first `batch` batches.

        Epochs after it are full ones again.

        Args:
            epoch: Integer, the epoch, counted from 0.
            batch: Integer, the first batch to serve. Defaults to 0.

        Raises:
            ValueError: If there is no such epoch or batch.
        """
        if epoch < 0 or not 0 <= batch < self.batches_per_epoch:
            raise ValueError(
                "`epoch` must not be negative, and `batch` must be in "
                f"[0, {self.batches_per_epoch}). "
                f"Received: epoch={epoch}, batch={batch}"
            )
        self._epoch = int(epoch)
        self._start = int(batch)
        self._served = None
        self._announced = self.batches_per_epoch
        self._preview = None

    def __len__(self) -> int:
        return self.batches_per_epoch

    @property
    def num_batches(self) -> int:
        """Batches of an epoch, or what is left of one about to begin.

        Keras asks at two moments: before training, where the answer is a full
        epoch, and before the first batch of each epoch, to know when to stop.
        """
        return self._announced

    def __getitem__(self, index: int) -> Any:
        if not -len(self) <= index < len(self):
            raise IndexError(
                f"There are {len(self)} batches. Received: index={index}"
            )
        if self._served is not None:
            self._announced = self.batches_per_epoch
            try:
                return next(self._served)
            except StopIteration:
                # Left over from a `fit` that an error broke off.
                self.seek(self._epoch + 1)
        return self._preview_of(index % len(self))

    def on_epoch_begin(self) -> None:
        self._served = self.batches(self._epoch, self._start)
        self._announced = self.batches_per_epoch - self._start
        self._preview = None
        self.epochs_begun += 1

    def on_epoch_end(self) -> None:
        # Keras also calls this before the first epoch of each `fit`.
        if self._served is not None:
            self.seek(self._epoch + 1)

    def _preview_of(self, index):
        """Returns a batch of the coming epoch, outside of training.

        Keras looks at the first two before it begins. Reading on in sequence
        costs one pass, as a shuffle buffer is expensive to fill again.
        """
        position, iterator = self._preview or (None, None)
        if index != position:
            iterator = self.batches(self._epoch, index)
        batch = next(iterator)
        self._preview = (index + 1, iterator)
        return batch
