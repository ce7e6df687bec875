"""The minimax loss of the first GAN."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.losses.separable_loss import SeparableLoss
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


def logistic_loss(output: Tensor, label: float) -> Tensor:
    """Cross-entropy of a logit with a label in [0, 1].

    Softplus neither overflows nor saturates, and this sum of two of them
    does not cancel as `softplus(x) - label * x` would.
    """
    return label * ops.softplus(-output) + (1.0 - label) * ops.softplus(output)


def smoothed(label_smoothing: float) -> float:
    """The label of real samples."""
    return 1.0 - 0.5 * label_smoothing


def minimax_d_loss(
    real_output: Tensor, fake_output: Tensor, label_smoothing: float = 0.0
) -> Tensor:
    """Cross-entropy of the logits with labels one (real) and zero (fake)."""
    return logistic_loss(
        real_output, smoothed(label_smoothing)
    ) + logistic_loss(fake_output, 0.0)


def minimax_g_loss(real_output: Tensor, fake_output: Tensor) -> Tensor:
    """`log(1 - sigmoid(fake_output))`."""
    del real_output
    return -ops.softplus(fake_output)


def check_label_smoothing(label_smoothing: float) -> None:
    """Raises a ValueError for label smoothing outside of [0, 1]."""
    hint = "0.2 gives real samples the target 0.9."
    arguments.fraction("label_smoothing", label_smoothing, hint)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Minimax(SeparableLoss):
    """The zero-sum game: the generator minimizes `log(1 - D(G(z)))`.

    Its gradient vanishes when the discriminator wins, so it is for the
    study of the game; to train, take `ModifiedMinimax`.

    TF-GAN's generator loss is this value plus the constant
    `-softplus(-1)`; the gradients are the same.

    Args:
        label_smoothing: Float in [0, 1]. One-sided: real samples get the
            target `1 - label_smoothing / 2`, as in
            `keras.losses.BinaryCrossentropy`. Defaults to 0; TF-GAN's
            default is 0.25.
        reduction, name, dtype: See `keras.losses.Loss`.

    Example:

    >>> loss = Minimax()
    >>> round(float(loss.d_loss(real_output=[[0.0]], fake_output=[[0.0]])), 4)
    1.3863

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
        return minimax_g_loss(real_output, fake_output)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "label_smoothing": self.label_smoothing,
        }
