"""VQGAN and KL autoencoders: pictures as tokens and as latents."""

from typing import Any

import keras

from keras_ganloss.balances import GradientRatio
from keras_ganloss.losses import Hinge
from keras_ganloss.penalties import Distance
from keras_ganloss.updates import Alternating
from keras_ganloss.utils import arguments

MAXIMUM = 1e4  # Of the ratio of the gradients' lengths.


def vqgan(
    perceptual: Any,
    batch_size: int,
    last_layer: str = "conv_out",
    perceptual_weight: float = 1.0,
    adversarial_weight: float = 0.8,
    adversarial_start: int = 250_001,
    learning_rate: float = 4.5e-6,
) -> dict[str, Any]:
    """Returns arguments of `compile` for an autoencoder with VQGAN's losses.

    For `SupervisedGAN(autoencoder, discriminator, conditional=False)`, called
    as `fit(x, x)`: the mean absolute error, LPIPS, and from some step on a
    hinge loss, whose gradient at the last layer is kept at 0.8 times that of
    the others. The codebook's loss is what the quantizer of the autoencoder
    adds by `add_loss`. The discriminator is `networks.PatchDiscriminator`,
    which is not trained before; it then learns from what the autoencoder makes
    after its update, as in the authors' code.

    The logs have the mean absolute error and the losses of layers as
    `supervised`, LPIPS as `perceptual`, and the weight of the learned loss as
    `adversarial_weight`. The authors halve the discriminator's loss, which
    Adam does not see.

    Args:
        perceptual: The perceptual loss, such as `distances.Perceptual()`.
        batch_size: Int, that of all devices together: the learning rate is a
            multiple of it.
        last_layer: Part of the path of the layer that makes the picture, whose
            kernel the gradients are measured at. Defaults to `"conv_out"`.
        perceptual_weight, adversarial_weight: Floats. Default to 1 and 0.8.
        adversarial_start: Int, see `compile`. Defaults to 250,001, as in the
            authors' settings for ImageNet; smaller data have it earlier.
        learning_rate: Float, of both players, for a batch of one. Defaults to
            4.5e-6.

    Returns:
        A new dict. Other arguments of `compile` go beside it.

    Raises:
        ValueError: If a number is not positive.

    Example:

    ```python
    settings = recipes.vqgan("mse", 32, last_layer="conv2d")
    ```

    Reference: [Esser et al., 2020](https://arxiv.org/abs/2012.09841)
    """
    return {
        **_players(batch_size, learning_rate, adversarial_start),
        "loss": "mae",
        "loss_weights": {
            "adversarial": _weight(adversarial_weight, last_layer)
        },
        "g_penalties": [_perceptual(perceptual, perceptual_weight)],
    }


def kl_autoencoder(
    perceptual: Any,
    batch_size: int,
    num_values: int,
    last_layer: str = "conv_out",
    perceptual_weight: float = 1.0,
    adversarial_weight: float = 0.5,
    adversarial_start: int = 50_001,
    learning_rate: float = 4.5e-6,
) -> dict[str, Any]:
    """Returns arguments of `compile` for latent diffusion's autoencoder.

    As `vqgan`, but errors are added up over all values of a picture, which the
    weight 1e-6 of the Kullback-Leibler divergence is for: a layer of the
    autoencoder adds it by `add_loss`, the sum over a latent, on average over
    the batch.

    Sums make the ratio of the gradients `num_values` times that of means, and
    it ends at 1e4: for pictures of 256 x 256 pixels that is mostly what the
    learned loss's weight is. `kl_autoencoder` does as published.

    Args:
        perceptual, batch_size, last_layer, perceptual_weight: See `vqgan`.
        num_values: Int, of a picture, such as `256 * 256 * 3`.
        adversarial_weight: Float. Defaults to 0.5.
        adversarial_start: Int, see `compile`. Defaults to 50,001.
        learning_rate: Float, of both players, for a batch of one. Defaults to
            4.5e-6.

    Returns:
        A new dict. Other arguments of `compile` go beside it.

    Raises:
        ValueError: If a number is not positive.

    Example:

    ```python
    settings = recipes.kl_autoencoder("mse", 32, 28 * 28, "conv2d")
    ```

    Reference: [Rombach et al., 2021](https://arxiv.org/abs/2112.10752)
    """
    num_values = arguments.positive_int("num_values", num_values)
    return {
        **_players(batch_size, learning_rate, adversarial_start),
        "loss": "mae",
        "output_weights": float(num_values),
        "loss_weights": {
            "adversarial": _weight(adversarial_weight, last_layer)
        },
        "g_penalties": [
            _perceptual(perceptual, num_values * perceptual_weight)
        ],
    }


def _players(batch_size, learning_rate, adversarial_start):
    """Returns what does not depend on how errors are added up."""
    batch_size = arguments.positive_int("batch_size", batch_size)
    rate = batch_size * arguments.positive("learning_rate", learning_rate)

    def optimizer():
        return keras.optimizers.Adam(rate, beta_1=0.5, beta_2=0.9, epsilon=1e-8)

    return {
        "d_optimizer": optimizer(),
        "g_optimizer": optimizer(),
        "d_loss": Hinge(),
        "adversarial_start": adversarial_start,
        "updates": Alternating(first="generator", fresh=True),
    }


def _weight(ratio, last_layer):
    """The adaptive weight of taming-transformers."""
    return GradientRatio(
        ratio, f"{last_layer}/kernel", epsilon=1e-4, maximum=MAXIMUM
    )


def _perceptual(distance, weight):
    return Distance(distance, weight, name="perceptual")
