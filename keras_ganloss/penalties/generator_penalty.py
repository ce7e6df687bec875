"""The abstract penalty of the generator."""

from keras_ganloss.penalties.penalty import WeightedTerm


class GeneratorPenalty(WeightedTerm):
    """What the generator minimizes besides its loss.

    Subclasses fill `__call__`. Passed to `compile` as `g_penalties`.

    Args:
        weight, name: See `Penalty`.
    """

    def __call__(self, maker):
        """Returns the weighted penalty, a scalar.

        Args:
            maker: A `Maker`, the generator bound to this step.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `__call__(maker)`."
        )

    def check(self, discriminator):
        """Refuses a discriminator that it does not suit."""
