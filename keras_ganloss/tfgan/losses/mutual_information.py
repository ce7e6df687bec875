"""TF-GAN's penalty of an InfoGAN."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.tfgan.losses.arguments import LOSSES
from keras_ganloss.tfgan.losses.arguments import check_graph_arguments
from keras_ganloss.tfgan.losses.reduction import Reduction
from keras_ganloss.tfgan.losses.reduction import compute_weighted_loss
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss.tfgan")
def mutual_information_penalty(
    structured_generator_inputs: Nest,
    predicted_distributions: Any,
    weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
    add_summaries: bool = False,
) -> Tensor:
    """The mean log-likelihood of the latent codes, negated.

    The mean is over the samples and axes of each code, and then over the
    codes; the paper adds both axes and codes.

    Args:
        structured_generator_inputs: List of tensors, the codes.
        predicted_distributions: List with a distribution a code: an object
            with `log_prob(code)`, of TensorFlow Probability or yours.
        weights: A number, or a tensor of shape `(num_codes,)`.
        scope, loss_collection, reduction, add_summaries: See
            `keras_ganloss.tfgan`.

    Returns:
        A scalar tensor, or one of shape `(num_codes,)` if `reduction` is
        `"none"`.

    Raises:
        ValueError: If there are more or fewer distributions than codes, or
            one has no `log_prob`.

    Example:

    >>> class Normal:
    ...     def log_prob(self, code):
    ...         return -0.5 * (ops.square(code) + 1.837877)
    >>> code = ops.convert_to_tensor([[1.0], [-1.0]])
    >>> round(float(mutual_information_penalty([code], [Normal()])), 4)
    1.4189

    Reference: [Chen et al., 2016](https://arxiv.org/abs/1606.03657)
    """
    del scope
    check_graph_arguments(loss_collection, add_summaries)
    _check_distributions(structured_generator_inputs, predicted_distributions)
    likelihoods = [
        ops.mean(distribution.log_prob(code))
        for code, distribution in zip(
            structured_generator_inputs, predicted_distributions
        )
    ]
    # Without codes there is nothing to stack.
    likelihoods = ops.stack(likelihoods) if likelihoods else ops.zeros((0,))
    return -compute_weighted_loss(likelihoods, weights, reduction)


def _check_distributions(codes, distributions):
    if not isinstance(distributions, (list, tuple)):
        raise ValueError(
            "`predicted_distributions` must be a list, with a distribution "
            "for each latent code. Received: predicted_distributions="
            f"{distributions!r}"
        )
    for distribution in distributions:
        if not callable(getattr(distribution, "log_prob", None)):
            raise ValueError(
                "Each distribution must have a method `log_prob(code)`. "
                f"Received: distribution={distribution!r}"
            )
    if len(codes) != len(distributions):
        raise ValueError(
            "`structured_generator_inputs` and `predicted_distributions` "
            "must have the same length. Received: "
            f"len(structured_generator_inputs)={len(codes)}, "
            f"len(predicted_distributions)={len(distributions)}"
        )
