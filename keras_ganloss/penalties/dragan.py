"""The gradient penalty of DRAGAN, around the data."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.penalties.gradient_norm_penalty import GradientNormPenalty
from keras_ganloss.penalties.gradient_penalty import mix
from keras_ganloss.utils.replicas import global_mean
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


def standard_deviation(samples: Nest) -> Tensor:
    """Standard deviation of all numbers of the (global) batch, a scalar."""
    return ops.sqrt(global_mean(ops.square(samples - global_mean(samples))))


def perturb(samples: Nest, spread: float, seed_generator: Any) -> Nest:
    """Adds uniform noise from 0 to `spread` standard deviations.

    Args:
        samples: A tensor or a nest of tensors of shape `(batch_size, ...)`.
        spread: Float.
        seed_generator: A `keras.random.SeedGenerator`.
    """

    def perturbed(leaf):
        noise = keras.random.uniform(
            ops.shape(leaf), dtype=leaf.dtype, seed=seed_generator
        )
        return leaf + spread * standard_deviation(leaf) * noise

    return keras.tree.map_structure(perturbed, samples)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class DRAGAN(GradientNormPenalty):
    """Draws the discriminator's gradient norm to 1 around the real samples.

    For the loss of the original GAN, where `GradientPenalty` does not fit:
    sharp peaks at real samples are what makes its modes collapse. The points
    are those of the authors' code, between a real sample and itself plus
    uniform noise in `[0, spread * standard deviation of the batch]`, with one
    share a sample; the paper's text has Gaussian noise instead.

    Args:
        weight: Float or schedule. Defaults to 10, as in the paper.
        spread: Float, how far the noise goes, in standard deviations of all
            numbers of a batch. Defaults to 0.5, as in the authors' code.
        target: Float, the norm aimed at. Defaults to 1.
        one_sided: Whether norms below `target` cost nothing. Defaults to
            `False`.
        name: The name in the logs. Defaults to `"dragan"`.

    Raises:
        ValueError: If `weight` or `target` is negative, or `spread` is not
            positive.

    Example:

    ```python
    gan.compile(d_loss="modified_minimax", penalties=[DRAGAN()])
    ```

    Reference: [Kodali et al., 2017](https://arxiv.org/abs/1705.07215)
    """

    def __init__(
        self,
        weight: Schedule = 10.0,
        spread: float = 0.5,
        target: float = 1.0,
        one_sided: bool = False,
        name: str | None = None,
    ) -> None:
        super().__init__(weight, target, one_sided, name)
        if not spread > 0:
            raise ValueError(
                f"`spread` must be positive. Received: spread={spread}"
            )
        self.spread = spread

    def points(self, real: Nest, fake: Nest, seed_generator: Any) -> Nest:
        del fake
        noisy = perturb(real, self.spread, seed_generator)
        return mix(real, noisy, seed_generator)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "spread": self.spread}
