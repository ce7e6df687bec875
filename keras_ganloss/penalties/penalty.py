"""The abstract penalties, and the norm that most of them need."""

import keras
from keras import ops

from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.registry import snake_case
from keras_ganloss.utils.stateful import Stateful


def squared_norm(tensors):
    """Squared norm of each sample, over all other axes, in float32 at least.

    Args:
        tensors: A tensor of shape `(batch_size, ...)`, or several of them
            (samples with several parts), whose squares are added.

    Returns:
        Tensor of shape `(batch_size,)`.
    """
    return sum(
        ops.sum(
            ops.square(widen(tensor)),
            axis=tuple(range(1, len(tensor.shape))),
        )
        for tensor in keras.tree.flatten(tensors)
    )


class WeightedTerm(Stateful):
    """Abstract: a term of a loss that carries its weight.

    Args:
        weight: Float, the factor of the penalty, at least 0, or a
            `keras.optimizers.schedules.LearningRateSchedule` of the number
            of updates that the player has made.
        name: The name in the logs. Defaults to the class's, in snake case.
            A penalty whose name is `None` is not logged.
    """

    def __init__(self, weight, name=None):
        self.weight = check_weight(weight)
        self.name = name or snake_case(type(self).__name__)

    def weight_at(self, step):
        """Returns the weight at an update, a float or a scalar tensor."""
        if callable(self.weight):
            return ops.cast(self.weight(step), "float32")
        return self.weight

    def get_config(self):
        weight = self.weight
        if callable(weight):
            weight = keras.saving.serialize_keras_object(weight)
        return {"weight": weight, "name": self.name}

    @classmethod
    def from_config(cls, config):
        return cls(**keras.saving.deserialize_keras_object(dict(config)))


def check_weight(weight):
    """Returns the weight; raises unless it is a number or a schedule."""
    if isinstance(weight, keras.optimizers.schedules.LearningRateSchedule):
        return weight
    if isinstance(weight, bool) or not isinstance(weight, (int, float)):
        raise ValueError(
            "`weight` must be a number, or a "
            "`keras.optimizers.schedules.LearningRateSchedule`. "
            f"Received: weight={weight!r} (of type {type(weight).__name__})"
        )
    if not weight >= 0:
        raise ValueError(
            f"`weight` must not be negative. Received: weight={weight}"
        )
    return float(weight)


class Penalty(WeightedTerm):
    """What the discriminator minimizes besides its loss.

    Subclasses fill `__call__`, or `after_update`, or both. The generator
    gets no gradient from a penalty.

    Args:
        weight, name: See `WeightedTerm`.
    """

    # Whether the discriminator's gradient is part of it, so that a step
    # differentiates twice.
    differentiates_twice = False

    def __call__(self, judge, real, fake):
        """Returns the weighted penalty, a scalar.

        Args:
            judge: A `Judge`, the discriminator bound to this step.
            real: Real samples, a tensor or a nest of tensors of shape
                `(batch_size, ...)`.
            fake: Fake samples of the same structure.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `__call__(judge, real, "
            "fake)`."
        )

    def check(self, discriminator):
        """Warns of, or refuses, a discriminator that it does not suit."""

    def after_update(self, variables):
        """Acts on the discriminator's variables after each update."""
