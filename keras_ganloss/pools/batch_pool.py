"""TF-GAN's pool of whole batches."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.pools.fake_pool import FakePool
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Shape


@keras.saving.register_keras_serializable(package="keras_ganloss")
class BatchPool(FakePool):
    """Shows the discriminator an older batch of fakes now and then.

    Until it is full the pool keeps every batch and gives it back. From then
    on it takes out one of those it has, keeps the new one in its place, and
    gives back either: what it took out is gone. That keeps the batch together
    for a discriminator with batch statistics, where `SamplePool` mixes old
    and new.

    A batch of another size, such as the last of an epoch, passes by. Under
    `tf.distribute` the pool keeps batches of the first replica.

    Args:
        batch_size: Int, the size of the batches that are kept, per replica.
        size: Int, how many batches are kept. Defaults to 50.
        probability: Float, how likely the older batch is given back. Defaults
            to 0.5.

    Raises:
        ValueError: If an argument is not in its range, or (in `compile`) if
            samples have a condition or a shape that is not known.

    Example:

    ```python
    gan.compile(pool=BatchPool(batch_size=64))
    gan.fit(images, batch_size=64)
    ```

    Reference: [Shrivastava et al., 2016](https://arxiv.org/abs/1612.07828)
    """

    def __init__(
        self, batch_size: int, size: int = 50, probability: float = 0.5
    ) -> None:
        super().__init__(size, probability)
        self.batch_size = arguments.positive_int("batch_size", batch_size)

    def entry_shape(self, shape: Shape) -> Shape:
        return (self.batch_size, *shape)

    def exchange(
        self, entries: Any, count: int, fakes: Any, seed_generator: Any
    ) -> tuple[Any, ...]:
        num = ops.shape(fakes[0])[0]
        fits = ops.equal(num, self.batch_size)
        full = ops.equal(count, self.size)
        drawn = keras.random.randint((), 0, self.size, seed=seed_generator)
        place = ops.where(full, ops.cast(drawn, "int32"), count)
        # Where nothing is kept, an entry is replaced by itself.
        place = ops.minimum(place, self.size - 1)
        share = keras.random.uniform((), dtype="float32", seed=seed_generator)
        swaps = ops.logical_and(
            ops.logical_and(fits, full), share < self.probability
        )
        rows = ops.mod(ops.arange(num, dtype="int32"), self.batch_size)
        given, kept = [], []
        for entry, fake in zip(entries, fakes):
            old = ops.take(entry, place, axis=0)
            given.append(ops.where(swaps, ops.take(old, rows, axis=0), fake))
            whole = ops.concatenate([fake, ops.zeros_like(old)])
            new = ops.where(fits, whole[: self.batch_size], old)
            kept.append(
                ops.scatter_update(entry, ops.reshape(place, (1, 1)), new[None])
            )
        fills = ops.logical_and(fits, ops.logical_not(full))
        return given, kept, count + ops.cast(fills, "int32")

    def get_config(self) -> dict[str, Any]:
        return {"batch_size": self.batch_size, **super().get_config()}
