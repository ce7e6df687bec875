"""Layer normalization that gradient penalties can differentiate."""

import keras
from keras import ops

from keras_ganloss.layers.moments import moments
from keras_ganloss.layers.moments import standardize
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class LayerNormalization(keras.layers.LayerNormalization):
    """`keras.layers.LayerNormalization` with the right second derivative.

    The usual normalization of a critic under a gradient penalty, since it
    treats each sample by itself. Keras's has the same outputs, and a wrong
    gradient of the penalty on TensorFlow.

    Args:
        axis, epsilon, center, scale, ...: See
            `keras.layers.LayerNormalization`; all arguments are the same.

    Returns:
        Tensor of the shape of the inputs, in the compute dtype. Statistics
        are float32 at least.

    Example:

    >>> outputs = LayerNormalization(epsilon=0.0)(keras.ops.array([[1.0, 3.0]]))
    >>> print(keras.ops.convert_to_numpy(outputs).round(4))
    [[-1.  1.]]

    Reference: [Ba et al., 2016](https://arxiv.org/abs/1607.06450)
    """

    def call(self, inputs: Tensor) -> Tensor:
        if self.rms_scaling:  # Deprecated, and right in Keras.
            return super().call(inputs)
        wide = widen(inputs)
        shape = [1] * len(inputs.shape)
        for axis in self.axis:
            shape[axis] = inputs.shape[axis]
        gamma, beta = (
            None if weight is None else ops.reshape(weight, shape)
            for weight in (self.gamma, self.beta)
        )
        outputs = standardize(
            wide, *moments(wide, self.axis), self.epsilon, gamma, beta
        )
        return ops.cast(outputs, self.compute_dtype)
