"""The loss of the Wasserstein GAN."""

import keras

from keras_ganloss.losses.separable_loss import SeparableLoss
from keras_ganloss.utils.typing import Tensor


def wasserstein_d_loss(real_output: Tensor, fake_output: Tensor) -> Tensor:
    """The critic's estimate of the distance, negated."""
    return fake_output - real_output


def wasserstein_g_loss(real_output: Tensor, fake_output: Tensor) -> Tensor:
    """The mean output on fakes, negated."""
    del real_output
    return -fake_output


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Wasserstein(SeparableLoss):
    """Wasserstein loss: the critic estimates the earth mover's distance.

    The critic must be Lipschitz: add `penalties.GradientPenalty` or
    `penalties.WeightClipping`, and let it play several steps (`d_steps=5`).

    Args:
        reduction, name, dtype: See `keras.losses.Loss`.

    Example:

    >>> loss = Wasserstein()
    >>> float(loss.d_loss(real_output=[[3.0]], fake_output=[[1.0]]))
    -2.0

    Reference: [Arjovsky et al., 2017](https://arxiv.org/abs/1701.07875)
    """

    def real_half(self, output: Tensor) -> Tensor:
        return -output

    def fake_half(self, output: Tensor) -> Tensor:
        return output

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return wasserstein_g_loss(real_output, fake_output)
