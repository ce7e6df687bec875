"""The weight of a domain classifier's loss, which grows as it learns."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.utils import arguments


@keras.saving.register_keras_serializable(package="keras_ganloss")
class DomainAdversarialSchedule(
    keras.optimizers.schedules.LearningRateSchedule
):
    """`final * (2 / (1 + exp(-gamma * progress)) - 1)`, from 0 to `final`.

    The weight of the adversarial loss in domain adaptation: at first the
    discriminator of domains knows nothing, and what it says is noise. Progress
    goes from 0 to 1 in `num_steps`, and stays there.

    Args:
        num_steps: Int, updates in the whole run, such as
            `epochs * len(dataset)`.
        gamma: Float, how fast it grows. Defaults to 10, as in the paper.
        final: Float, what it comes close to. Defaults to 1.

    Raises:
        ValueError: If an argument is not positive.

    Example:

    >>> schedule = DomainAdversarialSchedule(num_steps=100)
    >>> print(round(float(schedule(10)), 4))
    0.4621

    Reference: [Ganin et al., 2016](https://arxiv.org/abs/1505.07818)
    """

    def __init__(
        self, num_steps: int, gamma: float = 10.0, final: float = 1.0
    ) -> None:
        self.num_steps = arguments.positive_int("num_steps", num_steps)
        self.gamma = arguments.positive("gamma", gamma)
        self.final = arguments.positive("final", final)

    def __call__(self, step: Any) -> Any:
        progress = ops.cast(step, "float32") / self.num_steps
        progress = ops.minimum(progress, 1.0)
        # The same in another form, which is exact near zero.
        return self.final * ops.tanh(0.5 * self.gamma * progress)

    def get_config(self) -> dict[str, Any]:
        return {
            "num_steps": self.num_steps,
            "gamma": self.gamma,
            "final": self.final,
        }
