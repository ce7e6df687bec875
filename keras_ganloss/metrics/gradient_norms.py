"""The gradients' lengths of both players, in the logs of training."""

from typing import Any

import keras
from keras import ops

from keras_ganloss import backend
from keras_ganloss.losses.gradient_ratio import global_norm
from keras_ganloss.metrics.running_means import RunningMeans
from keras_ganloss.utils.typing import Nest

# Of each player's turns.
NAMES = {"discriminator": "d_gradient_norm", "generator": "g_gradient_norm"}


@keras.saving.register_keras_serializable(package="keras_ganloss")
class GradientNorms(keras.metrics.Metric):
    """Gradient norms of both players, in the logs of `fit`.

    `d_gradient_norm` and `g_gradient_norm`: the Euclidean norm of all that the
    player's optimizer is given, penalties, weights and balances included,
    before the optimizer clips or accumulates it. Means over the player's
    updates in the epoch. Of loss scaling (float16) the scale is taken out, and
    steps that it skips do not count; of several replicas it is the gradient of
    the global batch. `evaluate` has no gradients, and no such logs.

    Where these norms are large and `clipnorm` is small, training follows the
    clipping; where the generator's falls to nothing while its loss is high,
    the discriminator has won (`monitors.VanishingGradient`).

    Example:

    ```python
    gan.compile(d_loss="hinge", metrics=[GradientNorms()])
    history = gan.fit(images, epochs=10).history
    history["d_gradient_norm"]
    ```
    """

    def __init__(self) -> None:
        super().__init__(name="gradient_norms", dtype="float32")
        self.means: RunningMeans = RunningMeans(NAMES.values())

    def update_state(self, real: Nest, fake: Nest) -> None:
        """Does nothing: samples have no gradients any more."""
        del real, fake

    def observe(self, player: Any, gradients: Any) -> None:
        """Takes in the gradients of an update.

        Args:
            player: The `Player`.
            gradients: List of those of its scaled loss, before the update;
                `None` counts as zeros.
        """
        optimizer = player.optimizer
        norm = global_norm(backend.global_gradients(gradients))
        norm = norm / ops.cast(optimizer.scale_loss(1.0), norm.dtype)
        count = 1.0
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            finite = ops.isfinite(norm)
            norm = ops.where(finite, norm, 0.0)
            count = ops.cast(finite, "float32")
        self.means.update_state({NAMES[player.name]: norm}, count)

    def result(self) -> dict[str, Any]:
        return self.means.result()

    def get_config(self) -> dict[str, Any]:
        return {}
