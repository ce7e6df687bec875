"""The loss of the energy-based GAN, and its pulling-away term."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.losses.separable_loss import SeparableLoss
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


def pulling_away(features: Tensor) -> Tensor:
    """Mean squared cosine between the features of different samples.

    Small if the samples of a batch differ. EBGAN-PT adds it, with a weight of
    0.1, to what the generator minimizes, on the codes of fakes in the
    discriminator: return it from `g_terms` of a model of your own.

    Args:
        features: Tensor of shape `(batch_size, ...)`.

    Returns:
        A scalar, 0 for a single sample.
    """
    features = ops.reshape(features, (ops.shape(features)[0], -1))
    lengths = ops.sum(ops.square(features), axis=1, keepdims=True)
    unit = features * ops.rsqrt(lengths + 1e-12)
    squared_cosines = ops.square(ops.matmul(unit, ops.transpose(unit)))
    others = 1.0 - ops.eye(ops.shape(unit)[0], dtype=unit.dtype)
    return ops.divide_no_nan(ops.sum(squared_cosines * others), ops.sum(others))


@keras.saving.register_keras_serializable(package="keras_ganloss")
class EnergyBased(SeparableLoss):
    """Real samples get low energy, fake ones at least the margin.

    The discriminator returns an energy of zero or more for each sample, such
    as the reconstruction error of an autoencoder. A low one means real, so
    `d_accuracy` in the logs is the share of pairs that it judges wrong.

    Args:
        margin: Float above 0, the energy from which on fakes cost nothing.
            Choose it by the scale of the energies. Defaults to 1.
        reduction, name, dtype: See `keras.losses.Loss`.

    Raises:
        ValueError: If `margin` is not positive.

    Example:

    >>> loss = EnergyBased(margin=2.0)
    >>> float(loss.d_loss(real_output=[0.5], fake_output=[1.25]))
    1.25

    Reference: [Zhao et al., 2016](https://arxiv.org/abs/1609.03126)
    """

    judges_features = True

    def __init__(self, margin: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.margin = arguments.positive(
            "margin", margin, "At 0 no fake costs anything."
        )

    def real_half(self, output: Tensor) -> Tensor:
        return output

    def fake_half(self, output: Tensor) -> Tensor:
        return ops.relu(self.margin - output)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        del real_output
        return fake_output

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "margin": self.margin}
