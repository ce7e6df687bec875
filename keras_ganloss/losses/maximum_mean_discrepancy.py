"""The loss of the MMD GAN."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss.losses.adversarial_loss import AdversarialLoss
from keras_ganloss.losses.feature_distances import mean_of_others
from keras_ganloss.losses.feature_distances import squared_distances
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


def rational_quadratic(
    squared_distance: Tensor, scales: Sequence[float]
) -> Tensor:
    """Sum of the kernels `(1 + d^2 / (2 a))^-a` over the scales a."""
    return sum(
        (1.0 + squared_distance / (2.0 * scale)) ** -scale for scale in scales
    )


def squared_discrepancy(
    real_output: Tensor, fake_output: Tensor, scales: Sequence[float]
) -> Tensor:
    """The unbiased estimate of the squared MMD, a value a pair of samples."""

    def kernel(first, second):
        return rational_quadratic(squared_distances(first, second), scales)

    across = kernel(real_output, fake_output)
    return (
        mean_of_others(kernel(real_output, real_output))
        + mean_of_others(kernel(fake_output, fake_output))
        - ops.mean(across, axis=0)
        - ops.mean(across, axis=1)
    )


@keras.saving.register_keras_serializable(package="keras_ganloss")
class MaximumMeanDiscrepancy(AdversarialLoss):
    """Kernel distance between features that the discriminator makes.

    The discriminator returns a vector of features (16 in the paper) and
    maximizes the squared MMD between real and fake ones; the generator
    minimizes it. Add `penalties.GradientPenalty`, or spectral normalization.
    Every replica compares the samples of its own part.

    Args:
        scales: Numbers above 0, the paper's alphas, of the mixture of
            rational quadratic kernels. Defaults to
            `(0.2, 0.5, 1.0, 2.0, 5.0)`.
        reduction, name, dtype: See `keras.losses.Loss`.

    Raises:
        ValueError: If `scales` is empty, or one is not positive.

    Example:

    >>> loss = MaximumMeanDiscrepancy(scales=[1.0])
    >>> round(float(loss.g_loss([[0.0], [0.0]], [[2.0], [2.0]])), 4)
    1.3333

    Reference: [Bińkowski et al., 2018](https://arxiv.org/abs/1801.01401)
    """

    judges_features = True
    needs_real_output = True

    def __init__(
        self, scales: Sequence[float] = (0.2, 0.5, 1.0, 2.0, 5.0), **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.scales = [
            arguments.positive("scales", scale)
            for scale in arguments.as_list("scales", scales)
        ]
        if not self.scales:
            raise ValueError(
                "`scales` must be positive numbers, one or more. "
                f"Received: scales={scales}"
            )

    def d_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return -squared_discrepancy(real_output, fake_output, self.scales)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return squared_discrepancy(real_output, fake_output, self.scales)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scales": self.scales}
