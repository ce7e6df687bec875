"""The logistic loss with a label of your choice on either side."""

from typing import Any

import keras

from keras_ganloss.losses.minimax import logistic_loss
from keras_ganloss.losses.modified_minimax import modified_minimax_g_loss
from keras_ganloss.losses.separable_loss import SeparableLoss
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Logistic(SeparableLoss):
    """Softplus logistic loss, with one- or two-sided label smoothing.

    With the default labels it is `ModifiedMinimax`. `real_label=0.9` alone
    smooths one side, `fake_label=0.1` with it the other one too: then fakes
    that were never made pull the discriminator as well, which is why the
    reference advises against it. The generator's side has no labels.

    Args:
        real_label: Float in [0, 1], the target on real samples. Defaults
            to 1.
        fake_label: Float in [0, 1], the target on fake samples. Defaults
            to 0.
        reduction, name, dtype: See `keras.losses.Loss`.

    Raises:
        ValueError: If the labels are not `0 <= fake_label < real_label <= 1`.

    Example:

    >>> loss = Logistic(real_label=0.9)
    >>> round(float(loss.d_loss(real_output=[[2.0]], fake_output=[[0.0]])), 4)
    1.0201

    Reference: [Salimans et al., 2016](https://arxiv.org/abs/1606.03498)
    """

    def __init__(
        self, real_label: float = 1.0, fake_label: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if not 0.0 <= fake_label < real_label <= 1.0:
            raise ValueError(
                "Labels must be `0 <= fake_label < real_label <= 1`, such as "
                f"0.1 and 0.9. Received: real_label={real_label}, "
                f"fake_label={fake_label}"
            )
        self.real_label = real_label
        self.fake_label = fake_label

    def real_half(self, output: Tensor) -> Tensor:
        return logistic_loss(output, self.real_label)

    def fake_half(self, output: Tensor) -> Tensor:
        return logistic_loss(output, self.fake_label)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return modified_minimax_g_loss(real_output, fake_output)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "real_label": self.real_label,
            "fake_label": self.fake_label,
        }
