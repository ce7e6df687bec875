"""The hinge loss of a discriminator that tells classes apart."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.losses.adversarial_loss import AdversarialLoss
from keras_ganloss.losses.hinge import Hinge
from keras_ganloss.utils.typing import Tensor


def crammer_singer_margin(logits: Tensor, labels: Tensor) -> Tensor:
    """By how much the logit of the label exceeds the largest other one.

    Args:
        logits: Tensor of shape `(batch_size, ..., num_classes)`.
        labels: Int tensor of shape `(batch_size, ...)`.

    Returns:
        Tensor of shape `(batch_size, ...)`.
    """
    own = ops.one_hot(labels, logits.shape[-1], dtype="bool")
    zeros, lowest = ops.zeros_like(logits), ops.min(logits) - 1.0
    return ops.sum(ops.where(own, logits, zeros), axis=-1) - ops.max(
        ops.where(own, lowest, logits), axis=-1
    )


@keras.saving.register_keras_serializable(package="keras_ganloss")
class ClassMargins(keras.layers.Layer):
    """The last layer of a discriminator for `MultiClassHinge`.

    Called on logits of shape `(batch_size, num_classes + 1)`, the last of
    which stands for fake, and int labels of shape `(batch_size,)` or
    `(batch_size, 1)`. Returns the margins of the label and of fake, shape
    `(batch_size, 2)`.
    """

    def call(self, inputs: Any) -> Tensor:
        logits, labels = inputs
        labels = ops.reshape(labels, (-1,))
        fake = ops.full_like(labels, logits.shape[-1] - 1)
        return ops.stack(
            [
                crammer_singer_margin(logits, labels),
                crammer_singer_margin(logits, fake),
            ],
            axis=-1,
        )

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0][0], 2)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class MultiClassHinge(AdversarialLoss):
    """Hinge loss over K classes and fake, the loss of MHGAN.

    Real samples are to beat all other classes, fake included, by a margin of
    one; fake ones are to be told from every class. The generator wants the
    class it was asked for. Labels are the condition of the game: the
    discriminator takes `[sample, label]`, ends in K + 1 logits, and hands
    them with the label to `ClassMargins`.

    Args:
        reduction, name, dtype: See `keras.losses.Loss`.

    Raises:
        ValueError: If the discriminator's last axis does not hold the two
            margins.

    Example:

    >>> loss = MultiClassHinge()
    >>> margins = {"real_output": [[0.5, -2.0]], "fake_output": [[-1.0, 0.25]]}
    >>> float(loss.d_loss(**margins)), float(loss.g_loss(**margins))
    (1.25, 2.0)

    Reference: [Kavalerov et al., 2019](https://arxiv.org/abs/1912.04216)
    """

    judges_features = True
    needs_several = Hinge.needs_several

    def d_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        check_margins(real_output)
        return ops.relu(1.0 - real_output[..., 0]) + ops.relu(
            1.0 - fake_output[..., 1]
        )

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        del real_output
        check_margins(fake_output)
        return ops.relu(1.0 - fake_output[..., 0])


def check_margins(output: Tensor) -> None:
    """Raises unless the last axis holds the margins of class and fake."""
    if len(output.shape) < 2 or output.shape[-1] != 2:
        raise ValueError(
            "`MultiClassHinge` needs the margins of the class and of fake. "
            "Let the discriminator end in `ClassMargins()([logits, labels])`. "
            f"Received: output.shape={tuple(output.shape)}"
        )
