"""The non-saturating loss."""

import keras
from keras import ops

from keras_ganloss.losses.minimax import check_label_smoothing
from keras_ganloss.losses.minimax import logistic_loss
from keras_ganloss.losses.minimax import smoothed
from keras_ganloss.losses.separable_loss import SeparableLoss


def modified_minimax_g_loss(real_output, fake_output):
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

    def __init__(self, label_smoothing=0.0, **kwargs):
        super().__init__(**kwargs)
        check_label_smoothing(label_smoothing)
        self.label_smoothing = label_smoothing

    def real_half(self, output):
        return logistic_loss(output, smoothed(self.label_smoothing))

    def fake_half(self, output):
        return logistic_loss(output, 0.0)

    def g_call(self, real_output, fake_output):
        return modified_minimax_g_loss(real_output, fake_output)

    def get_config(self):
        return {
            **super().get_config(),
            "label_smoothing": self.label_smoothing,
        }
