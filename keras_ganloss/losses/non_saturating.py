"""The generator's trick: to want what real samples get."""

import keras

from keras_ganloss.losses.loss_wrapper import HalvesWrapper
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class NonSaturating(HalvesWrapper):
    """Any loss whose generator minimizes the half of real samples.

    A generator that maximizes the discriminator's loss often learns nothing
    while it loses. This one wants its fakes to cost what real samples cost:
    `NonSaturating(Minimax())` is `ModifiedMinimax()`, and
    `NonSaturating(FGAN("pearson"))` is the trick of the f-GAN paper, -g(f).

    Args:
        base: A `SeparableLoss`, which most losses here are, or its config.
            Defaults to `Logistic()`.
        name: See `keras.losses.Loss`.

    Example:

    >>> loss = NonSaturating(Hinge())
    >>> float(loss.g_loss(fake_output=[[0.25], [3.0]]))
    0.375

    Reference: [Nowozin et al., 2016](https://arxiv.org/abs/1606.00709)
    """

    needs_real_output = False

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        del real_output
        return self.base.real_half(fake_output)
