"""Pix2pix: from one kind of picture to another, pair by pair."""

from typing import Any

import keras

from keras_ganloss.losses import ModifiedMinimax


def pix2pix(
    pixel_weight: float = 100.0, learning_rate: Any = 2e-4
) -> dict[str, Any]:
    """Returns arguments of `compile` for a picture from a picture, in pairs.

    For `SupervisedGAN`: the logistic loss, 100 times the mean absolute error,
    and Adam with a first decay of 0.5. The discriminator is
    `networks.PatchDiscriminator(shape, condition_shape=...)`, the generator a
    U-Net; the paper has batches of one to ten pictures.

    The paper halves the discriminator's loss, which Adam does not see.

    Args:
        pixel_weight: Float, of the mean absolute error. Defaults to 100.
        learning_rate: Float or schedule, of both players. Defaults to 2e-4,
            which the authors' code lowers to nothing over a second half of
            the run.

    Returns:
        A new dict. Other arguments of `compile` go beside it.

    Example:

    ```python
    gan = SupervisedGAN(unet, discriminator)
    gan.compile(**recipes.pix2pix())
    gan.fit(x, y)
    ```

    Reference: [Isola et al., 2017](https://arxiv.org/abs/1611.07004)
    """

    def optimizer():
        return keras.optimizers.Adam(learning_rate, beta_1=0.5, epsilon=1e-8)

    return {
        "d_optimizer": optimizer(),
        "g_optimizer": optimizer(),
        "loss": "mae",
        "d_loss": ModifiedMinimax(),
        "loss_weights": {"supervised": pixel_weight, "adversarial": 1.0},
    }
