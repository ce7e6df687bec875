"""The loss of the boundary equilibrium GAN."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.losses.adversarial_loss import AdversarialLoss
from keras_ganloss.utils import arguments
from keras_ganloss.utils.replicas import global_mean
from keras_ganloss.utils.stateful import make_memory
from keras_ganloss.utils.stateful import recall
from keras_ganloss.utils.typing import Tensor


def began_d_loss(
    real_output: Tensor, fake_output: Tensor, balance: Tensor
) -> Tensor:
    """The energy of real samples less a share of that of fake ones."""
    return real_output - balance * fake_output


def began_balance(
    balance: Tensor,
    real_mean: Tensor,
    fake_mean: Tensor,
    diversity: float,
    rate: float,
) -> Tensor:
    """The next share: it rises while fakes have too little energy."""
    error = diversity * real_mean - fake_mean
    return ops.clip(balance + rate * error, 0.0, 1.0)


def began_convergence(
    real_mean: Tensor, fake_mean: Tensor, diversity: float
) -> Tensor:
    """The paper's measure M of convergence; lower is better."""
    return real_mean + ops.abs(diversity * real_mean - fake_mean)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class BEGAN(AdversarialLoss):
    """Autoencoders in balance: fakes keep a share of the energy of data.

    The discriminator returns an energy of zero or more for each sample, the
    reconstruction error of an autoencoder. How much it cares about fakes,
    `loss.balance` (the paper's k, from 0 on), is adapted after each of its
    updates. A low energy means real, so `d_accuracy` in the logs is the share
    of pairs that it judges wrong.

    Args:
        diversity: Float in [0, 1], the paper's gamma: the energy of fakes by
            that of data that is aimed at. Less makes fewer kinds of better
            samples. Defaults to 0.5.
        rate: Float, the paper's lambda: how fast the balance follows.
            Defaults to 0.001.
        reduction, name, dtype: See `keras.losses.Loss`.

    Raises:
        ValueError: If `diversity` is not in [0, 1] or `rate` is negative.

    Example:

    >>> loss = BEGAN()
    >>> float(loss.d_loss(real_output=[2.0], fake_output=[3.0]))
    2.0

    Reference: [Berthelot et al., 2017](https://arxiv.org/abs/1703.10717)
    """

    judges_features = True

    def __init__(
        self, diversity: float = 0.5, rate: float = 1e-3, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.diversity = arguments.fraction("diversity", diversity)
        self.rate = arguments.non_negative("rate", rate)
        self.balance = make_memory("balance")

    @property
    def state(self) -> list[Any]:
        return [self.balance]

    def update_state(self, real_output: Tensor, fake_output: Tensor) -> None:
        balance = began_balance(
            self.balance,
            global_mean(real_output),
            global_mean(fake_output),
            self.diversity,
            self.rate,
        )
        self.balance.assign(balance)

    def d_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        balance = recall(self.balance, fake_output.dtype)
        return began_d_loss(real_output, fake_output, balance)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        del real_output
        return fake_output

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "diversity": self.diversity,
            "rate": self.rate,
        }
