"""Weight clipping of the original WGAN."""

import keras
from keras import ops

from keras_ganloss.penalties.clipping import Clipping
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class WeightClipping(Clipping):
    """Clips the critic's weights into a box after each of its updates.

    Every trainable weight is clipped, biases and normalization scales
    included, as in the paper and in TF-GAN. It adds nothing to the loss and
    to the logs.

    Args:
        limit: Float, weights end in `[-limit, limit]`. Defaults to 0.01.

    Raises:
        ValueError: If `limit` is not positive.

    Example:

    ```python
    gan.compile(
        d_optimizer=keras.optimizers.RMSprop(5e-5),
        g_optimizer=keras.optimizers.RMSprop(5e-5),
        d_loss="wasserstein",
        penalties=[WeightClipping(0.01)],
        d_steps=5,
    )
    ```

    Reference: [Arjovsky et al., 2017](https://arxiv.org/abs/1701.07875)
    """

    def __init__(self, limit: float = 0.01) -> None:
        super().__init__(limit)

    def clipped(self, weight: Tensor) -> Tensor:
        return ops.clip(weight, -self.limit, self.limit)
