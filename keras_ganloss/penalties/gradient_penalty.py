"""The gradient penalty of WGAN-GP."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.penalties.gradient_norm_penalty import GradientNormPenalty
from keras_ganloss.utils.typing import Nest


def mix(real: Nest, fake: Nest, seed_generator: Any) -> Nest:
    """Points between pairs, one uniform share per sample."""
    leaf = keras.tree.flatten(real)[0]
    share = keras.random.uniform(
        (ops.shape(leaf)[0],), dtype=leaf.dtype, seed=seed_generator
    )

    def between(one, other):
        weight = ops.reshape(share, (-1,) + (1,) * (len(one.shape) - 1))
        return one + ops.cast(weight, one.dtype) * (other - one)

    return keras.tree.map_structure(between, real, fake)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class GradientPenalty(GradientNormPenalty):
    """Draws the critic's gradient norm to `target` between real and fake.

    `weight * mean((norm - target)^2)` at points mixed of a real and a fake
    sample each. TF-GAN divides the norm by `target` instead; the two agree
    at `target=1`. `target=0` is the zero-centered penalty (third reference).

    Args:
        weight: Float or schedule. Defaults to 10, as in the paper.
        target: Float, the norm aimed at. Defaults to 1.
        one_sided: Whether norms below `target` cost nothing (WGAN-LP).
            Defaults to `False`.
        name: The name in the logs. Defaults to `"gradient_penalty"`.

    Raises:
        ValueError: If `weight` or `target` is negative.

    Example:

    ```python
    gan.compile(
        d_loss="wasserstein", penalties=[GradientPenalty(10.0)], d_steps=5
    )
    ```

    Reference:
        [Gulrajani et al., 2017](https://arxiv.org/abs/1704.00028),
        [Petzka et al., 2017](https://arxiv.org/abs/1709.08894) (one-sided),
        [Thanh-Tung et al., 2019](https://arxiv.org/abs/1902.03984) (zero)
    """

    def points(self, real: Nest, fake: Nest, seed_generator: Any) -> Nest:
        return mix(real, fake, seed_generator)
