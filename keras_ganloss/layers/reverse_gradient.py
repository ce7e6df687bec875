"""Gradient reversal: what helps one side of a layer hurts the other."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.utils import schedules
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Schedule


def reverse_gradient(inputs: Nest, weight: Any = 1.0) -> Nest:
    """Returns what it gets; the gradient is `-weight` times what comes in.

    Args:
        inputs: A tensor of floats, or a nest of such, all finite.
        weight: Number or scalar tensor.
    """

    def reverse(tensor):
        constant = ops.stop_gradient(tensor)
        # The difference is zero, to the bit, but for its gradient.
        return constant - ops.cast(weight, tensor.dtype) * (tensor - constant)

    return keras.tree.map_structure(reverse, inputs)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class ReverseGradient(keras.layers.Layer):
    """Gradient reversal: the identity, whose gradient is `-weight` times.

    Between features and a classifier of domains, say, in a plain Keras model:
    the classifier learns to tell the domains apart, and the features, by the
    same loss, to look alike. As a game of two players, each with an optimizer
    and a loss of its own, it is `keras_ganloss.models.DomainAdversarial`.

    Args:
        weight: Float of at least 0, or a
            `keras.optimizers.schedules.LearningRateSchedule` of the number of
            calls in training so far, such as
            `optimizers.DomainAdversarialSchedule`. Defaults to 1.
        **kwargs: See `keras.layers.Layer`.

    Returns:
        The inputs, a tensor or a nest of tensors.

    Raises:
        ValueError: If `weight` is negative.

    Example:

    ```python
    x = keras.Input((4,))
    features = keras.layers.Dense(8, "relu")(x)
    label = keras.layers.Dense(3, name="label")(features)
    reversed_features = ReverseGradient(0.1)(features)
    domain = keras.layers.Dense(1, name="domain")(reversed_features)
    model = keras.Model(x, [label, domain])
    ```

    Reference: [Ganin and Lempitsky, 2014](https://arxiv.org/abs/1409.7495)
    """

    def __init__(self, weight: Schedule = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.weight = schedules.check_value("weight", weight)
        self.num_calls = None

    def build(self, input_shape: Any) -> None:
        del input_shape
        if callable(self.weight):
            self.num_calls = self.add_weight(
                shape=(),
                initializer="zeros",
                dtype="int32",
                trainable=False,
                aggregation="only_first_replica",
                name="num_calls",
            )

    def call(self, inputs: Nest, training: bool = False) -> Nest:
        weight = schedules.value_at(self.weight, self.num_calls)
        if training and self.num_calls is not None:
            self.num_calls.assign_add(1)
        return reverse_gradient(inputs, weight)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "weight": keras.saving.serialize_keras_object(self.weight),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "ReverseGradient":
        weight = keras.saving.deserialize_keras_object(config["weight"])
        return cls(**{**config, "weight": weight})
