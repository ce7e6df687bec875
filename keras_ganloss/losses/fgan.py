"""The f-GAN family: one loss for every f-divergence."""

from typing import Any

import keras

from keras_ganloss.losses import divergences
from keras_ganloss.losses.separable_loss import SeparableLoss
from keras_ganloss.utils import registry
from keras_ganloss.utils.typing import Tensor

DIVERGENCES = registry.by_snake_case_name(
    divergences.JensenShannon,
    divergences.KullbackLeibler,
    divergences.Neyman,
    divergences.OriginalGAN,
    divergences.Pearson,
    divergences.ReverseKullbackLeibler,
    divergences.SquaredHellinger,
    divergences.TotalVariation,
)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class FGAN(SeparableLoss):
    """The game whose value is an f-divergence of data and fakes.

    The discriminator minimizes `-g(r) + f*(g(f))`, the generator
    `-f*(g(f))`; see `divergences`. The paper's trick for generators that
    lose, `-g(f)`, is `NonSaturating(FGAN(...))`. At its best g(D) is
    `f'(p / q)`. Exponentials in it are continued by their tangents from an
    exponent of 30 on.

    Args:
        divergence: `"jensen_shannon"`, `"kullback_leibler"` (default),
            `"neyman"`, `"original_gan"`, `"pearson"`,
            `"reverse_kullback_leibler"`, `"squared_hellinger"`,
            `"total_variation"`, or a `Divergence`. These names are names in
            `losses.get`, too.
        reduction, name, dtype: See `keras.losses.Loss`.

    Raises:
        ValueError: If `divergence` is none of these.

    Example:

    >>> loss = FGAN("pearson")
    >>> float(loss.d_loss(real_output=[[1.0]], fake_output=[[2.0]]))
    2.0

    Reference: [Nowozin et al., 2016](https://arxiv.org/abs/1606.00709)
    """

    def __init__(
        self, divergence: Any = "kullback_leibler", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.divergence = registry.get(
            divergence,
            divergences.Divergence,
            DIVERGENCES,
            name="divergence",
        )

    def real_half(self, output: Tensor) -> Tensor:
        return -self.divergence.activation(output)

    def fake_half(self, output: Tensor) -> Tensor:
        return self.divergence.conjugate(output)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        del real_output
        return -self.divergence.conjugate(fake_output)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "divergence": keras.saving.serialize_keras_object(self.divergence),
        }
