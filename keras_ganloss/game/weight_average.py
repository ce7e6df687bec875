"""Exponential moving average of weights."""

import contextlib

import keras
from keras import ops

from keras_ganloss.utils import arguments


def check_decay(decay):
    """Returns the decay; raises unless it lies in [0, 1)."""
    hint = "Pass one such as 0.999, or `None`."
    return arguments.fraction("ema", decay, hint, ends="[)")


class WeightAverage(keras.layers.Layer):
    """Averaged copies of a list of variables, saved with the model.

    In the first updates the decay is ramped up as `(1 + t) / (10 + t)`, so
    that a short run is not an average over its random start.

    Args:
        decay: Float in [0, 1), the share of the average that stays at each
            update.
        variables: The list of `keras.Variable`s to follow.
    """

    def __init__(self, decay, variables):
        super().__init__(name="weight_average", dtype=keras.config.floatx())
        self.decay = check_decay(decay)
        self.built = True
        self.averages = [
            self.add_weight(
                shape=variable.shape, initializer="zeros", trainable=False
            )
            for variable in variables
        ]
        for average, variable in zip(self.averages, variables):
            average.assign(ops.copy(ops.convert_to_tensor(variable)))
        self._followed = tuple(id(variable) for variable in variables)

    def follow(self, variables):
        """Returns an average of these variables, with what is known of them.

        Averages of variables that are followed already are kept.
        """
        if self._followed == tuple(id(variable) for variable in variables):
            return self
        other = WeightAverage(self.decay, variables)
        known = dict(zip(self._followed, self.averages))
        for average, variable in zip(other.averages, variables):
            if id(variable) in known:
                average.assign(ops.copy(known[id(variable)].value))
        return other

    def update(self, variables, num_updates):
        """Moves the averages towards the variables.

        Args:
            variables: The variables that are followed.
            num_updates: How many times they have been updated, this time
                included.
        """
        time = ops.cast(num_updates, keras.config.floatx())
        decay = ops.minimum(self.decay, (1.0 + time) / (10.0 + time))
        for average, variable in zip(self.averages, variables):
            difference = ops.convert_to_tensor(variable) - average
            average.assign_add((1.0 - decay) * difference)

    def values(self, variables):
        """Returns a dict of `id(variable)` to its average."""
        return {
            id(variable): average.value
            for variable, average in zip(variables, self.averages)
        }

    @contextlib.contextmanager
    def in_place(self, variables):
        """Puts the averages into the variables for the time of a block."""
        current = [ops.convert_to_numpy(variable) for variable in variables]
        try:
            for variable, average in zip(variables, self.averages):
                variable.assign(ops.convert_to_numpy(average))
            yield
        finally:
            for variable, value in zip(variables, current):
                variable.assign(value)
