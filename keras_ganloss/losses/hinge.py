"""The hinge loss."""

import keras
from keras import ops

from keras_ganloss.losses.adversarial_loss import AdversarialLoss


def hinge_d_loss(real_output, fake_output):
    """What is missing to a margin of one, on either side."""
    return ops.relu(1.0 - real_output) + ops.relu(1.0 + fake_output)


def hinge_g_loss(real_output, fake_output):
    """The mean output on fakes, negated."""
    del real_output
    return -fake_output


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Hinge(AdversarialLoss):
    """Hinge loss: samples judged right by a margin of one cost nothing.

    A common partner of spectral normalization. The generator's side is that
    of `Wasserstein`.

    Args:
        reduction, name, dtype: See `keras.losses.Loss`.

    Example:

    >>> loss = Hinge()
    >>> float(
    ...     loss.d_loss(
    ...         real_output=[[2.0], [0.5]], fake_output=[[-3.0], [0.5]]
    ...     )
    ... )
    1.0

    Reference: [Lim and Ye, 2017](https://arxiv.org/abs/1705.02894)
    """

    def d_call(self, real_output, fake_output):
        return hinge_d_loss(real_output, fake_output)

    def g_call(self, real_output, fake_output):
        return hinge_g_loss(real_output, fake_output)
