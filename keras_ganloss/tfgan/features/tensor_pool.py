"""TF-GAN's pool of older batches."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


def tensor_pool(
    input_values: Nest,
    pool_size: int = 50,
    pooling_probability: float = 0.5,
    name: str = "tensor_pool",
) -> Tensor:
    """Puts a `TensorPool` into a functional model.

    Args:
        input_values: Nest of `KerasTensor`s whose shapes are known, the batch
            included.
        pool_size, pooling_probability, name: See `TensorPool`.

    Returns:
        Nest of the structure of `input_values`.

    Raises:
        ValueError: If `input_values` are no `KerasTensor`s: a pool that is
            made at each call would never have anything to give.
    """
    if pool_size == 0:
        return input_values
    leaves = keras.tree.flatten(input_values)
    if not all(isinstance(leaf, keras.KerasTensor) for leaf in leaves):
        raise ValueError(
            "`tensor_pool` is for building functional models. Elsewhere make "
            "the pool once, `pool = TensorPool(pool_size)`, keep it, and call "
            "it. Received: input_values of types "
            f"{sorted({type(leaf).__name__ for leaf in leaves})}"
        )
    pool = TensorPool(pool_size, pooling_probability, name=name)
    return pool(input_values)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class TensorPool(keras.layers.Layer):
    """Gives back an older batch now and then, and keeps the new one.

    Until it is full it keeps every batch and gives it back. Then it takes out
    one of those it has at random, keeps the new batch, and gives back either.
    As in TF-GAN it keeps whole batches and forgets what it took out, so that
    nothing is given back more than twice; CycleGAN's pool of single images is
    another one.

    Args:
        pool_size: Int, how many batches are kept. With 0 it gives back what
            it gets. Defaults to 50.
        pooling_probability: Float, how likely the older batch is given back.
            Defaults to 0.5.
        seed: Optional int.
        **kwargs: See `keras.layers.Layer`. Batches are kept in its dtype.

    Raises:
        ValueError: If `pool_size` is negative, or batches differ in shape.

    Example:

    ```python
    pool = TensorPool(pool_size=50)
    for fakes, labels in batches:
        older_fakes, older_labels = pool((fakes, labels))
    ```

    Reference: [Shrivastava et al., 2016](https://arxiv.org/abs/1612.07828)
    """

    def __init__(
        self,
        pool_size: int = 50,
        pooling_probability: float = 0.5,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        if pool_size < 0:
            raise ValueError(
                "`pool_size` must not be negative. "
                f"Received: pool_size={pool_size}"
            )
        self.pool_size = int(pool_size)
        self.pooling_probability = pooling_probability
        self.seed = seed
        self.draws = keras.random.SeedGenerator(seed)

    def build(self, input_shapes: Any) -> None:
        shapes = []
        keras.tree.map_shape_structure(shapes.append, input_shapes)
        if any(None in shape for shape in shapes):
            raise ValueError(
                "Batches must have a known shape, the batch included: batch "
                "with `drop_remainder=True`. Received: input shapes "
                f"{input_shapes}"
            )
        self.num_kept = self.add_weight(
            shape=(), initializer="zeros", dtype="int32", trainable=False,
            name="num_kept",
        )  # fmt: skip
        self.kept = [
            self.add_weight(
                shape=(self.pool_size, *shape),
                initializer="zeros",
                trainable=False,
                name=f"kept_{index}",
            )
            for index, shape in enumerate(shapes)
        ]

    def call(self, input_values: Nest) -> Tensor:
        if self.pool_size == 0:
            return input_values
        values = keras.tree.flatten(input_values)
        self._check(values)
        num_kept = self.num_kept.value
        is_full = num_kept >= self.pool_size
        place = ops.where(
            is_full,
            keras.random.randint((), 0, self.pool_size, "int32", self.draws),
            num_kept,
        )
        draw = keras.random.uniform((), seed=self.draws)
        give_older = ops.logical_and(is_full, draw < self.pooling_probability)
        given = [
            self._exchange(kept, value, place, give_older)
            for kept, value in zip(self.kept, values)
        ]
        self.num_kept.assign(ops.minimum(num_kept + 1, self.pool_size))
        return keras.tree.pack_sequence_as(input_values, given)

    def _exchange(self, kept, value, place, give_older):
        """Returns the older or the new value; keeps the new one."""
        older = ops.cast(ops.take(kept.value, place, axis=0), value.dtype)
        new = ops.cast(ops.stop_gradient(value), kept.dtype)
        here = ops.equal(ops.arange(self.pool_size, dtype="int32"), place)
        here = ops.reshape(here, (-1, *(1 for _ in value.shape)))
        kept.assign(ops.where(here, new[None], kept.value))
        return ops.where(give_older, older, value)

    def _check(self, values):
        shapes = [tuple(value.shape) for value in values]
        expected = [tuple(kept.shape[1:]) for kept in self.kept]
        if shapes != expected:
            raise ValueError(
                "All batches in a pool must have the same shapes: batch with "
                "`drop_remainder=True`. Received: batches of shapes "
                f"{shapes} for a pool of {expected}"
            )

    def compute_output_spec(self, input_values: Nest) -> Any:
        return keras.tree.map_structure(
            lambda value: keras.KerasTensor(value.shape, value.dtype),
            input_values,
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "pooling_probability": self.pooling_probability,
            "seed": self.seed,
        }
