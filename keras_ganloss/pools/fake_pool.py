"""The abstract pool that keeps older fakes."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.pools.pool import Pool
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Shape


class FakePool(Pool):
    """Abstract: keeps older fakes and gives one back now and then.

    Subclasses fill `entry_shape` and `exchange`.

    Args:
        size: Int, how many entries are kept.
        probability: Float, how likely an older one is given back.
    """

    def __init__(self, size: int = 50, probability: float = 0.5) -> None:
        self.size: int = arguments.positive_int("size", size)
        self.probability: float = arguments.fraction("probability", probability)
        self._shapes = None
        self._entries = []
        self._count = _variable((), "int32")

    def entry_shape(self, shape: Shape) -> Shape:
        """Returns the shape of an entry.

        Args:
            shape: Shape of a sample, without the batch.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `entry_shape(shape)`."
        )

    def exchange(
        self, entries: Any, count: int, fakes: Any, seed_generator: Any
    ) -> tuple[Any, ...]:
        """Returns what to give back, the new entries and their number.

        Args:
            entries: List of tensors of shape `(size, *entry_shape)`.
            count: Int32 scalar, how many entries there are.
            fakes: List of tensors of shape `(batch_size, ...)`.
            seed_generator: A `keras.random.SeedGenerator`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `exchange(entries, count, "
            "fakes, seed_generator)`."
        )

    @property
    def state(self) -> list[Any]:
        return [self._count, *self._entries]

    def build(self, sample_shapes: Any, conditional: bool) -> None:
        if conditional:
            raise ValueError(
                f"`{type(self).__name__}` needs samples without a condition: "
                "the discriminator would judge an older fake by the condition "
                "of a newer one. Leave `pool` out, or make the discriminator "
                "unconditional. Received: conditional=True"
            )
        shapes = [tuple(shape[1:]) for shape in sample_shapes or [(None, None)]]
        if any(None in shape for shape in shapes):
            raise ValueError(
                f"`{type(self).__name__}` must know the shape of samples. Use "
                "a functional or sequential generator whose output has one. "
                f"Received: sample shapes {sample_shapes}"
            )
        if self._shapes == shapes:
            return
        self._shapes = shapes
        self._entries = [
            _variable(
                (self.size, *self.entry_shape(shape)),
                "float64" if keras.config.floatx() == "float64" else "float32",
            )
            for shape in shapes
        ]
        self._count.assign(0)

    def __call__(self, samples: Any, seed_generator: Any) -> Any:
        fakes = keras.tree.flatten(samples.fake)
        given, entries, count = self.exchange(
            [entry.value for entry in self._entries],
            self._count.value,
            fakes,
            seed_generator,
        )
        for variable, value in zip(self._entries, entries):
            variable.assign(ops.stop_gradient(value))
        self._count.assign(count)
        return samples._replace(
            fake=keras.tree.pack_sequence_as(samples.fake, given)
        )

    def get_config(self) -> dict[str, Any]:
        return {"size": self.size, "probability": self.probability}


def _variable(shape, dtype):
    return keras.Variable(
        ops.zeros(shape, dtype),
        trainable=False,
        dtype=dtype,
        aggregation="only_first_replica",
    )
