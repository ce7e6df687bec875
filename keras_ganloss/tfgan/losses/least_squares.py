"""TF-GAN's least squares losses."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.tfgan.losses.arguments import LOSSES
from keras_ganloss.tfgan.losses.arguments import check_graph_arguments
from keras_ganloss.tfgan.losses.arguments import to_float32
from keras_ganloss.tfgan.losses.arguments import to_float32_pair
from keras_ganloss.tfgan.losses.reduction import Reduction
from keras_ganloss.tfgan.losses.reduction import compute_weighted_loss
from keras_ganloss.tfgan.losses.reduction import reduce_halves
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss.tfgan")
def least_squares_generator_loss(
    discriminator_gen_outputs: Tensor,
    real_label: float = 1,
    weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
    add_summaries: bool = False,
) -> Tensor:
    """Half the squared distance to `real_label`.

    Args:
        discriminator_gen_outputs: Tensor of any shape and dtype.
        real_label: What the generator wants to read. Defaults to 1.
        weights: A number, or a tensor; see `compute_weighted_loss`.
        scope, loss_collection, reduction, add_summaries: See
            `keras_ganloss.tfgan`.

    Returns:
        Float32 tensor, a scalar unless `reduction` is `"none"`.

    Raises:
        ValueError: If `weights` do not fit the outputs.

    Example:

    >>> float(least_squares_generator_loss([3.0]))
    2.0

    Reference: [Mao et al., 2016](https://arxiv.org/abs/1611.04076)
    """
    del scope
    check_graph_arguments(loss_collection, add_summaries)
    losses = _half_square(to_float32(discriminator_gen_outputs), real_label)
    return compute_weighted_loss(losses, weights, reduction)


@keras.saving.register_keras_serializable(package="keras_ganloss.tfgan")
def least_squares_discriminator_loss(
    discriminator_real_outputs: Tensor,
    discriminator_gen_outputs: Tensor,
    real_label: float = 1,
    fake_label: float = 0,
    real_weights: Any = 1.0,
    generated_weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
    add_summaries: bool = False,
) -> Tensor:
    """Half the squared distances to `real_label` and to `fake_label`.

    Args:
        discriminator_real_outputs: Tensor of any shape and dtype.
        discriminator_gen_outputs: Tensor of the same shape.
        real_label: The label of real samples. Defaults to 1.
        fake_label: The label of generated samples. Defaults to 0.
        real_weights, generated_weights: Numbers, or tensors; see
            `compute_weighted_loss`.
        scope, loss_collection, reduction, add_summaries: See
            `keras_ganloss.tfgan`.

    Returns:
        Float32 tensor, a scalar unless `reduction` is `"none"`.

    Raises:
        ValueError: If the shapes of the outputs differ.

    Example:

    >>> float(least_squares_discriminator_loss([3.0], [1.0]))
    2.5

    Reference: [Mao et al., 2016](https://arxiv.org/abs/1611.04076)
    """
    del scope
    check_graph_arguments(loss_collection, add_summaries)
    real, generated = to_float32_pair(
        discriminator_real_outputs, discriminator_gen_outputs
    )
    return reduce_halves(
        _half_square(real, real_label),
        _half_square(generated, fake_label),
        real_weights,
        generated_weights,
        reduction,
    )


def _half_square(outputs, label):
    return 0.5 * ops.square(outputs - label)
