"""The relativistic loss of pairs."""

import keras

from keras_ganloss.losses.loss_wrapper import HalvesWrapper
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Relativistic(HalvesWrapper):
    """Any loss on the difference between a real sample and a fake one.

    The discriminator says how much more real the real sample of a pair is;
    the generator wants the opposite. Only the real half of the base is used:
    `softplus(-(r - f))` of the logistic loss, `relu(1 - (r - f))` of `Hinge`,
    `(r - f - 1)^2 / 2` of `LeastSquares`. With R1 and R2 penalties it is the
    loss of R3GAN (second reference).

    Args:
        base: A `SeparableLoss`, which most losses here are, or its config.
            Defaults to `Logistic()`.
        name: See `keras.losses.Loss`.

    Example:

    >>> loss = Relativistic(Hinge())
    >>> float(loss.d_loss(real_output=[[1.0]], fake_output=[[0.5]]))
    0.5

    Reference: [Jolicoeur-Martineau, 2018](https://arxiv.org/abs/1807.00734);
    [Huang et al., 2024](https://arxiv.org/abs/2501.05441)
    """

    needs_real_output = True

    def d_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return self.base.real_half(real_output - fake_output)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return self.base.real_half(fake_output - real_output)

    def wrong_call(self, real_output: Tensor, wrong_output: Tensor) -> Tensor:
        return self.d_call(real_output, wrong_output)
