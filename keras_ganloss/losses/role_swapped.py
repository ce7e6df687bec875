"""The generator's loss if it plays the discriminator's part."""

import keras

from keras_ganloss.losses.loss_wrapper import LossWrapper
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class RoleSwapped(LossWrapper):
    """Any loss whose generator is a discriminator with the sides swapped.

    It wants real samples to be taken for fakes, too, which matters where it
    has a hand in both: in `BiGAN` an encoder writes a part of the real pairs.
    Like the other tricks against saturation it learns while it loses.

    Args:
        base: An `AdversarialLoss`, such as `Hinge()`, or its config. Defaults
            to `Logistic()`.
        name: See `keras.losses.Loss`.

    Example:

    >>> loss = RoleSwapped(Hinge())
    >>> float(loss.g_loss(real_output=[[0.5]], fake_output=[[0.25]]))
    2.25

    Reference: [Donahue et al., 2016](https://arxiv.org/abs/1605.09782)
    """

    needs_real_output = True

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return self.base.d_call(fake_output, real_output)
