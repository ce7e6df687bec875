"""The abstract weight of the learned loss that follows the gradients."""

from typing import Any
from typing import Self

import keras

from keras_ganloss.utils.stateful import Stateful
from keras_ganloss.utils.typing import Tensor


class Balance(Stateful):
    """Weighs the learned loss against everything else the generator learns.

    The generator's loss then comes in two parts that are differentiated
    each by itself. Subclasses fill `combine` and `__call__`.

    Args:
        name: The name of the weight in the logs.
    """

    def __init__(self, name: str = "adversarial_weight") -> None:
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        """Returns the last weight, which `evaluate` uses."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `__call__(step)`."
        )

    def combine(
        self,
        losses: Any,
        gradients: Any,
        variables: Any,
        scale: float,
        step: Any,
    ) -> tuple[Any, ...]:
        """Adds the gradients of both parts.

        Args:
            losses: The other terms, and the learned loss, two scalars.
            gradients: Their gradients, two lists with `None` where a
                variable plays no part.
            variables: List of `keras.Variable`s.
            scale: What the gradients are multiplied by (loss scaling).
            step: How many updates the generator has made, a scalar.

        Returns:
            The list of gradients, and logs: the generator's `"g_loss"` and
            the weight under its name.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `combine(losses, "
            "gradients, variables, scale, step)`."
        )

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(**keras.saving.deserialize_keras_object(dict(config)))
