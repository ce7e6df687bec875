"""Minibatch standard deviation: how much the samples of a group differ."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.layers.axes import check_channels
from keras_ganloss.layers.axes import other_axes
from keras_ganloss.utils import arguments
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.typing import Tensor


def group_deviations(
    inputs: Tensor, group_size: int, num_features: int, epsilon: float
) -> Tensor:
    """Mean standard deviation within groups of samples.

    Sample `i` of a batch of `n` is in group `i % max(n // group_size, 1)`:
    all groups have `group_size` samples if that divides `n`, and up to
    `2 * group_size - 1` if not.

    Args:
        inputs: Tensor of shape `(batch_size, ..., channels)`, float32 or
            wider.
        group_size: Int.
        num_features: Int, the number of parts that the channels are divided
            into.
        epsilon: Float, added to the variance.

    Returns:
        Tensor of shape `(batch_size, num_features)`.
    """
    size = ops.shape(inputs)[0]
    num_groups = ops.maximum(size // group_size, 1)
    group = ops.arange(size) % num_groups
    # Row i, column j: one by the size of the group if both are in it.
    together = ops.cast(group[:, None] == group[None, :], inputs.dtype)
    average = together / ops.sum(together, axis=1, keepdims=True)
    flat = ops.reshape(inputs, (size, -1))
    mean = ops.matmul(average, flat)
    variance = ops.matmul(average, ops.square(flat - mean))
    deviation = ops.reshape(
        ops.sqrt(variance + epsilon),
        (size, -1, num_features, inputs.shape[-1] // num_features),
    )
    return ops.mean(deviation, axis=(1, 3))


@keras.saving.register_keras_serializable(package="keras_ganloss")
class MinibatchStandardDeviation(keras.layers.Layer):
    """Tells the discriminator how much the samples of a group differ.

    A generator that always draws the same sample is found out at once. The
    standard deviation over the group is averaged over positions and channels
    and appended as new channels. It belongs near the discriminator's end.

    A sample's output depends on its group: sample `i` of a batch of `n` is in
    group `i % max(n // group_size, 1)`. If `group_size` divides `n`, these
    are StyleGAN2's groups. If not, as in a last, partial batch, groups are
    larger, and no sample is left out. A batch of one sample has no deviation.

    Args:
        group_size: Int, samples in a group. Defaults to 4.
        num_features: Int, how many channels are appended, each for its part
            of the channels. Defaults to 1.
        axis: Int, the axis of the channels. Defaults to -1.
        epsilon: Float, added to the variance. Defaults to 1e-8.
        **kwargs: See `keras.layers.Layer`.

    Returns:
        Tensor of the shape of the inputs with `num_features` channels more,
        in the compute dtype. Statistics are float32 at least.

    Raises:
        ValueError: If `num_features` does not divide the channels.

    Example:

    >>> layer = MinibatchStandardDeviation(group_size=2, epsilon=0.0)
    >>> outputs = layer(keras.ops.array([[1.0, 5.0], [3.0, 5.0]]))
    >>> print(keras.ops.convert_to_numpy(outputs).round(4))
    [[1.  5.  0.5]
     [3.  5.  0.5]]

    Reference:
        [Karras et al., 2018](https://arxiv.org/abs/1710.10196),
        [Karras et al., 2020](https://arxiv.org/abs/1912.04958)
    """

    def __init__(
        self,
        group_size: int = 4,
        num_features: int = 1,
        axis: int = -1,
        epsilon: float = 1e-8,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.group_size = arguments.int_of_at_least(
            2, "group_size", group_size, "A sample does not differ from itself."
        )
        self.num_features = arguments.positive_int("num_features", num_features)
        self.axis = axis
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        channels = check_channels(self, input_shape, self.axis)
        if channels % self.num_features:
            raise ValueError(
                "`num_features` must divide the number of channels. Received: "
                f"num_features={self.num_features}, channels={channels}"
            )

    def call(self, inputs: Tensor) -> Tensor:
        axis = self.axis % len(inputs.shape)
        deviations = group_deviations(
            ops.moveaxis(widen(inputs), axis, -1),
            self.group_size,
            self.num_features,
            self.epsilon,
        )
        shape = list(ops.shape(inputs))
        shape[axis] = self.num_features
        for position in other_axes(len(shape), 0, axis):
            deviations = ops.expand_dims(deviations, position)
        deviations = ops.broadcast_to(deviations, shape)
        deviations = ops.cast(deviations, inputs.dtype)
        return ops.concatenate([inputs, deviations], axis=axis)

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = list(input_shape)
        shape[self.axis] += self.num_features
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "group_size": self.group_size,
            "num_features": self.num_features,
            "axis": self.axis,
            "epsilon": self.epsilon,
        }
