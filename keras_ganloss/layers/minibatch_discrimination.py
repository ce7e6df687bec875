"""Minibatch discrimination: how close the other samples are."""

from typing import Any

import keras
from keras import initializers
from keras import ops

from keras_ganloss.utils import arguments
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.typing import Tensor


def closeness(projections: Tensor) -> Tensor:
    """How close each sample is to all others, in each of several views.

    `sum(exp(-||p_i - p_j||_1) for j != i)`.

    Args:
        projections: Tensor of shape `(batch_size, num_kernels, kernel_dim)`.

    Returns:
        Tensor of shape `(batch_size, num_kernels)`.
    """
    differences = projections[:, None] - projections[None]
    distances = ops.sum(ops.abs(differences), axis=-1)
    # Each sample is at distance zero from itself.
    return ops.sum(ops.exp(-distances), axis=1) - 1.0


@keras.saving.register_keras_serializable(package="keras_ganloss")
class MinibatchDiscrimination(keras.layers.Layer):
    """Tells the discriminator how close to a sample the others are.

    Against collapse, with learned views of closeness; see
    `MinibatchStandardDeviation` for a cheaper one. Appends `num_kernels`
    features. The paper's sum has the sample itself in it, a constant 1; here,
    as in the authors' code, it has not.

    Memory grows with the square of the batch size:
    `batch_size**2 * num_kernels * kernel_dim` numbers.

    Args:
        num_kernels: Int, how many features are appended. Defaults to 100.
        kernel_dim: Int, the size of a projection. Defaults to 5.
        kernel_initializer: Defaults to `"glorot_uniform"`.
        **kwargs: See `keras.layers.Layer`.

    Returns:
        Tensor of shape `(batch_size, features + num_kernels)`, in the compute
        dtype. Distances are float32 at least.

    Raises:
        ValueError: If the inputs are not of shape `(batch_size, features)`.

    Example:

    >>> layer = MinibatchDiscrimination(1, 1, kernel_initializer="ones")
    >>> outputs = layer(keras.ops.array([[0.0], [1.0]]))  # exp(-1) = 0.367879.
    >>> print(keras.ops.convert_to_numpy(outputs).round(4))
    [[0.     0.3679]
     [1.     0.3679]]

    Reference: [Salimans et al., 2016](https://arxiv.org/abs/1606.03498)
    """

    def __init__(
        self,
        num_kernels: int = 100,
        kernel_dim: int = 5,
        kernel_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_kernels = arguments.positive_int("num_kernels", num_kernels)
        self.kernel_dim = arguments.positive_int("kernel_dim", kernel_dim)
        self.kernel_initializer = initializers.get(kernel_initializer)

    def build(self, input_shape: Any) -> None:
        if len(input_shape) != 2 or input_shape[-1] is None:
            raise ValueError(
                "`MinibatchDiscrimination` must be called on features of shape "
                "`(batch_size, features)`. Put `keras.layers.Flatten()` before "
                f"it. Received: input_shape={tuple(input_shape)}"
            )
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.num_kernels * self.kernel_dim),
            initializer=self.kernel_initializer,
        )

    def call(self, inputs: Tensor) -> Tensor:
        projections = ops.reshape(
            widen(ops.matmul(inputs, self.kernel)),
            (-1, self.num_kernels, self.kernel_dim),
        )
        features = ops.cast(closeness(projections), inputs.dtype)
        return ops.concatenate([inputs, features], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], input_shape[1] + self.num_kernels)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_kernels": self.num_kernels,
            "kernel_dim": self.kernel_dim,
            "kernel_initializer": initializers.serialize(
                self.kernel_initializer
            ),
        }
