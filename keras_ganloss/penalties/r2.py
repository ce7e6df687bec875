"""R2: the squared gradient on fake samples."""

import keras

from keras_ganloss.penalties.squared_gradient_penalty import (
    SquaredGradientPenalty,
)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class R2(SquaredGradientPenalty):
    """`weight / 2` times the mean squared gradient norm on fake samples.

    The partner of `R1`, and as cheap: both share the forward passes of the
    loss.

    Args:
        weight: Float or schedule, the paper's gamma.
        at: See `R1`.
        name: The name in the logs. Defaults to `"r2"`.

    Example:

    ```python
    gan.compile(d_loss="modified_minimax", penalties=[R1(1.0), R2(1.0)])
    ```

    Reference: [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406)
    """

    gradients_at = ("fake",)
