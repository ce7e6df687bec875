"""The reductions of TensorFlow 1, which TF-GAN's losses take."""

from typing import Any

from keras import ops

from keras_ganloss.utils.shapes import check_same_shape
from keras_ganloss.utils.typing import Tensor


class Reduction:
    """Names of the reductions; the strings of `tf.compat.v1.losses`.

    With losses `l` and weights `w`, which were broadcast to the losses:

    - `NONE`: `w * l`, unreduced.
    - `SUM`: `sum(w * l)`.
    - `SUM_OVER_BATCH_SIZE`: the sum divided by the number of losses.
    - `MEAN`: the sum divided by `sum(w)`.
    - `SUM_BY_NONZERO_WEIGHTS`, TF-GAN's default: the sum divided by the
      number of weights that are not zero. Negative weights count.

    What would be divided by zero is zero.
    """

    NONE = "none"
    SUM = "weighted_sum"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    MEAN = "weighted_mean"
    SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """Returns the names, as a tuple."""
        return (
            cls.NONE,
            cls.SUM,
            cls.SUM_OVER_BATCH_SIZE,
            cls.MEAN,
            cls.SUM_BY_NONZERO_WEIGHTS,
        )

    @classmethod
    def validate(cls, key: str) -> None:
        """Raises a ValueError if `key` is not a reduction."""
        if key not in cls.all():
            raise ValueError(
                f"`reduction` must be one of {cls.all()}. Received: "
                f"reduction={key!r}"
            )


def compute_weighted_loss(losses: Any, weights: Any, reduction: str) -> Tensor:
    """Weighs and reduces losses, in float32 whatever their dtype.

    Args:
        losses: Float tensor of any shape.
        weights: A number, or a tensor of the rank of `losses` whose axes
            are as long as those of `losses`, or 1. They multiply: a loss
            that is not finite stays so under a weight of zero.
        reduction: See `Reduction`.

    Returns:
        A tensor of the dtype of `losses`, a scalar unless `reduction` is
        `"none"`.

    Raises:
        ValueError: If the weights do not fit, or there is no such reduction.
    """
    Reduction.validate(reduction)
    if weights is None:
        raise ValueError(
            "`weights` must be a number or a tensor; 1.0 weighs all alike. "
            "Received: weights=None"
        )
    dtype = losses.dtype
    losses = ops.cast(losses, "float32")
    weights = ops.cast(weights, "float32")
    _check_broadcastable(weights, losses)
    weights = ops.broadcast_to(weights, ops.shape(losses))
    weighted = losses * weights
    if reduction == Reduction.NONE:
        return ops.cast(weighted, dtype)
    total = ops.sum(weighted)
    if reduction == Reduction.MEAN:
        total = ops.divide_no_nan(total, ops.sum(weights))
    elif reduction == Reduction.SUM_OVER_BATCH_SIZE:
        total = ops.divide_no_nan(total, ops.sum(ops.ones_like(losses)))
    elif reduction == Reduction.SUM_BY_NONZERO_WEIGHTS:
        present = ops.cast(ops.not_equal(weights, 0.0), "float32")
        total = ops.divide_no_nan(total, ops.sum(present))
    return ops.cast(total, dtype)


def reduce_halves(
    real_losses: Tensor,
    generated_losses: Tensor,
    real_weights: Any,
    generated_weights: Any,
    reduction: str,
) -> Tensor:
    """Adds the losses on real and on generated samples, each reduced.

    Raises:
        ValueError: As `compute_weighted_loss`, or if values that are not
            reduced differ in shape.
    """
    on_real = compute_weighted_loss(real_losses, real_weights, reduction)
    on_generated = compute_weighted_loss(
        generated_losses, generated_weights, reduction
    )
    check_same_shape(
        on_real,
        on_generated,
        "loss_on_real",
        "loss_on_generated",
        "Without a reduction they are added value by value.",
    )
    return on_real + on_generated


def _check_broadcastable(weights, losses):
    shape, target = tuple(weights.shape), tuple(losses.shape)
    if shape and (
        len(shape) != len(target)
        or any(
            size not in (1, None) and full is not None and size != full
            for size, full in zip(shape, target)
        )
    ):
        raise ValueError(
            "`weights` must be a number or have the rank of the losses, with "
            "each axis as long as theirs, or 1; reshape them. Received: "
            f"weights.shape={shape}, losses.shape={target}"
        )
