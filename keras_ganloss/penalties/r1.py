"""R1: the squared gradient on real samples."""

import keras

from keras_ganloss.penalties.squared_gradient_penalty import (
    SquaredGradientPenalty,
)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class R1(SquaredGradientPenalty):
    """`weight / 2` times the mean squared gradient norm on real samples.

    It shares the discriminator's forward pass with the loss.

    Args:
        weight: Float or schedule, the paper's gamma. Papers use from 0.05
            (32 x 32) to 150 (256 x 256), with and without the 1/2: check
            which. R3GAN lowers it along a cosine, for R1 and R2 alike:
            `CosineDecay(initial_learning_rate=0.05, decay_steps=..., alpha=
            0.1)` of `keras.optimizers.schedules`.
        at: Optional list of names of layers of a functional discriminator,
            such as `["mixed_1", "mixed_2"]` of `ProjectedDiscriminator`: the
            gradients are those by what these layers return, added up over
            the layers, and stop there, before a pretrained network. Defaults
            to those by the samples.
        name: The name in the logs. Defaults to `"r1"`.

    Example:

    ```python
    gan.compile(d_loss="modified_minimax", penalties=[R1(1.0)])
    ```

    Reference: [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406);
        at features [Sauer et al., 2023](https://arxiv.org/abs/2311.17042)
    """

    gradients_at = ("real",)
