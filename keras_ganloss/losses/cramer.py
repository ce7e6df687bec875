"""The loss of the Cramér GAN."""

import keras
from keras import ops

from keras_ganloss.losses.adversarial_loss import AdversarialLoss
from keras_ganloss.losses.feature_distances import distances
from keras_ganloss.losses.feature_distances import flatten_samples
from keras_ganloss.losses.feature_distances import mean_of_others
from keras_ganloss.utils.typing import Tensor


def cramer_d_loss(real_output: Tensor, fake_output: Tensor) -> Tensor:
    """The critic f of fakes less that of real samples, a value a pair.

    `f(x) = mean |x - x'| - |x|`, with x' the (other) fakes of the batch.
    """
    real = ops.mean(distances(real_output, fake_output), axis=1) - lengths(
        real_output
    )
    fake = mean_of_others(distances(fake_output, fake_output)) - lengths(
        fake_output
    )
    return fake - real


def cramer_g_loss(real_output: Tensor, fake_output: Tensor) -> Tensor:
    """The energy distance up to what fakes have no part in, a value a fake."""
    across = ops.mean(distances(fake_output, real_output), axis=1)
    return 2.0 * across - mean_of_others(distances(fake_output, fake_output))


def lengths(output: Tensor) -> Tensor:
    """Lengths of the samples' features, with gradients even at zero."""
    squares = ops.sum(ops.square(flatten_samples(output)), axis=1)
    return ops.sqrt(squares + 1e-12)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Cramer(AdversarialLoss):
    """Energy distance between features that the discriminator makes.

    The discriminator returns a vector of features (256 in the paper). The
    generator minimizes their energy distance. The discriminator maximizes
    the paper's surrogate, in which a real sample is never compared with
    another real one. Where the paper takes one more fake for x', here all
    others of the batch are averaged, which has the same mean and less noise.

    The discriminator must be Lipschitz: add `penalties.GradientPenalty`
    (which takes the gradient of the sum of the features, where the paper
    takes that of f). Every replica compares the samples of its own part.

    Args:
        reduction, name, dtype: See `keras.losses.Loss`.

    Example:

    >>> loss = Cramer()
    >>> real, fake = [[0.0], [2.0]], [[1.0], [5.0]]
    >>> round(float(loss.g_loss(real, fake)), 4)  # 2 * 2.5 - 4.
    1.0

    Reference: [Bellemare et al., 2017](https://arxiv.org/abs/1705.10743)
    """

    judges_features = True
    needs_real_output = True

    def d_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return cramer_d_loss(real_output, fake_output)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return cramer_g_loss(real_output, fake_output)
