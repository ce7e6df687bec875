"""The weight that gives two losses gradients of a fixed ratio."""

from collections.abc import Sequence

from keras import ops

from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.typing import Tensor


def global_norm(tensors: Sequence[Tensor]) -> Tensor:
    """Norm over all numbers in a list of tensors, without overflow.

    Args:
        tensors: List of tensors; `None` counts as zeros.

    Returns:
        A scalar, 0 if there is nothing but zeros.
    """
    tensors = [widen(tensor) for tensor in tensors if tensor is not None]
    if not tensors:
        return ops.zeros(())
    largest = ops.max(
        ops.stack([ops.max(ops.abs(tensor)) for tensor in tensors])
    )
    scale = ops.where(largest > 0, largest, ops.ones_like(largest))
    squares = [ops.sum(ops.square(tensor / scale)) for tensor in tensors]
    return largest * ops.sqrt(sum(squares))


def gradient_ratio_weight(
    main_gradients: Sequence[Tensor],
    adversarial_gradients: Sequence[Tensor],
    ratio: float = 1.0,
    epsilon: float = 1e-6,
) -> Tensor:
    """Weight of the adversarial loss, from the gradients of both.

    With it the norm of the main loss's gradient is `ratio` times that of
    the adversarial one. No gradient flows through it.

    Args:
        main_gradients: List of the gradients of the main loss; `None` counts
            as zeros.
        adversarial_gradients: List of those of the adversarial loss, with
            respect to the same variables.
        ratio: Float, not 0. Defaults to 1.
        epsilon: Float, added to the norm that is divided by. Defaults to
            1e-6.

    Returns:
        A scalar, finite for gradients of zeros too.

    Example:

    >>> main, adversarial = ops.ones((4,)), ops.ones((1,))
    >>> float(gradient_ratio_weight([main], [adversarial], epsilon=0.0))
    2.0

    Reference: [Rippel and Bourdev, 2017](https://arxiv.org/abs/1705.05823),
        [Esser et al., 2020](https://arxiv.org/abs/2012.09841)
    """
    weight = global_norm(main_gradients) / (
        global_norm(adversarial_gradients) + epsilon
    )
    return ops.stop_gradient(weight / ratio)
