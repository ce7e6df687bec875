"""Instance normalization."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.layers.axes import other_axes
from keras_ganloss.layers.channel_normalization import ChannelNormalization
from keras_ganloss.layers.moments import moments
from keras_ganloss.layers.moments import standardize
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class InstanceNormalization(ChannelNormalization):
    """Standardizes each channel of each sample.

    What image-to-image translation normalizes with: a sample's outputs do
    not depend on its batch, and its contrast is taken away. It is
    `GroupNormalization(groups=-1)`.

    Args:
        axis: Int, the axis of the channels. Defaults to -1.
        epsilon: Float, added to the variance. Defaults to 1e-3 as in Keras;
            TF-GAN has 1e-6, many papers 1e-5.
        center, scale: Whether an offset and a factor a channel are learned.
            Default to `True`.
        beta_initializer, gamma_initializer: Default to zeros and ones.
        beta_regularizer, gamma_regularizer: Optional.
        beta_constraint, gamma_constraint: Optional.
        **kwargs: See `keras.layers.Layer`.

    Returns:
        Tensor of the shape of the inputs, in the compute dtype. Statistics
        are float32 at least.

    Raises:
        ValueError: If the inputs have no axis beside batch and channels.

    Example:

    >>> x = keras.ops.array([[[1.0], [3.0]]])  # A sample of two points.
    >>> outputs = InstanceNormalization(epsilon=0.0)(x)
    >>> print(keras.ops.convert_to_numpy(outputs).round(4))
    [[[-1.]
      [ 1.]]]

    Reference: [Ulyanov et al., 2016](https://arxiv.org/abs/1607.08022)
    """

    def build(self, input_shape: Any) -> None:
        if len(input_shape) < 3:
            raise ValueError(
                "`InstanceNormalization` takes statistics over the axes beside "
                "batch and channels; inputs without such axes would become "
                "zeros. Use `LayerNormalization`. Received: "
                f"input_shape={tuple(input_shape)}"
            )
        self.build_channels(input_shape)

    def call(self, inputs: Tensor) -> Tensor:
        wide = widen(inputs)
        rank = len(inputs.shape)
        statistics = moments(wide, other_axes(rank, 0, self.axis))
        outputs = standardize(
            wide, *statistics, self.epsilon, *self.gamma_and_beta(rank)
        )
        return ops.cast(outputs, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape
