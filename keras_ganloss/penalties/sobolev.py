"""The constraint of the Sobolev GAN."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.penalties.input_gradient_penalty import InputGradientPenalty
from keras_ganloss.penalties.penalty import squared_norm
from keras_ganloss.utils.replicas import global_mean
from keras_ganloss.utils.stateful import make_memory
from keras_ganloss.utils.stateful import recall
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


def mean_squared_slope(duel: Any) -> Tensor:
    """Mean squared gradient norm on the mean of both distributions."""
    return 0.5 * sum(
        global_mean(squared_norm(duel.judge.input_gradients(samples)))
        for samples in (duel.real, duel.fake)
    )


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Sobolev(InputGradientPenalty):
    """Holds the critic's mean squared gradient norm at one.

    `multiplier * excess + weight / 2 * excess^2`, where `excess` is the mean
    of the squared norms on real and on fake samples, less one. The
    multiplier, `penalty.multiplier`, starts at 0 and is adapted in each
    update of the critic by `weight * excess`. Where `GradientPenalty` holds
    each norm, this holds their mean. For the loss `"wasserstein"`; both
    gradients share the forward passes of the loss.

    Args:
        weight: Float or schedule, the paper's rho. Defaults to 1e-6.
        name: The name in the logs. Defaults to `"sobolev"`.

    Example:

    ```python
    gan.compile(d_loss="wasserstein", penalties=[Sobolev()], d_steps=5)
    ```

    Reference: [Mroueh et al., 2017](https://arxiv.org/abs/1711.04894)
    """

    gradients_at = ("real", "fake")

    def __init__(
        self, weight: Schedule = 1e-6, name: str | None = None
    ) -> None:
        super().__init__(weight, name)
        self.multiplier = make_memory("multiplier")
        self._next_step = make_memory("next_step")

    @property
    def state(self) -> list[Any]:
        return [self.multiplier, self._next_step]

    def __call__(self, turn: Any, duel: Any) -> Tensor:
        excess = mean_squared_slope(duel) - 1.0
        multiplier = recall(self.multiplier, excess.dtype)
        step = self.weighted(excess, turn.step)
        if turn.training:
            self._next_step.assign(ops.cast(ops.stop_gradient(step), "float32"))
        return multiplier * excess + 0.5 * step * excess

    def after_update(self, variables: Any) -> None:
        del variables
        self.multiplier.assign_add(self._next_step.value)
