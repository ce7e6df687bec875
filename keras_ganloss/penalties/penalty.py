"""The abstract penalty, and the norm that most of them need."""

import keras
from keras import ops

from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.registry import snake_case


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


class Penalty:
    """What the discriminator minimizes besides its loss.

    Subclasses fill `__call__`, or `after_update`, or both. The generator
    gets no gradient from a penalty.

    Args:
        weight: Float, the factor of the penalty, at least 0.
        name: The name in the logs. Defaults to the class's, in snake case.
            A penalty whose name is `None` is not logged.
    """

    # Whether the discriminator's gradient is part of it, so that a step
    # differentiates twice.
    differentiates_twice = False

    def __init__(self, weight, name=None):
        if isinstance(weight, bool) or not isinstance(weight, (int, float)):
            raise ValueError(
                "`weight` must be a number. "
                f"Received: weight={weight!r} (of type "
                f"{type(weight).__name__})"
            )
        if not weight >= 0:
            raise ValueError(
                f"`weight` must not be negative. Received: weight={weight}"
            )
        self.weight = float(weight)
        self.name = name or snake_case(type(self).__name__)

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

    def get_config(self):
        return {"weight": self.weight, "name": self.name}

    @classmethod
    def from_config(cls, config):
        return cls(**config)
