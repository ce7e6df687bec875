"""TF-GAN's relativistic average losses."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.tfgan.losses.cross_entropy import (
    smoothed_sigmoid_cross_entropy,
)
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss.tfgan")
def relativistic_discriminator_loss(
    discriminator_real_outputs: Tensor,
    discriminator_gen_outputs: Tensor,
    scope: Any = None,
) -> Tensor:
    """Real samples above the mean generated one, and the reverse.

    The means are over all axes, and the two halves are added, where the
    paper's code halves the sum. Takes neither weights nor a reduction.

    Args:
        discriminator_real_outputs: Logits, a float tensor of any shape.
        discriminator_gen_outputs: Logits, a float tensor of any shape.
        scope: See `keras_ganloss.tfgan`.

    Returns:
        A scalar tensor of the dtype of the logits.

    Raises:
        ValueError: If the logits are no floats.

    Example:

    >>> round(float(relativistic_discriminator_loss([2.0], [1.0])), 4)
    0.6265

    Reference: [Jolicoeur-Martineau, 2018](https://arxiv.org/abs/1807.00734)
    """
    del scope
    return _above_the_mean(
        discriminator_real_outputs, discriminator_gen_outputs
    )


@keras.saving.register_keras_serializable(package="keras_ganloss.tfgan")
def relativistic_generator_loss(
    discriminator_real_outputs: Tensor,
    discriminator_gen_outputs: Tensor,
    scope: Any = None,
) -> Tensor:
    """The discriminator's loss with real and generated samples swapped.

    Args:
        discriminator_real_outputs, discriminator_gen_outputs, scope: See
            `relativistic_discriminator_loss`.

    Returns:
        A scalar tensor of the dtype of the logits.

    Raises:
        ValueError: If the logits are no floats.

    Example:

    >>> round(float(relativistic_generator_loss([2.0], [1.0])), 4)
    2.6265

    Reference: [Jolicoeur-Martineau, 2018](https://arxiv.org/abs/1807.00734)
    """
    del scope
    return _above_the_mean(
        discriminator_gen_outputs, discriminator_real_outputs
    )


def _above_the_mean(upper, lower):
    upper, lower = ops.convert_to_tensor(upper), ops.convert_to_tensor(lower)
    on_upper = smoothed_sigmoid_cross_entropy(upper - ops.mean(lower), 1.0)
    on_lower = smoothed_sigmoid_cross_entropy(lower - ops.mean(upper), 0.0)
    return ops.mean(on_upper) + ops.mean(on_lower)
