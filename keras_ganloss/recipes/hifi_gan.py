"""HiFi-GAN: speech from spectrograms."""

from typing import Any

import keras
from keras.optimizers import schedules

from keras_ganloss.distances import MelSpectrogram
from keras_ganloss.penalties import FeatureMatching
from keras_ganloss.utils import arguments


def hifi_gan(
    distance: Any = None,
    mel_weight: float = 45.0,
    feature_weight: float = 2.0,
    steps_per_epoch: int | None = None,
    learning_rate: float = 2e-4,
) -> dict[str, Any]:
    """Returns arguments of `compile` for a vocoder, with HiFi-GAN's losses.

    For `SupervisedGAN(vocoder, discriminator, conditional=False)` from
    spectrograms to windows of 8,192 samples: least squares without the half,
    45 times the distance of log-mel spectrograms, and 2 times the matching of
    features of all layers, logits included, added up over layers and
    discriminators. The discriminator is

    ```python
    networks.Ensemble({
        "mpd": networks.PeriodDiscriminator(),
        "msd": networks.ScaleDiscriminator(),
    })
    ```

    The logs have the distance of spectrograms as `supervised`, without its
    weight. VITS has the same losses; DAC has `MultiScaleMel`, with a weight of
    15, and `FeatureMatching("hidden", 2.0, "mae")`, without the logits.

    Args:
        distance: The explicit loss. Defaults to `MelSpectrogram()`, for speech
            at 22 kHz.
        mel_weight, feature_weight: Floats. Default to 45 and 2.
        steps_per_epoch: Optional int: the rates are multiplied by 0.999 after
            each epoch of so many steps. Defaults to `None`, constant rates.
        learning_rate: Float, at the start, of both players. Defaults to 2e-4.

    Returns:
        A new dict. Other arguments of `compile` go beside it.

    Raises:
        ValueError: If a number is not positive.

    Example:

    ```python
    settings = recipes.hifi_gan(steps_per_epoch=809)
    ```

    Reference: [Kong et al., 2020](https://arxiv.org/abs/2010.05646)
    """
    learning_rate = arguments.positive("learning_rate", learning_rate)

    def optimizer():
        rate = learning_rate
        if steps_per_epoch is not None:
            steps = arguments.positive_int("steps_per_epoch", steps_per_epoch)
            rate = schedules.ExponentialDecay(rate, steps, 0.999, True)
        return keras.optimizers.AdamW(
            rate, weight_decay=0.01, beta_1=0.8, beta_2=0.99, epsilon=1e-8
        )

    return {
        "d_optimizer": optimizer(),
        "g_optimizer": optimizer(),
        "loss": MelSpectrogram() if distance is None else distance,
        # `LeastSquares` has a half.
        "d_loss": keras.losses.MeanSquaredError(),
        "loss_weights": {
            "supervised": arguments.positive("mel_weight", mel_weight),
            "adversarial": 1.0,
        },
        "g_penalties": [FeatureMatching("all", feature_weight, "mae")],
    }
