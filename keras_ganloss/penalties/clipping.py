"""The abstract penalty that clips weights."""

from keras_ganloss.penalties.penalty import Penalty


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

    def __init__(self, limit):
        if not limit > 0:
            raise ValueError(
                f"`limit` must be positive. Received: limit={limit}"
            )
        super().__init__(weight=0.0)
        self.name = None
        self.limit = limit

    def clipped(self, weight):
        """Returns a weight within the limit."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `clipped(weight)`."
        )

    def over(self, turn, duels):
        del turn, duels
        return 0.0

    def after_update(self, variables):
        for variable in variables:
            variable.assign(self.clipped(variable))

    def get_config(self):
        return {"limit": self.limit}
