"""TF-GAN's gradient penalty of a Wasserstein GAN."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from keras_ganloss import backend
from keras_ganloss.penalties.gradient_penalty import mix
from keras_ganloss.penalties.penalty import squared_norm
from keras_ganloss.tfgan.losses.arguments import LOSSES
from keras_ganloss.tfgan.losses.arguments import check_graph_arguments
from keras_ganloss.tfgan.losses.reduction import Reduction
from keras_ganloss.tfgan.losses.reduction import compute_weighted_loss
from keras_ganloss.utils.shapes import check_same_shape
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss.tfgan")
def wasserstein_gradient_penalty(
    real_data: Tensor,
    generated_data: Tensor,
    generator_inputs: Nest,
    discriminator_fn: Callable[..., Any],
    discriminator_scope: Any,
    epsilon: float = 1e-10,
    target: float = 1.0,
    one_sided: bool = False,
    weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
    add_summaries: bool = False,
    *,
    seed: int | None = None,
) -> Tensor:
    """`(norm / target - 1)^2` of the gradient between real and generated.

    The norm is divided by `target`, where `penalties.GradientPenalty`
    subtracts it, and there is no factor of 10: multiply. A discriminator
    that answers with a tuple is differentiated by its first entry, one that
    answers with a list by the sum of all.

    Args:
        real_data: Float tensor of shape `(batch_size, ...)`.
        generated_data: Tensor of the same shape.
        generator_inputs: What the discriminator gets as its condition.
        discriminator_fn: Function of `(data, generator_inputs)`, for
            networks of Keras `lambda data, inputs: discriminator(data)`.
        discriminator_scope: Not used: a Keras network brings its variables.
        epsilon: Float inside of the square root. Defaults to 1e-10.
        target: The norm aimed at. Defaults to 1.
        one_sided: Whether norms below `target` cost nothing. Defaults to
            `False`.
        weights: A number, or a tensor with a weight a sample, shape
            `(batch_size,)`.
        scope, loss_collection, reduction, add_summaries: See
            `keras_ganloss.tfgan`.
        seed: An int or a `keras.random.SeedGenerator` for the points
            between. Not in TF-GAN; functions compiled by JAX need one.

    Returns:
        Float tensor, a scalar unless `reduction` is `"none"`.

    Raises:
        ValueError: If the shapes of the data differ.

    Example:

    >>> penalty = wasserstein_gradient_penalty(
    ...     real_data=ops.ones((2, 4)),
    ...     generated_data=ops.zeros((2, 4)),
    ...     generator_inputs=None,
    ...     discriminator_fn=lambda data, inputs: 2.0 * data,
    ...     discriminator_scope=None,
    ... )
    >>> float(penalty)
    9.0

    Reference:
        [Gulrajani et al., 2017](https://arxiv.org/abs/1704.00028),
        [Petzka et al., 2017](https://arxiv.org/abs/1709.08894) (one-sided)
    """
    del discriminator_scope, scope
    check_graph_arguments(loss_collection, add_summaries)
    real_data = ops.convert_to_tensor(real_data)
    generated_data = ops.convert_to_tensor(generated_data)
    check_same_shape(
        real_data,
        generated_data,
        "real_data",
        "generated_data",
        "Points between them are mixed of one of each.",
    )

    def judge(data):
        outputs = discriminator_fn(data, generator_inputs)
        # An AC-GAN's discriminator also answers with classes.
        return (outputs[0] if isinstance(outputs, tuple) else outputs), None

    _, _, gradients = backend.value_and_input_gradients(
        judge, mix(real_data, generated_data, seed)
    )
    # An axis more, so that samples of one number have one to sum over.
    squares = squared_norm(ops.expand_dims(gradients, -1))
    excess = ops.sqrt(squares + epsilon) / target - 1.0
    if one_sided:
        excess = ops.relu(excess)
    return compute_weighted_loss(ops.square(excess), weights, reduction)
