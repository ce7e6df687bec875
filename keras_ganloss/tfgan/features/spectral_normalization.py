"""TF-GAN's spectral normalization, with its state as an argument.

The estimate of the left singular vector, `u`, lives in a variable. TF-GAN
finds it by its scope; here `spectral_norm_u` makes it, and it is handed over.
`keras.layers.SpectralNormalization` and its like wrap whole layers instead.
"""

import numbers
from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from keras_ganloss.utils.typing import Tensor

# What TF-GAN's normalization of vectors adds to nothing but zeros.
EPSILON = 1e-12


def spectral_norm_u(
    w_tensor: Tensor, seed: int | None = None
) -> keras.Variable:
    """Makes the variable that the other functions take as `u`.

    Args:
        w_tensor: The weights, of shape `(..., num_outputs)`.
        seed: Optional int or `keras.random.SeedGenerator`.

    Returns:
        `keras.Variable` of shape `(rows, 1)`, standard normal, where the
        weights as a matrix have `rows` rows and `num_outputs` columns.
    """
    w = _as_matrix(w_tensor)
    return keras.Variable(
        keras.random.normal((w.shape[0], 1), seed=seed),
        dtype=keras.backend.standardize_dtype(w.dtype),
        trainable=False,
        name="spectral_norm_u",
    )


def power_iteration(w: Tensor, u: Tensor, rounds: int) -> tuple[Tensor, Tensor]:
    """Improves the estimate of the largest singular value of a matrix.

    No gradient flows through the vectors, so that of the value with respect
    to the matrix is their outer product.

    Args:
        w: Tensor of shape `(rows, columns)`.
        u: Tensor of shape `(rows, 1)`.
        rounds: Int, at least 1.

    Returns:
        The value, a scalar, and the next `u`.
    """
    for _ in range(rounds):
        v = _unit(ops.matmul(ops.transpose(w), u))
        u = _unit(ops.matmul(w, v))
    u, v = ops.stop_gradient(u), ops.stop_gradient(v)
    value = ops.matmul(ops.matmul(ops.transpose(u), w), v)
    return value[0, 0], u


def compute_spectral_norm(
    w_tensor: Tensor,
    power_iteration_rounds: int = 1,
    training: bool = True,
    name: str | None = None,
    u: Tensor = None,
) -> Tensor:
    """Estimates the largest singular value of weights.

    Args:
        w_tensor: The weights, of shape `(..., num_outputs)`.
        power_iteration_rounds: Int, at least 1. Defaults to 1.
        training: Bool, whether `u` is updated: then every call makes the
            estimate better.
        name: Optional name scope.
        u: The variable that `spectral_norm_u(w_tensor)` made.

    Returns:
        Scalar of the dtype of the weights.

    Raises:
        ValueError: If `u` is missing, or there are no rounds.

    Reference: [Miyato et al., 2018](https://arxiv.org/abs/1802.05957)
    """
    if u is None:
        raise ValueError(
            "`u` must be given: make it once with `spectral_norm_u(w_tensor)` "
            "and keep it. Received: u=None"
        )
    if power_iteration_rounds < 1:
        raise ValueError(
            "`power_iteration_rounds` must be at least 1. Received: "
            f"power_iteration_rounds={power_iteration_rounds}"
        )
    with keras.name_scope(name or "spectral_norm"):
        value, next_u = power_iteration(
            _as_matrix(w_tensor), u.value, power_iteration_rounds
        )
        if training:
            u.assign(next_u)
        return value


def spectral_normalize(
    w: Tensor,
    power_iteration_rounds: int = 1,
    equality_constrained: bool = True,
    training: bool = True,
    name: str | None = None,
    u: Tensor = None,
) -> Tensor:
    """Divides weights by their largest singular value.

    Args:
        w: The weights, of shape `(..., num_outputs)`.
        power_iteration_rounds, training, u: See `compute_spectral_norm`.
        equality_constrained: Bool, whether a value below one divides too.
            Defaults to `True`.
        name: Optional name scope.

    Returns:
        Tensor of the shape of `w`.

    Raises:
        ValueError: See `compute_spectral_norm`.

    Reference: [Miyato et al., 2018](https://arxiv.org/abs/1802.05957)
    """
    with keras.name_scope(name or "spectral_normalize"):
        factor = compute_spectral_norm(
            w, power_iteration_rounds, training=training, u=u
        )
        if not equality_constrained:
            factor = ops.where(factor > 1.0, factor, ops.ones_like(factor))
        return ops.convert_to_tensor(w) / factor


def spectral_norm_regularizer(
    scale: float,
    power_iteration_rounds: int = 1,
    training: bool = True,
    scope: Any = None,
    u: Tensor = None,
) -> Callable[..., Any]:
    """Returns a function of weights: their largest singular value, scaled.

    Args:
        scale: Float, not negative. At 0 the function returns `None`.
        power_iteration_rounds, training, u: See `compute_spectral_norm`.
        scope: Optional name scope.

    Returns:
        A function of `(weights, name=None)`.

    Raises:
        ValueError: If `scale` is an integer or negative; see also
            `compute_spectral_norm`.

    Reference: [Yoshida and Miyato, 2017](https://arxiv.org/abs/1705.10941)
    """
    if isinstance(scale, numbers.Integral) or (
        isinstance(scale, numbers.Real) and not scale >= 0.0
    ):
        raise ValueError(
            "`scale` must be a float and not negative. "
            f"Received: scale={scale!r}"
        )
    if isinstance(scale, numbers.Real) and scale == 0.0:
        return lambda weights, name=None: None

    def sn(weights, name=None):
        with keras.name_scope(name or scope or "SpectralNormRegularizer"):
            value = compute_spectral_norm(
                weights, power_iteration_rounds, training=training, u=u
            )
            return ops.cast(scale, value.dtype) * value

    return sn


def _as_matrix(w_tensor):
    w = ops.convert_to_tensor(w_tensor)
    return ops.reshape(w, (-1, w.shape[-1]))


def _unit(vector):
    square = ops.sum(ops.square(vector))
    return vector * ops.rsqrt(ops.where(square > EPSILON, square, EPSILON))
