"""Statistics that can be differentiated twice on every backend."""

from typing import Any

from keras import ops

from keras_ganloss.utils.typing import Tensor


def moments(
    inputs: Tensor, axes: Any, keepdims: bool = True
) -> tuple[Tensor, Tensor]:
    """Mean and variance over some axes.

    Those of `keras.ops.moments`, but for the second derivative: TensorFlow's
    stops the gradient of the mean within the variance, which changes the
    first derivative by nothing and the second by a lot.

    Args:
        inputs: Tensor, float32 or wider.
        axes: Int, list or tuple of ints.
        keepdims: Bool, whether the axes stay, of length 1.

    Returns:
        Two tensors.
    """
    mean = ops.mean(inputs, axis=axes, keepdims=True)
    variance = ops.mean(ops.square(inputs - mean), axis=axes, keepdims=keepdims)
    if not keepdims:
        mean = ops.squeeze(mean, axis=axes)
    return mean, variance


def standardize(
    inputs: Tensor,
    mean: Tensor,
    variance: Tensor,
    epsilon: float,
    gamma: Any = None,
    beta: Any = None,
) -> Tensor:
    """`gamma * (inputs - mean) / sqrt(variance + epsilon) + beta`.

    Args:
        inputs: Tensor.
        mean, variance: Tensors that broadcast against `inputs`.
        epsilon: Float, added to the variance.
        gamma, beta: Optional tensors that broadcast against `inputs`.
    """
    factor = ops.rsqrt(variance + epsilon)
    if gamma is not None:
        factor = factor * ops.cast(gamma, inputs.dtype)
    outputs = (inputs - mean) * factor
    if beta is not None:
        outputs = outputs + ops.cast(beta, inputs.dtype)
    return outputs
