"""EnCodec: a codec for sound."""

from typing import Any

import keras

from keras_ganloss.balances import GradientShares
from keras_ganloss.distances import MultiScaleMel
from keras_ganloss.losses import Heads
from keras_ganloss.losses import Hinge
from keras_ganloss.losses import NonSaturating
from keras_ganloss.penalties import Distance
from keras_ganloss.penalties import FeatureMatching
from keras_ganloss.updates import Alternating
from keras_ganloss.utils import arguments


def encodec(
    distance: Any = None,
    d_probability: float = 2 / 3,
    learning_rate: float = 3e-4,
) -> dict[str, Any]:
    """Returns arguments of `compile` for an audio codec, with EnCodec's losses.

    For `SupervisedGAN(codec, discriminator, conditional=False)` that is fit on
    `(sounds, sounds)`: a hinge for both players, averaged over resolutions;
    features relative to the real ones; and distances of waveforms and of
    spectrograms. `GradientShares` gives them 4, 4, 0.1 and 2 parts of the
    gradient at each sample. The discriminator plays on two of three batches.
    It is `networks.SpectrogramDiscriminator((num_samples, 1))`. What a layer
    adds, such as the commitment of a quantizer, is minimized as it is.

    Args:
        distance: The distance of spectrograms. Defaults to
            `MultiScaleMel(24_000)`, for sound at 24 kHz.
        d_probability: Float in (0, 1], the chance of a turn of the
            discriminator; 1/2 for sound at 48 kHz. Defaults to 2/3.
        learning_rate: Float, of both players. Defaults to 3e-4.

    Returns:
        A new dict. Other arguments of `compile` go beside it.

    Raises:
        ValueError: If a number is not what is described here.

    Example:

    ```python
    settings = recipes.encodec(d_probability=0.5)
    ```

    Reference: [Défossez et al., 2022](https://arxiv.org/abs/2210.13438); the
        shares, the average of the generator and the optimizers are
        audiocraft's.
    """
    learning_rate = arguments.positive("learning_rate", learning_rate)

    def optimizer():
        return keras.optimizers.Adam(
            learning_rate, beta_1=0.5, beta_2=0.9, epsilon=1e-8
        )

    return {
        "d_optimizer": optimizer(),
        "g_optimizer": optimizer(),
        "d_loss": Heads(NonSaturating(Hinge()), combine="mean"),
        "g_penalties": [
            Distance("mae", name="waveform"),
            Distance(
                MultiScaleMel(24_000) if distance is None else distance,
                name="spectrogram",
            ),
            FeatureMatching(
                "hidden", distance="mae", relative=True, combine="mean"
            ),
        ],
        "loss_weights": GradientShares(
            {
                "adversarial": 4.0,
                "feature_matching": 4.0,
                "waveform": 0.1,
                "spectrogram": 2.0,
            },
            decay=0.999,
        ),
        "updates": Alternating(d_probability=d_probability),
        "ema": 0.99,
    }
