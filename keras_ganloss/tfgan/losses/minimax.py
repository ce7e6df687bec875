"""TF-GAN's minimax losses, and the modified, non-saturating ones."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.tfgan.losses.arguments import LOSSES
from keras_ganloss.tfgan.losses.arguments import check_graph_arguments
from keras_ganloss.tfgan.losses.cross_entropy import (
    smoothed_sigmoid_cross_entropy,
)
from keras_ganloss.tfgan.losses.reduction import Reduction
from keras_ganloss.tfgan.losses.reduction import compute_weighted_loss
from keras_ganloss.tfgan.losses.reduction import reduce_halves
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss.tfgan")
def minimax_discriminator_loss(
    discriminator_real_outputs: Tensor,
    discriminator_gen_outputs: Tensor,
    label_smoothing: float = 0.25,
    real_weights: Any = 1.0,
    generated_weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
    add_summaries: bool = False,
) -> Tensor:
    """Cross-entropy with the labels one (real) and zero (generated).

    Only real samples are smoothed, and by half of `label_smoothing`: its
    default gives them the target 0.875.

    Args:
        discriminator_real_outputs: Logits, a float tensor of any shape.
        discriminator_gen_outputs: Logits; they may be of another shape if
            there is a reduction.
        label_smoothing: Float in [0, 1]. Defaults to 0.25.
        real_weights, generated_weights: Numbers, or tensors; see
            `compute_weighted_loss`.
        scope, loss_collection, reduction, add_summaries: See
            `keras_ganloss.tfgan`.

    Returns:
        Tensor of the dtype of the logits, a scalar unless `reduction` is
        `"none"`.

    Raises:
        ValueError: If the logits are no floats, or `label_smoothing` is out
            of its range.

    Example:

    >>> round(float(minimax_discriminator_loss([0.0], [0.0])), 4)
    1.3863

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661)
    """
    del scope
    check_graph_arguments(loss_collection, add_summaries)
    return reduce_halves(
        smoothed_sigmoid_cross_entropy(
            discriminator_real_outputs, 1.0, label_smoothing
        ),
        smoothed_sigmoid_cross_entropy(discriminator_gen_outputs, 0.0),
        real_weights,
        generated_weights,
        reduction,
    )


@keras.saving.register_keras_serializable(package="keras_ganloss.tfgan")
def minimax_generator_loss(
    discriminator_gen_outputs: Tensor,
    label_smoothing: float = 0.0,
    weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
    add_summaries: bool = False,
) -> Tensor:
    """The discriminator's loss, negated; its gradient saturates.

    The real logits in it are ones, so the value is lower by the constant
    `softplus(-1) + 0.5 * label_smoothing` than the paper's; the gradient
    does not depend on `label_smoothing`.

    Args:
        discriminator_gen_outputs: Logits, a float tensor of any shape.
        label_smoothing: Float in [0, 1]. Defaults to 0.
        weights: A number, or a tensor; see `compute_weighted_loss`.
        scope, loss_collection, reduction, add_summaries: See
            `keras_ganloss.tfgan`.

    Returns:
        Tensor of the dtype of the logits, a scalar unless `reduction` is
        `"none"`.

    Raises:
        ValueError: If the logits are no floats, or `label_smoothing` is out
            of its range.

    Example:

    >>> round(float(minimax_generator_loss([0.0])), 4)
    -1.0064

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661)
    """
    discriminator_gen_outputs = ops.convert_to_tensor(discriminator_gen_outputs)
    return -minimax_discriminator_loss(
        ops.ones_like(discriminator_gen_outputs),
        discriminator_gen_outputs,
        label_smoothing,
        weights,
        weights,
        scope,
        loss_collection,
        reduction,
        add_summaries,
    )


@keras.saving.register_keras_serializable(package="keras_ganloss.tfgan")
def modified_discriminator_loss(
    discriminator_real_outputs: Tensor,
    discriminator_gen_outputs: Tensor,
    label_smoothing: float = 0.25,
    real_weights: Any = 1.0,
    generated_weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
    add_summaries: bool = False,
) -> Tensor:
    """The same as `minimax_discriminator_loss`.

    Args:
        discriminator_real_outputs, discriminator_gen_outputs: See
            `minimax_discriminator_loss`.
        label_smoothing, real_weights, generated_weights: See there.
        scope, loss_collection, reduction, add_summaries: See
            `keras_ganloss.tfgan`.

    Returns:
        Tensor of the dtype of the logits, a scalar unless `reduction` is
        `"none"`.

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661)
    """
    return minimax_discriminator_loss(
        discriminator_real_outputs,
        discriminator_gen_outputs,
        label_smoothing,
        real_weights,
        generated_weights,
        scope,
        loss_collection,
        reduction,
        add_summaries,
    )


@keras.saving.register_keras_serializable(package="keras_ganloss.tfgan")
def modified_generator_loss(
    discriminator_gen_outputs: Tensor,
    label_smoothing: float = 0.0,
    weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
    add_summaries: bool = False,
) -> Tensor:
    """The non-saturating loss, `-log(sigmoid(logits))`.

    Args:
        discriminator_gen_outputs: Logits, a float tensor of any shape.
        label_smoothing: Float in [0, 1]; the target is one minus half of
            it. Defaults to 0.
        weights: A number, or a tensor; see `compute_weighted_loss`.
        scope, loss_collection, reduction, add_summaries: See
            `keras_ganloss.tfgan`.

    Returns:
        Tensor of the dtype of the logits, a scalar unless `reduction` is
        `"none"`.

    Raises:
        ValueError: If the logits are no floats, or `label_smoothing` is out
            of its range.

    Example:

    >>> round(float(modified_generator_loss([0.0])), 4)
    0.6931

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661)
    """
    del scope
    check_graph_arguments(loss_collection, add_summaries)
    losses = smoothed_sigmoid_cross_entropy(
        discriminator_gen_outputs, 1.0, label_smoothing
    )
    return compute_weighted_loss(losses, weights, reduction)
