"""A generator that learns from its better fakes alone."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.losses.loss_wrapper import LossWrapper
from keras_ganloss.utils import arguments
from keras_ganloss.utils.stateful import make_memory
from keras_ganloss.utils.typing import Tensor


def keep_lowest(values: Tensor, fraction: float) -> Tensor:
    """Replaces all but the lowest values by zeros.

    At least one is kept, and all that tie with the last one kept. The kept
    ones are scaled so that the mean of all is the mean of the kept. The shape
    does not depend on `fraction`, which may be a tensor.

    Args:
        values: Tensor of any shape.
        fraction: Scalar in (0, 1].
    """
    constants = ops.stop_gradient(values)
    ranked = ops.sort(ops.reshape(constants, (-1,)))
    size = ops.cast(ops.size(values), "float32")
    # Rounded: 0.7 of 10 in float32 is a bit less than 7.
    num = ops.maximum(ops.round(fraction * size), 1.0)
    last = ops.take(ranked, ops.cast(num, "int32") - 1)
    kept = ops.cast(constants <= last, values.dtype)
    return values * kept / ops.mean(kept)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class TopK(LossWrapper):
    """Any loss whose generator throws its worst fakes away.

    Worst are those that the generator's side of the base says cost most:
    those of lowest output for most losses, as in the paper. Of a patch
    discriminator each patch counts for itself; with `RelativisticAverage` and
    `Relativistic` as base, pairs of samples are kept or not. Each replica
    keeps its own best.

    Args:
        base: An `AdversarialLoss`, or its config. Defaults to `Logistic()`.
        fraction: Float in (0, 1], the share that is kept, or a
            `keras.optimizers.schedules.LearningRateSchedule` of the duels
            that the discriminator has learned from (in most games its
            updates). Defaults to 0.5. The paper begins with all, as
            `ExponentialDecay(1.0, steps_per_epoch, 0.99, staircase=True)`.
        minimum: Float in [0, 1], what a schedule never goes below, such as
            0.5. Defaults to 0.
        name: See `keras.losses.Loss`.

    Raises:
        ValueError: If `fraction` or `minimum` is out of its range.

    Example:

    >>> loss = TopK(Hinge(), fraction=0.5)
    >>> float(loss.g_loss(fake_output=[[4.0], [-9.0], [2.0], [0.0]]))
    -3.0

    Reference: [Sinha et al., 2020](https://arxiv.org/abs/2002.06224)
    """

    def __init__(
        self,
        base: Any = None,
        fraction: float = 0.5,
        minimum: float = 0.0,
        name: str | None = None,
    ) -> None:
        super().__init__(base, name)
        if isinstance(fraction, dict):
            fraction = keras.saving.deserialize_keras_object(fraction)
        check_fraction(fraction, minimum)
        self.fraction = fraction
        self.minimum = minimum
        self.num_duels = make_memory("num_duels", dtype="int32")

    @property
    def state(self) -> list[Any]:
        return [*super().state, self.num_duels]

    def update_state(self, real_output: Tensor, fake_output: Tensor) -> None:
        super().update_state(real_output, fake_output)
        self.num_duels.assign_add(1)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        fraction = self.fraction
        if callable(fraction):
            fraction = ops.maximum(fraction(self.num_duels), self.minimum)
        values = super().g_call(real_output, fake_output)
        return keep_lowest(values, fraction)

    def get_config(self) -> dict[str, Any]:
        fraction = self.fraction
        if callable(fraction):
            fraction = keras.saving.serialize_keras_object(fraction)
        return {
            **super().get_config(),
            "fraction": fraction,
            "minimum": self.minimum,
        }


def check_fraction(fraction: float, minimum: float) -> None:
    """Raises unless it is a share not below the minimum, or a schedule."""
    schedule = keras.optimizers.schedules.LearningRateSchedule
    largest = 1.0 if isinstance(fraction, schedule) else fraction
    if not (
        arguments.is_number(largest)
        and arguments.is_number(minimum)
        and 0.0 <= minimum <= largest <= 1.0
        and largest > 0.0
    ):
        raise ValueError(
            "`fraction` must be a number in (0, 1], not below `minimum`, or a "
            "`keras.optimizers.schedules.LearningRateSchedule`. Received: "
            f"fraction={fraction!r}, minimum={minimum!r}"
        )
