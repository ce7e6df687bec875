"""The abstract pool of fake samples."""

from typing import Any
from typing import Self

from keras_ganloss.utils.stateful import Stateful


class Pool(Stateful):
    """What the discriminator learns from in place of the newest samples.

    Subclasses fill `__call__`, and `build` if they keep samples. The
    generator is always judged on its newest samples.
    """

    def build(self, sample_shapes: Any, conditional: bool) -> None:
        """Creates the state, once; called by `compile`.

        Args:
            sample_shapes: List of shapes of the parts of samples, batch
                included, or `None` where a generator does not tell.
            conditional: Bool, whether samples belong to a condition.

        Raises:
            ValueError: If the pool cannot keep such samples.
        """

    def __call__(self, samples: Any, seed_generator: Any) -> Any:
        """Returns the `Samples` that the discriminator learns from.

        Args:
            samples: The newest `Samples`.
            seed_generator: A `keras.random.SeedGenerator`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `__call__(samples, "
            "seed_generator)`."
        )

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(**config)
