"""The abstract penalties, and the norm that most of them need."""

import keras
from keras import ops

from keras_ganloss.utils import schedules
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


def mean_of_outputs(function, *outputs):
    """Returns the mean of a function of outputs, added up over their parts.

    Args:
        function: Called on one tensor of each of `outputs`.
        *outputs: What a discriminator returned, tensors or equal nests of
            them.
    """
    return sum(
        ops.mean(function(*parts))
        for parts in zip(*map(keras.tree.flatten, outputs), strict=True)
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

    # Whether it differentiates a gradient, so that a step does so twice.
    differentiates_twice = False

    def __init__(self, weight, name=None):
        self.weight = schedules.check_value("weight", weight)
        self.name = name or snake_case(type(self).__name__)

    def weighted(self, value, step):
        """Returns a scalar times the weight at an update."""
        return ops.multiply(schedules.value_at(self.weight, step), value)

    def get_config(self):
        weight = keras.saving.serialize_keras_object(self.weight)
        return {"weight": weight, "name": self.name}

    @classmethod
    def from_config(cls, config):
        return cls(**keras.saving.deserialize_keras_object(dict(config)))


class Penalty(WeightedTerm):
    """What the discriminator minimizes besides its loss.

    Subclasses fill `__call__`. The generator gets no gradient from a penalty.

    Args:
        weight, name: See `WeightedTerm`.
    """

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

    def build(self, discriminators):
        """Makes what it has to remember of a list of networks, in `compile`."""

    def after_update(self, variables):
        """Acts on the discriminator's variables after each update."""
