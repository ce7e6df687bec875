"""ESRGAN: larger pictures with details that look right."""

from typing import Any

import keras
from keras import ops
from keras.optimizers import schedules

from keras_ganloss.losses import RelativisticAverage
from keras_ganloss.losses.relativistic_average import relative_to_average
from keras_ganloss.penalties import Distance
from keras_ganloss.updates import Alternating
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
def relativistic_d_loss(real_output: Tensor, fake_output: Tensor) -> Tensor:
    """Half the relativistic average loss, before means that are constants.

    Args:
        real_output, fake_output: Logits of shape `(batch_size, ...)`.
    """
    real, _ = relative_to_average(real_output, ops.stop_gradient(fake_output))
    _, fake = relative_to_average(ops.stop_gradient(real_output), fake_output)
    return 0.5 * (ops.softplus(-real) + ops.softplus(fake))


def esrgan(
    perceptual: Any,
    pixel_weight: float = 1e-2,
    perceptual_weight: float = 1.0,
    adversarial_weight: float = 5e-3,
    num_steps: int = 400_000,
    learning_rate: float = 1e-4,
    ema: float = 0.999,
) -> dict[str, Any]:
    """Returns arguments of `compile` for super-resolution with ESRGAN's losses.

    For `SupervisedGAN(generator, discriminator, conditional=False)`, whose
    generator has been trained on the mean absolute error alone before. The
    discriminator says how much more real a picture is than the average of the
    others; the generator moves first, as in the authors' code.

    Real-ESRGAN has the logistic loss in place of the relativistic one, five
    layers of features, and `networks.UNetDiscriminator(shape)`:

    ```python
    settings = {
        **recipes.esrgan(distances.Perceptual(vgg, [0.1, 0.1, 1.0, 1.0, 1.0],
                                              distance="mae")),
        "d_loss": "modified_minimax",
        "g_loss": None,
        "loss_weights": {"supervised": 1.0, "adversarial": 0.1},
    }
    ```

    The logs have the mean absolute error as `supervised`, without its weight,
    and the distance of features as `perceptual`.

    Args:
        perceptual: The distance of features, such as that of the example:
            the paper has VGG19 up to `block5_conv4`, before its activation.
        pixel_weight, perceptual_weight, adversarial_weight: Floats. Default
            to the paper's for the enlargement by 4: 0.01, 1 and 0.005.
        num_steps: Int, the length of the run: rates are halved after an
            eighth, a quarter, a half and three quarters of it. Defaults to
            400,000.
        learning_rate: Float, at the start, of both players. Defaults to 1e-4.
        ema: See `compile`. Defaults to 0.999.

    Returns:
        A new dict. Other arguments of `compile` go beside it.

    Raises:
        ValueError: If a weight or `learning_rate` is not positive, `num_steps`
            is not an int of at least 8, or `perceptual` is no loss.

    Example:

    ```python
    vgg = keras.applications.VGG19(include_top=False)
    vgg.get_layer("block5_conv4").activation = keras.activations.linear
    network = features(vgg, ["block5_conv4"])
    network.trainable = False
    perceptual = distances.Perceptual(network, distance="mae")
    settings = recipes.esrgan(perceptual)
    ```

    Reference: [Wang et al., 2018](https://arxiv.org/abs/1809.00219),
        [Wang et al., 2021](https://arxiv.org/abs/2107.10833)
    """
    num_steps = arguments.int_of_at_least(8, "num_steps", num_steps)
    learning_rate = arguments.positive("learning_rate", learning_rate)
    weight = arguments.positive("adversarial_weight", adversarial_weight)

    def optimizer():
        rate = schedules.PiecewiseConstantDecay(
            [num_steps * eighths // 8 for eighths in (1, 2, 4, 6)],
            [learning_rate / 2**halvings for halvings in range(5)],
        )
        return keras.optimizers.Adam(
            rate, beta_1=0.9, beta_2=0.99, epsilon=1e-8
        )

    return {
        "d_optimizer": optimizer(),
        "g_optimizer": optimizer(),
        "loss": "mae",
        "d_loss": relativistic_d_loss,
        "g_loss": RelativisticAverage(),
        "loss_weights": {
            "supervised": arguments.positive("pixel_weight", pixel_weight),
            # The paper's loss is the mean of both halves, ours is the sum.
            "adversarial": 0.5 * weight,
        },
        "g_penalties": [
            Distance(perceptual, perceptual_weight, name="perceptual")
        ],
        "updates": Alternating(first="generator"),
        "ema": ema,
    }
