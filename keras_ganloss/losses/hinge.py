"""The hinge loss."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.losses.separable_loss import SeparableLoss
from keras_ganloss.utils.typing import Tensor


def hinge_loss(output: Tensor, margin: float) -> Tensor:
    """What is missing to a margin."""
    return ops.relu(margin - output)


def hinge_d_loss(
    real_output: Tensor,
    fake_output: Tensor,
    real_margin: float = 1.0,
    fake_margin: float = 1.0,
) -> Tensor:
    """What is missing to a margin, on either side."""
    return hinge_loss(real_output, real_margin) + hinge_loss(
        -fake_output, fake_margin
    )


def hinge_g_loss(real_output: Tensor, fake_output: Tensor) -> Tensor:
    """The mean output on fakes, negated."""
    del real_output
    return -fake_output


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Hinge(SeparableLoss):
    """Hinge loss: samples judged right by a margin cost nothing.

    A common partner of spectral normalization. The generator's side is that
    of `Wasserstein`.

    Args:
        real_margin: Float, the output from which on real samples cost
            nothing. Defaults to 1.
        fake_margin: Float, fakes cost nothing up to its negative. Defaults
            to 1.
        reduction, name, dtype: See `keras.losses.Loss`.

    Example:

    >>> loss = Hinge()
    >>> float(
    ...     loss.d_loss(
    ...         real_output=[[2.0], [0.5]], fake_output=[[-3.0], [0.5]]
    ...     )
    ... )
    1.0

    Reference: [Lim and Ye, 2017](https://arxiv.org/abs/1705.02894)
    """

    needs_several = (
        "a hinge loss gives no gradient beyond its margin, and with one sample "
        "the discriminator then learns nothing from the whole batch, or all "
        "from the one"
    )

    def __init__(
        self, real_margin: float = 1.0, fake_margin: float = 1.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.real_margin = real_margin
        self.fake_margin = fake_margin

    def real_half(self, output: Tensor) -> Tensor:
        return hinge_loss(output, self.real_margin)

    def fake_half(self, output: Tensor) -> Tensor:
        return hinge_loss(-output, self.fake_margin)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return hinge_g_loss(real_output, fake_output)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "real_margin": self.real_margin,
            "fake_margin": self.fake_margin,
        }
