"""The abstract penalty that clips weights."""

from collections.abc import Sequence
from typing import Any

from keras_ganloss.penalties.penalty import Penalty
from keras_ganloss.utils.typing import Tensor


class Clipping(Penalty):
    """Abstract: changes the weights after each update of the player.

    It adds nothing to the loss and to the logs. Every trainable weight is
    clipped, biases and normalization scales included. Subclasses fill
    `clipped`.

    Args:
        limit: Float above 0.

    Raises:
        ValueError: If `limit` is not positive.
    """

    def __init__(self, limit: float) -> None:
        if not limit > 0:
            raise ValueError(
                f"`limit` must be positive. Received: limit={limit}"
            )
        super().__init__(weight=0.0)
        self.name: str | None = None
        self.limit = limit

    def clipped(self, weight: Tensor) -> Tensor:
        """Returns a weight within the limit."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `clipped(weight)`."
        )

    def over(self, turn: Any, duels: Sequence[Any]) -> Tensor:
        del turn, duels
        return 0.0

    def after_update(self, variables: Any) -> None:
        for variable in variables:
            variable.assign(self.clipped(variable))

    def get_config(self) -> dict[str, Any]:
        return {"limit": self.limit}
