"""R2: the squared gradient on fake samples."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.penalties.input_gradient_penalty import InputGradientPenalty
from keras_ganloss.penalties.penalty import squared_norm
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class R2(InputGradientPenalty):
    """`weight / 2` times the mean squared gradient norm on fake samples.

    The partner of `R1`, and as cheap: both share the forward passes of the
    loss.

    Args:
        weight: Float or schedule, the paper's gamma.
        name: The name in the logs. Defaults to `"r2"`.

    Example:

    ```python
    gan.compile(d_loss="modified_minimax", penalties=[R1(1.0), R2(1.0)])
    ```

    Reference: [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406)
    """

    gradients_at = ("fake",)

    def __call__(self, turn: Any, duel: Any) -> Tensor:
        gradients = duel.judge.input_gradients(duel.fake)
        value = 0.5 * ops.mean(squared_norm(gradients))
        return self.weighted(value, turn.step)
