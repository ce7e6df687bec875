"""The relativistic average loss."""

import keras

from keras_ganloss.losses.loss_wrapper import HalvesWrapper
from keras_ganloss.utils.replicas import global_mean
from keras_ganloss.utils.typing import Tensor


def relative_to_average(
    real_output: Tensor, fake_output: Tensor
) -> tuple[Tensor, Tensor]:
    """Returns both outputs less the mean of the other one."""
    return (
        real_output - global_mean(fake_output),
        fake_output - global_mean(real_output),
    )


@keras.saving.register_keras_serializable(package="keras_ganloss")
class RelativisticAverage(HalvesWrapper):
    """Any loss on how much more real a sample is than the average other.

    Means are over all outputs of the global batch of all replicas, and are
    differentiated too. Both halves are added, as in TF-GAN; the author's own
    code takes half of that. The paper's least squares aim at +1 and -1, so
    they are `RelativisticAverage(LeastSquares(-1.0, 1.0, 1.0))`; at 1 and 0
    real and fake samples would not be treated alike.

    Args:
        base: A `SeparableLoss`, which most losses here are, or its config.
            Defaults to `Logistic()`.
        name: See `keras.losses.Loss`.

    Example:

    >>> loss = RelativisticAverage(Hinge())
    >>> float(loss.d_loss([[2.0], [1.0]], [[0.5], [1.5]]))
    1.0

    Reference: [Jolicoeur-Martineau, 2018](https://arxiv.org/abs/1807.00734)
    """

    needs_real_output = True

    def d_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        real, fake = relative_to_average(real_output, fake_output)
        return self.base.real_half(real) + self.base.fake_half(fake)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        real, fake = relative_to_average(real_output, fake_output)
        return self.base.fake_half(real) + self.base.real_half(fake)

    def wrong_call(self, real_output: Tensor, wrong_output: Tensor) -> Tensor:
        return self.d_call(real_output, wrong_output)
