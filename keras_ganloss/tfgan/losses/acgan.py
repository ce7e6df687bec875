"""TF-GAN's losses of the auxiliary classifier of an AC-GAN."""

from typing import Any

import keras

from keras_ganloss.tfgan.losses.arguments import LOSSES
from keras_ganloss.tfgan.losses.arguments import check_graph_arguments
from keras_ganloss.tfgan.losses.cross_entropy import softmax_cross_entropy
from keras_ganloss.tfgan.losses.reduction import Reduction
from keras_ganloss.tfgan.losses.reduction import compute_weighted_loss
from keras_ganloss.tfgan.losses.reduction import reduce_halves
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss.tfgan")
def acgan_discriminator_loss(
    discriminator_real_classification_logits: Tensor,
    discriminator_gen_classification_logits: Tensor,
    one_hot_labels: Tensor,
    label_smoothing: float = 0.0,
    real_weights: Any = 1.0,
    generated_weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
    add_summaries: bool = False,
) -> Tensor:
    """Cross-entropy of the classes of real and of generated samples.

    Args:
        discriminator_real_classification_logits: Float tensor of shape
            `(batch_size, num_classes)`.
        discriminator_gen_classification_logits: Likewise.
        one_hot_labels: Labels of both, in the same shape.
        label_smoothing: Float in [0, 1], the share of the labels of real
            samples that is spread over all classes; those of generated
            samples stay as they are. Defaults to 0.
        real_weights, generated_weights: Numbers, or tensors with a weight a
            sample, shape `(batch_size,)`; see `compute_weighted_loss`.
        scope, loss_collection, reduction, add_summaries: See
            `keras_ganloss.tfgan`.

    Returns:
        Tensor of the dtype of the logits, a scalar unless `reduction` is
        `"none"`.

    Raises:
        ValueError: If the shapes of logits and labels differ, or
            `label_smoothing` is out of its range.

    Example:

    >>> loss = acgan_discriminator_loss([[0.0, 0.0]], [[0.0, 0.0]], [[1, 0]])
    >>> round(float(loss), 4)
    1.3863

    Reference: [Odena et al., 2016](https://arxiv.org/abs/1610.09585)
    """
    del scope
    check_graph_arguments(loss_collection, add_summaries)
    return reduce_halves(
        softmax_cross_entropy(
            discriminator_real_classification_logits,
            one_hot_labels,
            label_smoothing,
        ),
        softmax_cross_entropy(
            discriminator_gen_classification_logits, one_hot_labels
        ),
        real_weights,
        generated_weights,
        reduction,
    )


@keras.saving.register_keras_serializable(package="keras_ganloss.tfgan")
def acgan_generator_loss(
    discriminator_gen_classification_logits: Tensor,
    one_hot_labels: Tensor,
    weights: Any = 1.0,
    scope: Any = None,
    loss_collection: Any = LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
    add_summaries: bool = False,
) -> Tensor:
    """Cross-entropy of the classes of generated samples.

    Args:
        discriminator_gen_classification_logits: Float tensor of shape
            `(batch_size, num_classes)`.
        one_hot_labels: The classes that were asked for, in the same shape.
        weights: A number, or a tensor of shape `(batch_size,)`; see
            `compute_weighted_loss`.
        scope, loss_collection, reduction, add_summaries: See
            `keras_ganloss.tfgan`.

    Returns:
        Tensor of the dtype of the logits, a scalar unless `reduction` is
        `"none"`.

    Raises:
        ValueError: If the shapes of logits and labels differ.

    Example:

    >>> round(float(acgan_generator_loss([[0.0, 0.0]], [[1, 0]])), 4)
    0.6931

    Reference: [Odena et al., 2016](https://arxiv.org/abs/1610.09585)
    """
    del scope
    check_graph_arguments(loss_collection, add_summaries)
    losses = softmax_cross_entropy(
        discriminator_gen_classification_logits, one_hot_labels
    )
    return compute_weighted_loss(losses, weights, reduction)
