"""CycleGAN's pool of single samples."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.pools.fake_pool import FakePool
from keras_ganloss.utils.choices import chosen
from keras_ganloss.utils.choices import where_chosen
from keras_ganloss.utils.typing import Shape


@keras.saving.register_keras_serializable(package="keras_ganloss")
class SamplePool(FakePool):
    """Shows the discriminator older fakes beside new ones, sample by sample.

    Against a discriminator that forgets what it has seen. Until it is full
    the pool keeps every fake and gives it back. From then on, with some
    probability, it gives back one that it has and keeps the new one in its
    place.

    No two samples of a batch meet the same older one, so of a batch larger
    than the pool, what is beyond `size` passes by. Under `tf.distribute` the
    pool keeps the fakes of the first replica, and all replicas draw from it.

    Args:
        size: Int, how many samples are kept. Defaults to 50, as in CycleGAN.
        probability: Float, how likely an older sample is given back. Defaults
            to 0.5.

    Raises:
        ValueError: If an argument is not in its range, or (in `compile`) if
            samples have a condition or a shape that is not known.

    Example:

    ```python
    gan.compile(pool=SamplePool(50))
    ```

    Reference:
        [Shrivastava et al., 2016](https://arxiv.org/abs/1612.07828),
        [Zhu et al., 2017](https://arxiv.org/abs/1703.10593)
    """

    def entry_shape(self, shape: Shape) -> Shape:
        return shape

    def exchange(
        self, entries: Any, count: int, fakes: Any, seed_generator: Any
    ) -> tuple[Any, ...]:
        new = [fake[: self.size] for fake in fakes]
        index = ops.arange(self.size, dtype="int32")
        order = keras.random.uniform(
            (self.size,), dtype="float32", seed=seed_generator
        )
        full = ops.equal(count, self.size)
        # All different, so that what is written twice need not be ordered.
        places = ops.where(
            full,
            ops.cast(ops.argsort(order), "int32"),
            ops.mod(count + index, self.size),
        )[: ops.shape(new[0])[0]]
        swaps = ops.logical_and(
            full, chosen(self.probability, new, seed_generator)
        )
        index = index[: ops.shape(new[0])[0]]
        fills = count + index < self.size
        old = [ops.take(entry, places, axis=0) for entry in entries]
        given = where_chosen(swaps, old, new)
        kept = where_chosen(ops.logical_or(swaps, fills), new, old)
        entries = [
            ops.scatter_update(entry, places[:, None], one)
            for entry, one in zip(entries, kept)
        ]
        given = [
            ops.concatenate([one, fake[self.size :]])
            for one, fake in zip(given, fakes)
        ]
        return given, entries, count + ops.sum(ops.cast(fills, "int32"))
