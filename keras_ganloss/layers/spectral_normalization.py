"""Spectral normalization: kernels divided by their largest singular value."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.layers.reparametrization import Reparametrization
from keras_ganloss.utils import arguments
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.typing import Tensor

# Below it a kernel counts as zero, and is left alone.
TINY = 1e-12


def unit(vector: Tensor) -> Tensor:
    """Divides a vector by its norm; zero stays zero."""
    square = ops.sum(ops.square(vector))
    return vector * ops.rsqrt(ops.maximum(square, TINY**2))


def spectral_norm(
    kernel: Tensor, vector: Tensor, power_iterations: int
) -> tuple[Tensor, Tensor]:
    """The largest singular value of a kernel, by power iteration.

    The kernel is taken as a matrix whose columns are its last axis. The
    singular vectors are constants to the gradient, which is exact where they
    are: a singular value does not change with its vectors to first order.

    Args:
        kernel: Tensor of shape `(..., columns)`, float32 or wider.
        vector: Tensor of shape `(1, columns)`, the right singular vector as
            far as it is known.
        power_iterations: Int, at least 1.

    Returns:
        The norm, a scalar, and the vector after the iterations.
    """
    matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))
    constant = ops.stop_gradient(matrix)
    for _ in range(power_iterations):
        left = unit(ops.matmul(vector, ops.transpose(constant)))
        vector = unit(ops.matmul(left, constant))
    norm = ops.sum(ops.matmul(left, matrix) * vector)
    return norm, vector


@keras.saving.register_keras_serializable(package="keras_ganloss")
class SpectralNormalization(Reparametrization):
    """Calls a layer with its kernel divided by its spectral norm.

    Bounds how fast a discriminator can change, without a penalty. Unlike
    `keras.layers.SpectralNormalization`, which assigns the quotient to the
    kernel, it leaves the kernel to the optimizer and differentiates through
    the norm, as the paper does, on every backend alike; so a discriminator
    may judge several times a step, and gradient penalties may differentiate
    it twice.

    Every weight of the layer, and of layers in it, that is called `kernel`,
    `..._kernel` or `embeddings` is normalized by itself: that includes
    separable convolutions, recurrent layers and `Projection`. A kernel counts
    as a matrix whose columns are its last axis, as in TF-GAN and Keras. For a
    convolution these are its outputs. For a transposed one they are its
    inputs: it is the adjoint of the convolution with the same kernel, which
    has the same norm.

    Each call in training moves the vector of the power iteration, in a
    game those of the discriminator's turn alone.

    Args:
        layer: A layer that is called on one argument and has such a weight.
        power_iterations: Int, at each call. Defaults to 1.
        equality_constrained: Whether the norm becomes 1. With `False` it
            becomes 1 at most: smaller ones are left alone. Defaults to
            `True`.
        **kwargs: See `keras.layers.Layer`. The dtype defaults to the layer's.

    Returns:
        What the layer returns.

    Raises:
        ValueError: If the layer has no kernel, or is called on several
            arguments.

    Example:

    >>> dense = keras.layers.Dense(
    ...     1, kernel_initializer=keras.initializers.Constant(3.0)
    ... )
    >>> outputs = SpectralNormalization(dense)(keras.ops.array([[1.0]]))
    >>> print(keras.ops.convert_to_numpy(outputs).round(4))
    [[1.]]

    Reference: [Miyato et al., 2018](https://arxiv.org/abs/1802.05957)
    """

    def __init__(
        self,
        layer: Any,
        power_iterations: int = 1,
        equality_constrained: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(layer, **kwargs)
        self.power_iterations = arguments.positive_int(
            "power_iterations", power_iterations
        )
        self.equality_constrained = equality_constrained

    @property
    def kernels(self) -> list[Any]:
        """The weights that are normalized."""
        return [
            weight
            for weight in self.layer.weights
            if weight.name.endswith("kernel") or weight.name == "embeddings"
        ]

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        kernels = self.kernels
        if not kernels:
            raise ValueError(
                "`SpectralNormalization` needs a layer with a weight called "
                "`kernel`, `..._kernel` or `embeddings`. Received: layer="
                f"{type(self.layer).__name__}, with the weights "
                f"{[weight.name for weight in self.layer.weights]}"
            )
        self.vectors = [
            self.add_weight(
                name="vector_u",
                shape=(1, kernel.shape[-1]),
                initializer=keras.initializers.RandomNormal(stddev=1.0),
                dtype=kernel.dtype,
                trainable=False,
                # All replicas compute the same.
                aggregation="only_first_replica",
            )
            for kernel in kernels
        ]

    def values(self, training: bool) -> Any:
        return [
            (kernel, self._normalized(kernel, vector, training))
            for kernel, vector in zip(self.kernels, self.vectors)
        ]

    def _normalized(self, kernel, vector, training):
        wide, before = widen(kernel.value), widen(vector.value)
        norm, after = spectral_norm(wide, before, self.power_iterations)
        is_zero = norm < TINY
        if training:
            # A kernel of zeros must not end the iteration for good.
            after = ops.where(is_zero, before, after)
            vector.assign(ops.cast(after, vector.dtype))
        smallest = 0.0 if self.equality_constrained else 1.0
        divisor = ops.where(is_zero, 1.0, ops.maximum(norm, smallest))
        return ops.cast(wide / ops.cast(divisor, wide.dtype), kernel.dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "power_iterations": self.power_iterations,
            "equality_constrained": self.equality_constrained,
        }
