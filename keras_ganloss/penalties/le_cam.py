"""LeCam regularization, for little data."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.penalties.penalty import Penalty
from keras_ganloss.penalties.penalty import mean_of_outputs
from keras_ganloss.utils import arguments
from keras_ganloss.utils.replicas import global_mean
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


def le_cam_distance(
    real_output: Tensor,
    fake_output: Tensor,
    real_mean: Tensor,
    fake_mean: Tensor,
) -> Tensor:
    """Squares of how far outputs lie beyond the other side's mean."""
    return ops.square(ops.relu(real_output - fake_mean)) + ops.square(
        ops.relu(real_mean - fake_output)
    )


@keras.saving.register_keras_serializable(package="keras_ganloss")
class LeCam(Penalty):
    """Holds outputs on real samples near the fakes' mean, and vice versa.

    `weight * mean(relu(real - fake_mean)^2 + relu(real_mean - fake)^2)`, with
    moving means of the outputs, this batch's included. With little data it
    keeps the discriminator from learning the data by heart. The paper's
    formula has plain squares; its code, and all others, have the `relu`.
    In `evaluate` the means are those of the training.

    Args:
        weight: Float or schedule. Defaults to 0.3, the paper's for CIFAR-10
            and a hinge loss. It belongs to the scale of the outputs: with a
            logistic loss papers use 1e-6 and less.
        decay: Float in [0, 1), of the moving means. Defaults to 0.9, the
            authors' for CIFAR-10; with StyleGAN2 they take 0.99.
        start: Int, the update of the discriminator from which on the penalty
            is added; the means are followed from the first one, in the
            authors' code from here on. Defaults to 1000.
        name: The name in the logs. Defaults to `"le_cam"`.

    Raises:
        ValueError: If `weight` or `start` is negative, or `decay` is not in
            [0, 1).

    Example:

    ```python
    gan.compile(d_loss="hinge", penalties=[LeCam(0.3)])
    ```

    Reference: [Tseng et al., 2021](https://arxiv.org/abs/2104.03310)
    """

    def __init__(
        self,
        weight: Schedule = 0.3,
        decay: float = 0.9,
        start: int = 1000,
        name: str | None = None,
    ) -> None:
        super().__init__(weight, name)
        self.decay = arguments.fraction("decay", decay, ends="[)")
        self.start = arguments.non_negative_int("start", start)
        self.real_mean, self.fake_mean, self._is_known = [
            keras.Variable(
                0.0,
                trainable=False,
                dtype="float32",
                aggregation="only_first_replica",
                name=part,
            )
            for part in ("real_mean", "fake_mean", "is_known")
        ]

    @property
    def state(self) -> list[Any]:
        return [self.real_mean, self.fake_mean, self._is_known]

    def update_state(self, real_output: Tensor, fake_output: Tensor) -> None:
        means = self._means_with(real_output, fake_output)
        for mean, new in zip((self.real_mean, self.fake_mean), means):
            mean.assign(new)
        self._is_known.assign(1.0)

    def _means_with(self, real_output, fake_output):
        """Returns what the means are after a batch, and leaves them alone."""
        # The first means are taken as they are.
        decay = self.decay * self._is_known
        return [
            decay * mean
            + (1.0 - decay)
            * ops.cast(global_mean(ops.stop_gradient(output)), "float32")
            for mean, output in (
                (self.real_mean, real_output),
                (self.fake_mean, fake_output),
            )
        ]

    def __call__(self, turn: Any, duel: Any) -> Tensor:
        def distance_of(real_output, fake_output):
            means = self.real_mean.value, self.fake_mean.value
            if turn.training:
                # `update_state` writes them, once the loss is known.
                means = self._means_with(real_output, fake_output)
            means = [ops.cast(mean, real_output.dtype) for mean in means]
            return le_cam_distance(real_output, fake_output, *means)

        distance = mean_of_outputs(
            distance_of,
            duel.judge.outputs(duel.real),
            duel.judge.outputs(duel.fake),
        )
        is_on = ops.convert_to_tensor(turn.step) >= self.start
        if not turn.training:
            is_on = ops.logical_and(is_on, self._is_known.value > 0)
        is_on = ops.cast(is_on, distance.dtype)
        return self.weighted(is_on * distance, turn.step)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "decay": self.decay,
            "start": self.start,
        }
