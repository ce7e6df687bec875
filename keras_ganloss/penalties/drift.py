"""The drift penalty of the progressive GAN."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.penalties.penalty import Penalty
from keras_ganloss.penalties.penalty import mean_of_outputs
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Drift(Penalty):
    """`weight` times the mean squared output on real samples.

    A Wasserstein critic is determined up to a constant; this keeps it from
    wandering off. It costs nothing: the loss has asked for the outputs.

    Args:
        weight: Float or schedule. Defaults to 0.001, as in the paper.
        name: The name in the logs. Defaults to `"drift"`.

    Raises:
        ValueError: If `weight` is negative.

    Example:

    ```python
    gan.compile(
        d_loss="wasserstein", penalties=[GradientPenalty(10.0), Drift()]
    )
    ```

    Reference: [Karras et al., 2017](https://arxiv.org/abs/1710.10196)
    """

    def __init__(
        self, weight: Schedule = 0.001, name: str | None = None
    ) -> None:
        super().__init__(weight, name)

    def __call__(self, turn: Any, duel: Any) -> Tensor:
        drift = mean_of_outputs(ops.square, duel.judge.outputs(duel.real))
        return self.weighted(drift, turn.step)
