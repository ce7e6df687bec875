"""zCR: consistency under small changes of the latent."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss.penalties.finite_difference_penalty import add_noise
from keras_ganloss.penalties.finite_difference_penalty import squared_difference
from keras_ganloss.penalties.penalty import Penalty
from keras_ganloss.penalties.penalty import mean_of_outputs
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


def neighbors(turn: Any, made: Any, stddev: float) -> Nest:
    """Returns fakes of latents with noise added."""
    latent = add_noise(made.source, stddev, turn.seed_generator)
    return turn.generate(made.network, latent, made.condition)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class LatentConsistency(Penalty):
    """`weight * mean((D(G(z)) - D(G(z + noise)))^2)` (zCR, discriminator).

    The discriminator shall not react to small changes of the latent. Goes
    together with `LatentDiversity`, and with `BalancedConsistency` (ICR-GAN).
    The generator runs once more in the discriminator's turn.

    Args:
        weight: Float or schedule. Defaults to 5.
        stddev: Float, of the normal noise on the latent. Defaults to 0.03.
        name: The name in the logs. Defaults to `"latent_consistency"`.

    Raises:
        ValueError: If `weight` is negative or `stddev` is not positive; in
            training, with a `pool`, or a model of several generators.

    Example:

    ```python
    gan.compile(
        penalties=[LatentConsistency()], g_penalties=[LatentDiversity()]
    )
    ```

    Reference: [Zhao et al., 2020](https://arxiv.org/abs/2002.04724)
    """

    def __init__(
        self,
        weight: Schedule = 5.0,
        stddev: float = 0.03,
        name: str | None = None,
    ) -> None:
        super().__init__(weight, name)
        arguments.positive("stddev", stddev)
        self.stddev = stddev

    def __call__(self, turn: Any, duel: Any) -> Tensor:
        if turn.game.pool is not None or len(turn.made) != 1:
            raise ValueError(
                f"`{type(self).__name__}` must know the latents that the "
                "fakes were made from. Use it with one generator, and leave "
                f"`pool` out. Received: {len(turn.made)} generators, "
                f"pool={turn.game.pool!r}"
            )
        near = keras.tree.map_structure(
            ops.stop_gradient, neighbors(turn, turn.made[0], self.stddev)
        )
        difference = mean_of_outputs(
            squared_difference,
            duel.judge.outputs(duel.fake),
            duel.judge.outputs(near),
        )
        return self.weighted(difference, turn.step)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "stddev": self.stddev}


@keras.saving.register_keras_serializable(package="keras_ganloss")
class LatentDiversity(Penalty):
    """`-weight * mean((G(z) - G(z + noise))^2)` (zCR, generator).

    The generator shall make different samples of different latents, and the
    mean is over all numbers of a sample. Goes together with
    `LatentConsistency`.

    Args:
        weight: Float or schedule. Defaults to 0.5.
        stddev: Float, of the normal noise on the latent. Defaults to 0.03.
        name: The name in the logs. Defaults to `"latent_diversity"`.

    Raises:
        ValueError: If `weight` is negative or `stddev` is not positive.

    Example:

    ```python
    gan.compile(
        penalties=[LatentConsistency()], g_penalties=[LatentDiversity()]
    )
    ```

    Reference: [Zhao et al., 2020](https://arxiv.org/abs/2002.04724)
    """

    def __init__(
        self,
        weight: Schedule = 0.5,
        stddev: float = 0.03,
        name: str | None = None,
    ) -> None:
        super().__init__(weight, name)
        arguments.positive("stddev", stddev)
        self.stddev = stddev

    def over(self, turn: Any, duels: Sequence[Any]) -> Tensor:
        del duels
        difference = sum(
            mean_of_outputs(
                squared_difference,
                made.fake,
                neighbors(turn, made, self.stddev),
            )
            for made in turn.made
        )
        return -self.weighted(difference, turn.step)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "stddev": self.stddev}
