"""The least squares loss."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.losses.separable_loss import SeparableLoss
from keras_ganloss.utils.typing import Tensor


def least_squares_loss(output: Tensor, label: float) -> Tensor:
    """Half the squared distance to a label."""
    return 0.5 * ops.square(output - label)


def least_squares_d_loss(
    real_output: Tensor,
    fake_output: Tensor,
    fake_label: float = 0.0,
    real_label: float = 1.0,
) -> Tensor:
    """Half the squared distances to the labels a (fake) and b (real)."""
    return least_squares_loss(real_output, real_label) + least_squares_loss(
        fake_output, fake_label
    )


def least_squares_g_loss(
    real_output: Tensor, fake_output: Tensor, generator_label: float = 1.0
) -> Tensor:
    """Half the squared distance to the label c."""
    del real_output
    return least_squares_loss(fake_output, generator_label)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class LeastSquares(SeparableLoss):
    """Least squares loss: outputs are drawn to labels, not pushed apart.

    Args:
        fake_label: Float, the paper's a. Defaults to 0.
        real_label: Float, the paper's b. Defaults to 1.
        generator_label: Float, the paper's c, what the generator wants the
            discriminator to say. Defaults to 1. With `(a, b, c)` as
            `(-1, 1, 0)` the game minimizes the Pearson divergence.
        reduction, name, dtype: See `keras.losses.Loss`.

    Example:

    >>> loss = LeastSquares()
    >>> float(loss.d_loss(real_output=[[3.0]], fake_output=[[1.0]]))
    2.5

    Reference: [Mao et al., 2016](https://arxiv.org/abs/1611.04076)
    """

    def __init__(
        self,
        fake_label: float = 0.0,
        real_label: float = 1.0,
        generator_label: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.fake_label = fake_label
        self.real_label = real_label
        self.generator_label = generator_label

    def real_half(self, output: Tensor) -> Tensor:
        return least_squares_loss(output, self.real_label)

    def fake_half(self, output: Tensor) -> Tensor:
        return least_squares_loss(output, self.fake_label)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return least_squares_g_loss(
            real_output, fake_output, self.generator_label
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "fake_label": self.fake_label,
            "real_label": self.real_label,
            "generator_label": self.generator_label,
        }
