"""Weight clipping of the original WGAN."""

import keras
from keras import ops

from keras_ganloss.penalties.penalty import Penalty


@keras.saving.register_keras_serializable(package="keras_ganloss")
class WeightClipping(Penalty):
    """Clips the critic's weights into a box after each of its updates.

    Every trainable weight is clipped, biases and normalization scales
    included, as in the paper and in TF-GAN. It adds nothing to the loss and
    to the logs.

    Args:
        limit: Float, weights end in `[-limit, limit]`. Defaults to 0.01.

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

    def __init__(self, limit=0.01):
        if not limit > 0:
            raise ValueError(
                f"`limit` must be positive. Received: limit={limit}"
            )
        super().__init__(weight=0.0)
        self.name = None
        self.limit = limit

    def __call__(self, judge, real, fake):
        del judge, real, fake
        return 0.0

    def after_update(self, variables):
        for variable in variables:
            variable.assign(ops.clip(variable, -self.limit, self.limit))

    def get_config(self):
        return {"limit": self.limit}
