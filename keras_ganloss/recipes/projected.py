"""Projected GAN: pictures from few, or in little time."""

from typing import Any

import keras

from keras_ganloss.losses import Hinge
from keras_ganloss.transforms import DiffAugment


def projected(learning_rate: Any = 2e-4) -> dict[str, Any]:
    """Returns arguments of `compile` for a Projected GAN.

    For `GAN(generator, networks.ProjectedDiscriminator(shape))`: the hinge
    loss, differentiable augmentation of colors, positions and cutouts, no
    penalty, and Adam without momentum. The averaged generator has a half-life
    of 10,000 pictures in batches of 32, as in the authors' code, whatever the
    batches are.

    Args:
        learning_rate: Float or schedule, of both players. Defaults to 2e-4,
            for the generator of FastGAN; with that of StyleGAN2 it is 2e-3.

    Returns:
        A new dict. Other arguments of `compile` go beside it.

    Example:

    ```python
    gan.compile(**recipes.projected())
    ```

    Reference: [Sauer et al., 2021](https://arxiv.org/abs/2111.01007)
    """

    def optimizer():
        return keras.optimizers.Adam(
            learning_rate, beta_1=0.0, beta_2=0.99, epsilon=1e-8
        )

    return {
        "d_optimizer": optimizer(),
        "g_optimizer": optimizer(),
        "d_loss": Hinge(),
        "transforms": [DiffAugment()],
        "ema": 0.5 ** (32 / 10_000),
    }
