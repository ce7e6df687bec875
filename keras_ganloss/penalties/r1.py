"""R1: the squared gradient on real samples."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.penalties.input_gradient_penalty import InputGradientPenalty
from keras_ganloss.penalties.penalty import squared_norm
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class R1(InputGradientPenalty):
    """`weight / 2` times the mean squared gradient norm on real samples.

    It shares the discriminator's forward pass with the loss.

    Args:
        weight: Float or schedule, the paper's gamma. Papers use from 0.05
            (32 x 32) to 150 (256 x 256), with and without the 1/2: check
            which. R3GAN lowers it along a cosine, for R1 and R2 alike:
            `CosineDecay(initial_learning_rate=0.05, decay_steps=..., alpha=
            0.1)` of `keras.optimizers.schedules`.
        name: The name in the logs. Defaults to `"r1"`.

    Example:

    ```python
    gan.compile(d_loss="modified_minimax", penalties=[R1(1.0)])
    ```

    Reference: [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406)
    """

    gradients_at = ("real",)

    def __call__(self, turn: Any, duel: Any) -> Tensor:
        gradients = duel.judge.input_gradients(duel.real)
        value = 0.5 * ops.mean(squared_norm(gradients))
        return self.weighted(value, turn.step)
