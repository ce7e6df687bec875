"""Labels that are never quite sure."""

import keras

from keras_ganloss.losses.random_labels import RandomLabels
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class LabelNoise(RandomLabels):
    """Any loss with labels smoothed by a random amount.

    A real sample's label is `1 - u`, a fake one's `u`, each with a `u` of its
    own, uniform in [0, rate).

    Args:
        base: A `SeparableLoss`, which most losses here are, or its config.
            Defaults to `Logistic()`.
        rate: Float in [0, 1], the largest noise. Defaults to 0.1.
        seed: Optional int, which makes the draws reproducible.
        name: See `keras.losses.Loss`.

    Example:

    >>> loss = LabelNoise(Wasserstein(), rate=0.0)  # None of it.
    >>> float(loss.d_loss(real_output=[[3.0]], fake_output=[[1.0]]))
    -2.0

    Reference: [Chintala et al., 2016](https://github.com/soumith/ganhacks)
    """

    def shares(self, uniform: Tensor) -> Tensor:
        return self.rate * uniform
