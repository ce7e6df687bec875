"""The non-saturating loss."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.losses.minimax import check_label_smoothing
from keras_ganloss.losses.minimax import logistic_loss
from keras_ganloss.losses.minimax import smoothed
from keras_ganloss.losses.separable_loss import SeparableLoss
from keras_ganloss.utils.typing import Tensor


def modified_minimax_g_loss(real_output: Tensor, fake_output: Tensor) -> Tensor:
    """`-log(sigmoid(fake_output))`, whose slope at -30 is still -1."""
    del real_output
    return ops.softplus(-fake_output)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class ModifiedMinimax(SeparableLoss):
    """The non-saturating loss: the generator minimizes `-log(D(G(z)))`.

    The default of `GAN.compile`. The discriminator's side is that of
    `Minimax`; the generator's has a gradient where it is losing.

    Args:
        label_smoothing: See `Minimax`. Acts on the discriminator's side.
        reduction, name, dtype: See `keras.losses.Loss`.

    Example:

    >>> loss = ModifiedMinimax()
    >>> round(float(loss.g_loss(fake_output=[[0.0]])), 4)
    0.6931

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661)
    """

    def __init__(self, label_smoothing: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_label_smoothing(label_smoothing)
        self.label_smoothing = label_smoothing

    def real_half(self, output: Tensor) -> Tensor:
        return logistic_loss(output, smoothed(self.label_smoothing))

    def fake_half(self, output: Tensor) -> Tensor:
        return logistic_loss(output, 0.0)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return modified_minimax_g_loss(real_output, fake_output)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "label_smoothing": self.label_smoothing,
        }
