"""The penalty on the largest gradient, of Lipschitz GANs."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.penalties.gradient_penalty import mix
from keras_ganloss.penalties.input_gradient_penalty import InputGradientPenalty
from keras_ganloss.penalties.penalty import squared_norm
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class MaxGradientPenalty(InputGradientPenalty):
    """`weight` times the largest squared gradient norm of a batch (MaxGP).

    The Lipschitz constant is the largest slope there is; where `R1` lowers
    the mean, this lowers the maximum, at points mixed of a real and a fake
    sample each. Over several replicas it is the mean of each one's largest.

    Args:
        weight: Float or schedule. The right one depends on the loss.
        name: The name in the logs. Defaults to `"max_gradient_penalty"`.

    Raises:
        ValueError: If `weight` is negative.

    Example:

    ```python
    gan.compile(d_loss="logistic", penalties=[MaxGradientPenalty(0.1)])
    ```

    Reference: [Zhou et al., 2019](https://arxiv.org/abs/1902.05687)
    """

    def __call__(self, turn: Any, duel: Any) -> Tensor:
        between = mix(duel.real, duel.fake, turn.seed_generator)
        norms = squared_norm(duel.judge.input_gradients(between))
        return self.weighted(ops.max(norms), turn.step)
