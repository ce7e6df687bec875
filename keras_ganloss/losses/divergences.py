"""The f-divergences of the f-GAN family.

A divergence of p from q is E_q f(p / q). A discriminator v bounds it from
below by E_p g(v) - E_q f*(g(v)), where f* is the convex conjugate of f and
the output activation g maps any number into the domain of f*. Names and
activations are those of [Nowozin et al., 2016](
https://arxiv.org/abs/1606.00709), table 6; f*(g(v)) is written out, so that
it neither overflows nor cancels.
"""

import math
from typing import Any
from typing import Self

import keras
from keras import ops

from keras_ganloss.utils.described import Described
from keras_ganloss.utils.typing import Tensor

LARGEST_EXPONENT = 30.0


def exponential(x: Tensor) -> Tensor:
    """e to the power of x, above 30 continued by its tangent there.

    Convex, increasing and smooth like the exponential, but its values and
    gradients, about 1e13 at most, do not overflow when they are squared.
    """
    below = ops.exp(ops.minimum(x, LARGEST_EXPONENT))
    return below * (1.0 + ops.relu(x - LARGEST_EXPONENT))


class Divergence(Described):
    """Abstract: a divergence as a discriminator estimates it.

    Subclasses fill both hooks, on logits v of any shape.
    """

    def activation(self, v: Tensor) -> Tensor:
        """Returns g(v), the estimate of f'(p / q)."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `activation(v)`."
        )

    def conjugate(self, v: Tensor) -> Tensor:
        """Returns f*(g(v))."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `conjugate(v)`."
        )

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(**config)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class KullbackLeibler(Divergence):
    """KL(p, q), f(u) = u log u: the generator covers all of the data."""

    def activation(self, v: Tensor) -> Tensor:
        return v

    def conjugate(self, v: Tensor) -> Tensor:
        return exponential(v - 1.0)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class ReverseKullbackLeibler(Divergence):
    """KL(q, p), f(u) = -log u: the generator keeps to likely samples."""

    def activation(self, v: Tensor) -> Tensor:
        return -exponential(-v)

    def conjugate(self, v: Tensor) -> Tensor:
        return v - 1.0


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Pearson(Divergence):
    """Pearson's chi-squared, f(u) = (u - 1)^2."""

    def activation(self, v: Tensor) -> Tensor:
        return v

    def conjugate(self, v: Tensor) -> Tensor:
        return 0.25 * ops.square(v) + v


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Neyman(Divergence):
    """Neyman's chi-squared, f(u) = (1 - u)^2 / u."""

    def activation(self, v: Tensor) -> Tensor:
        return 1.0 - exponential(-v)

    def conjugate(self, v: Tensor) -> Tensor:
        return 2.0 - 2.0 * exponential(-0.5 * v)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class SquaredHellinger(Divergence):
    """Hellinger's distance squared, f(u) = (sqrt(u) - 1)^2."""

    def activation(self, v: Tensor) -> Tensor:
        return 1.0 - exponential(-v)

    def conjugate(self, v: Tensor) -> Tensor:
        return exponential(v) - 1.0


@keras.saving.register_keras_serializable(package="keras_ganloss")
class JensenShannon(Divergence):
    """Twice Jensen's and Shannon's, f(u) = u log u - (u + 1) log((u + 1) / 2).

    The same game as `OriginalGAN`, with another constant.
    """

    def activation(self, v: Tensor) -> Tensor:
        return math.log(2.0) - ops.softplus(-v)

    def conjugate(self, v: Tensor) -> Tensor:
        return ops.softplus(v) - math.log(2.0)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class OriginalGAN(Divergence):
    """The divergence of `Minimax`, f(u) = u log u - (u + 1) log(u + 1)."""

    def activation(self, v: Tensor) -> Tensor:
        return -ops.softplus(-v)

    def conjugate(self, v: Tensor) -> Tensor:
        return ops.softplus(v)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class TotalVariation(Divergence):
    """Half of the absolute difference of densities, f(u) = |u - 1| / 2."""

    def activation(self, v: Tensor) -> Tensor:
        return 0.5 * ops.tanh(v)

    def conjugate(self, v: Tensor) -> Tensor:
        return 0.5 * ops.tanh(v)
