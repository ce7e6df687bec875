"""The loss of the Fisher GAN."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.losses.adversarial_loss import AdversarialLoss
from keras_ganloss.losses.wasserstein import wasserstein_d_loss
from keras_ganloss.losses.wasserstein import wasserstein_g_loss
from keras_ganloss.utils import arguments
from keras_ganloss.utils.replicas import global_mean
from keras_ganloss.utils.stateful import make_memory
from keras_ganloss.utils.stateful import recall
from keras_ganloss.utils.typing import Tensor


def second_moment(real_output: Tensor, fake_output: Tensor) -> Tensor:
    """The critic's second moment on the mean of both distributions."""
    return 0.5 * (
        global_mean(ops.square(real_output))
        + global_mean(ops.square(fake_output))
    )


def fisher_d_loss(
    real_output: Tensor, fake_output: Tensor, multiplier: Tensor, rate: float
) -> Tensor:
    """The Wasserstein loss and the augmented Lagrangian of a moment of one."""
    excess = second_moment(real_output, fake_output) - 1.0
    constraint = multiplier * excess + 0.5 * rate * ops.square(excess)
    return wasserstein_d_loss(real_output, fake_output) + constraint


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Fisher(AdversarialLoss):
    """The critic's difference of means, at a second moment of one.

    The constraint replaces the Lipschitz penalties of `Wasserstein`. Its
    Lagrange multiplier, `loss.multiplier`, starts at 0 and is adapted after
    each update of the discriminator. Moments are those of the global batch of
    all replicas.

    Args:
        rate: Float above 0, the paper's rho: the weight of the squared
            constraint and the step size of the multiplier. Defaults to 1e-6.
        reduction, name, dtype: See `keras.losses.Loss`.

    Raises:
        ValueError: If `rate` is not positive.

    Example:

    >>> loss = Fisher(rate=2.0)
    >>> float(loss.d_loss(real_output=[[2.0]], fake_output=[[0.0]]))
    -1.0

    Reference: [Mroueh and Sercu, 2017](https://arxiv.org/abs/1705.09675)
    """

    def __init__(self, rate: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = arguments.positive(
            "rate", rate, "At 0 nothing holds the critic."
        )
        self.multiplier = make_memory("multiplier")

    @property
    def state(self) -> list[Any]:
        return [self.multiplier]

    def update_state(self, real_output: Tensor, fake_output: Tensor) -> None:
        excess = second_moment(real_output, fake_output) - 1.0
        self.multiplier.assign_add(self.rate * excess)

    def d_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        multiplier = recall(self.multiplier, fake_output.dtype)
        return fisher_d_loss(real_output, fake_output, multiplier, self.rate)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return wasserstein_g_loss(real_output, fake_output)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate}
