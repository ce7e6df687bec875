"""TF-GAN's Wasserstein losses, with and without a hinge."""

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
def wasserstein_generator_loss(
    discriminator_gen_outputs: Tensor,
    weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
    add_summaries: bool = False,
) -> Tensor:
    """The outputs on generated samples, negated.

    Also `wasserstein_hinge_generator_loss`: they are one function.

    Args:
        discriminator_gen_outputs: Tensor of any shape and dtype.
        weights: A number, or a tensor; see `compute_weighted_loss`.
        scope, loss_collection, reduction, add_summaries: See
            `keras_ganloss.tfgan`.

    Returns:
        Float32 tensor, a scalar unless `reduction` is `"none"`.

    Raises:
        ValueError: If `weights` do not fit the outputs.

    Example:

    >>> float(wasserstein_generator_loss([10.0, 4.4, -5.5, 3.6]))
    -3.125

    Reference: [Arjovsky et al., 2017](https://arxiv.org/abs/1701.07875)
    """
    del scope
    check_graph_arguments(loss_collection, add_summaries)
    losses = -to_float32(discriminator_gen_outputs)
    return compute_weighted_loss(losses, weights, reduction)


# One function, as in TF-GAN; there it goes by this name alone.
wasserstein_hinge_generator_loss = wasserstein_generator_loss


@keras.saving.register_keras_serializable(package="keras_ganloss.tfgan")
def wasserstein_discriminator_loss(
    discriminator_real_outputs: Tensor,
    discriminator_gen_outputs: Tensor,
    real_weights: Any = 1.0,
    generated_weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
    add_summaries: bool = False,
) -> Tensor:
    """The outputs on generated samples minus those on real ones.

    Args:
        discriminator_real_outputs: Tensor of any shape and dtype.
        discriminator_gen_outputs: Tensor of the same shape.
        real_weights, generated_weights: Numbers, or tensors; see
            `compute_weighted_loss`.
        scope, loss_collection, reduction, add_summaries: See
            `keras_ganloss.tfgan`.

    Returns:
        Float32 tensor, a scalar unless `reduction` is `"none"`.

    Raises:
        ValueError: If the shapes of the outputs differ.

    Example:

    >>> float(wasserstein_discriminator_loss([3.0, 1.0], [1.0, 2.0]))
    -0.5

    Reference: [Arjovsky et al., 2017](https://arxiv.org/abs/1701.07875)
    """
    del scope
    check_graph_arguments(loss_collection, add_summaries)
    real, generated = to_float32_pair(
        discriminator_real_outputs, discriminator_gen_outputs
    )
    return reduce_halves(
        -real, generated, real_weights, generated_weights, reduction
    )


@keras.saving.register_keras_serializable(package="keras_ganloss.tfgan")
def wasserstein_hinge_discriminator_loss(
    discriminator_real_outputs: Tensor,
    discriminator_gen_outputs: Tensor,
    real_weights: Any = 1.0,
    generated_weights: Any = 1.0,
    real_hinge: float = 1.0,
    generated_hinge: float = 1.0,
    scope: Any = None,
    loss_collection: Any = LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
    add_summaries: bool = False,
) -> Tensor:
    """What is missing to a margin, on either side.

    Args:
        discriminator_real_outputs: Tensor of any shape and dtype.
        discriminator_gen_outputs: Tensor of the same shape.
        real_weights, generated_weights: Numbers, or tensors; see
            `compute_weighted_loss`.
        real_hinge: The margin of real samples. Defaults to 1.
        generated_hinge: The margin of generated samples. Defaults to 1.
        scope, loss_collection, reduction, add_summaries: See
            `keras_ganloss.tfgan`.

    Returns:
        Float32 tensor, a scalar unless `reduction` is `"none"`.

    Raises:
        ValueError: If the shapes of the outputs differ.

    Example:

    >>> float(wasserstein_hinge_discriminator_loss([2.0, 0.5], [-3.0, 0.5]))
    1.0

    Reference: [Miyato et al., 2018](https://arxiv.org/abs/1802.05957)
    """
    del scope
    check_graph_arguments(loss_collection, add_summaries)
    real, generated = to_float32_pair(
        discriminator_real_outputs, discriminator_gen_outputs
    )
    return reduce_halves(
        ops.relu(real_hinge - real),
        ops.relu(generated_hinge + generated),
        real_weights,
        generated_weights,
        reduction,
    )
