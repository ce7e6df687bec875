"""Labels that are swapped now and then."""

import keras
from keras import ops

from keras_ganloss.losses.random_labels import RandomLabels
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class LabelFlipping(RandomLabels):
    """Any loss whose discriminator is lied to about some samples.

    Each real sample counts as fake with probability `rate`, and each fake
    one as real. It keeps the discriminator from getting too sure.

    Args:
        base: A `SeparableLoss`, which most losses here are, or its config.
            Defaults to `Logistic()`.
        rate: Float in [0, 1], the probability. Defaults to 0.1.
        seed: Optional int, which makes the draws reproducible.
        name: See `keras.losses.Loss`.

    Example:

    >>> loss = LabelFlipping(Wasserstein(), rate=1.0)  # All of them.
    >>> float(loss.d_loss(real_output=[[3.0]], fake_output=[[1.0]]))
    2.0

    Reference: [Chintala et al., 2016](https://github.com/soumith/ganhacks)
    """

    def shares(self, uniform: Tensor) -> Tensor:
        return ops.cast(uniform < self.rate, uniform.dtype)
