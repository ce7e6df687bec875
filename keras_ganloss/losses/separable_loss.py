"""The abstract loss whose discriminator's side is a sum of two halves."""

from keras_ganloss.losses.adversarial_loss import AdversarialLoss
from keras_ganloss.utils.typing import Tensor


class SeparableLoss(AdversarialLoss):
    """Abstract: what real samples cost plus what fake samples cost.

    Subclasses fill `real_half`, `fake_half` and `g_call`. Wrappers such as
    `Relativistic` or `LabelFlipping` put the halves together in other ways.

    Args:
        reduction, name, dtype: See `AdversarialLoss`.

    Example:

    >>> @keras.saving.register_keras_serializable()
    ... class Margin(SeparableLoss):
    ...     def real_half(self, output):
    ...         return ops.relu(2.0 - output)
    ...     def fake_half(self, output):
    ...         return output
    ...     def g_call(self, real_output, fake_output):
    ...         return -fake_output
    >>> float(Margin().d_loss(real_output=[[1.5]], fake_output=[[2.0]]))
    2.5
    """

    def real_half(self, output: Tensor) -> Tensor:
        """What the discriminator pays if `output` is that on real samples."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `real_half(output)`."
        )

    def fake_half(self, output: Tensor) -> Tensor:
        """What the discriminator pays if `output` is that on fake samples."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `fake_half(output)`."
        )

    def d_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return self.real_half(real_output) + self.fake_half(fake_output)

    def wrong_call(self, real_output: Tensor, wrong_output: Tensor) -> Tensor:
        del real_output
        return self.fake_half(wrong_output)
