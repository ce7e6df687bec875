"""Virtual batch normalization: the statistics of a fixed batch."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.layers.axes import other_axes
from keras_ganloss.layers.channel_normalization import ChannelNormalization
from keras_ganloss.layers.moments import moments
from keras_ganloss.layers.moments import standardize
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.shapes import check_same_shape
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


def virtual_moments(
    inputs: Tensor, reference: Nest, axis: Any
) -> tuple[Tensor, Tensor]:
    """Mean and variance of the reference batch with one sample more.

    The mean and the mean square are `1 / (n + 1)` times the sample's and
    `n / (n + 1)` times those of the `n` reference samples.

    Args:
        inputs: Tensor of shape `(batch_size, ...)`, float32 or wider.
        reference: Tensor of shape `(reference_size, ...)`.
        axis: Int, the axis of the channels.

    Returns:
        Mean and variance of each sample of `inputs`, and of `reference`;
        all broadcast against `inputs`.
    """
    rank = len(inputs.shape)
    mean, variance = moments(reference, other_axes(rank, axis))
    share = 1.0 / (ops.cast(ops.shape(reference)[0], inputs.dtype) + 1.0)
    axes = other_axes(rank, 0, axis)
    # Relative to the reference's mean, whose square would swallow digits.
    shift = ops.mean(inputs - mean, axis=axes, keepdims=True)
    square = ops.mean(ops.square(inputs - mean), axis=axes, keepdims=True)
    virtual_mean = mean + share * shift
    virtual_variance = (
        share * square + (1.0 - share) * variance - ops.square(share * shift)
    )
    return (virtual_mean, virtual_variance), (mean, variance)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class VirtualBatchNormalization(ChannelNormalization):
    """Normalizes by the statistics of a fixed batch and of the sample itself.

    Batch normalization whose outputs depend on no other sample of the batch,
    in training as in use. The fixed batch must have gone through the same
    layers with the same weights, so it travels along: the layer is called on
    `[inputs, reference]` and returns both, normalized. `ReferenceBatch`
    begins the second path, and what is shared by both paths is called twice:

    ```python
    x = inputs = keras.Input((28, 28, 1))
    reference = layers.ReferenceBatch(images[:64])(inputs)
    conv = keras.layers.Conv2D(64, 5, strides=2, activation="silu")
    x, reference = conv(x), conv(reference)
    x, reference = layers.VirtualBatchNormalization()([x, reference])
    ```

    It costs a forward pass of the reference batch at each call.

    Args:
        axis: Int, the axis of the channels. Defaults to -1.
        epsilon: Float, added to the variance. Defaults to 1e-3, as in TF-GAN.
        center, scale: Whether an offset and a factor a channel are learned.
            Default to `True`.
        beta_initializer, gamma_initializer: Default to zeros and ones.
        beta_regularizer, gamma_regularizer: Optional.
        beta_constraint, gamma_constraint: Optional.
        **kwargs: See `keras.layers.Layer`.

    Returns:
        List of two tensors of the shapes of the inputs, in the compute dtype.
        Statistics are float32 at least.

    Raises:
        ValueError: If it is not called on two tensors that have the same
            shape but for the batch.

    Example:

    >>> layer = VirtualBatchNormalization(epsilon=0.0)
    >>> x = keras.ops.array([[2.0]])
    >>> reference = keras.ops.array([[-1.0], [1.0]])
    >>> outputs, reference = layer([x, reference])
    >>> # Mean 2/3, mean square 2: (2 - 2/3) / sqrt(2 - 4/9).
    >>> print(keras.ops.convert_to_numpy(outputs).round(4))
    [[1.069]]

    Reference: [Salimans et al., 2016](https://arxiv.org/abs/1606.03498)
    """

    def build(self, input_shape: Any) -> None:
        if len(input_shape) != 2 or not isinstance(
            input_shape[0], (list, tuple)
        ):
            raise ValueError(
                "`VirtualBatchNormalization` must be called on two tensors, "
                "`[inputs, reference]`. `ReferenceBatch` gives the second. "
                f"Received: input_shape={input_shape}"
            )
        self.build_channels(input_shape[0])

    def call(self, inputs: Tensor) -> Tensor:
        inputs, reference = inputs
        check_same_shape(
            inputs[:1],
            reference[:1],
            "inputs[:1]",
            "reference[:1]",
            "The reference batch must go through the same layers.",
        )
        wide, wide_reference = widen(inputs), widen(reference)
        weights = self.gamma_and_beta(len(inputs.shape))
        statistics = virtual_moments(wide, wide_reference, self.axis)
        return [
            ops.cast(
                standardize(tensor, *pair, self.epsilon, *weights),
                self.compute_dtype,
            )
            for tensor, pair in zip((wide, wide_reference), statistics)
        ]

    def compute_output_shape(self, input_shape: Any) -> Any:
        return [tuple(shape) for shape in input_shape]
