"""Labels that are wrong at random, for any loss."""

from typing import Any

import keras
from keras import ops

from keras_ganloss import backend
from keras_ganloss.losses.loss_wrapper import HalvesWrapper
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


def mix_halves(own: Tensor, other: Tensor, share: Tensor) -> Tensor:
    """What a sample costs if its label is wrong to a share, one a sample."""
    missing = (1,) * (len(own.shape) - 1)
    share = ops.reshape(share, (-1, *missing))
    return (1.0 - share) * own + share * other


class RandomLabels(HalvesWrapper):
    """Abstract: the discriminator is told wrong labels, to a random share.

    A sample's label is `1 - share` of its own and `share` of the other one;
    its cost is mixed alike, which for cross-entropies is the same. Subclasses
    fill `shares`. Patches of a sample have one label. Losses do not know
    whether they train: `evaluate` draws too.

    Args:
        base: A `SeparableLoss`, which most losses here are, or its config.
            Defaults to `Logistic()`.
        rate: Float in [0, 1], how much is wrong.
        seed: Optional int, which makes the draws reproducible.
        name: See `keras.losses.Loss`.

    Raises:
        ValueError: If `rate` is not in [0, 1].
    """

    def __init__(
        self,
        base: Any = None,
        rate: float = 0.1,
        seed: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(base, name)
        self.rate: float = arguments.fraction(
            "rate", rate, "0.05 is a usual one."
        )
        self.seed = seed
        self.seed_generator: Any = backend.SeedGenerator(seed)

    @property
    def state(self) -> list[Any]:
        return [*super().state, self.seed_generator]

    def shares(self, uniform: Tensor) -> Tensor:
        """Returns shares of the other label.

        Args:
            uniform: Draws from [0, 1), shape `(batch_size,)`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `shares(uniform)`."
        )

    def d_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return self._perturbed(
            self.base.real_half, self.base.fake_half, real_output
        ) + self._perturbed(
            self.base.fake_half, self.base.real_half, fake_output
        )

    def _perturbed(self, own_half, other_half, output):
        uniform = keras.random.uniform(
            ops.shape(output)[:1], dtype=output.dtype, seed=self.seed_generator
        )
        return mix_halves(
            own_half(output), other_half(output), self.shares(uniform)
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
