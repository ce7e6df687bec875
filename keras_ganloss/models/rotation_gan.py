"""A GAN whose discriminator also says how images are turned."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss.game.samples import Duel
from keras_ganloss.models import building
from keras_ganloss.models.ac_gan import class_loss
from keras_ganloss.models.heads import check_heads
from keras_ganloss.models.latent_model import LatentModel
from keras_ganloss.utils.typing import Tensor


def turned_by_quarters(images: Tensor) -> tuple[Tensor, Tensor]:
    """Returns a quarter of a batch, turned by 0, 90, 180 and 270 degrees.

    Args:
        images: Tensor of shape `(batch_size, size, size, channels)`.

    Returns:
        Images of about as many, and the number of quarter turns of each.
    """
    num = (ops.shape(images)[0] + 3) // 4  # At least one.
    some = images[:num]
    turned = [ops.rot90(some, k=k, axes=(1, 2)) for k in range(4)]
    return ops.concatenate(turned), ops.repeat(ops.arange(4), num)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class RotationGAN(LatentModel):
    """Self-supervised GAN: the discriminator also says how images are turned.

    Images are turned by quarters, and both players want the second output of
    the discriminator to tell by how many: a task that keeps the
    discriminator from forgetting, without labels. Data: `fit(images)`.

    Logs have `"d_rotation"` and `"g_rotation"`, the cross-entropies, which
    `loss_weights` may weigh. The paper has 1 and 0.2.

    Args:
        generator, latent_shape, seed, name: See `GAN`; images are square,
            channels last.
        discriminator: A `keras.Model` that returns `[logits,
            rotation_logits]` of shapes `(batch_size, 1)`, or one a patch,
            and `(batch_size, 4)`.

    Example:

    ```python
    gan = RotationGAN(generator, discriminator)
    gan.compile(d_loss="hinge", loss_weights={"g_rotation": 0.2})
    gan.fit(images)
    ```

    Reference: [Chen et al., 2018](https://arxiv.org/abs/1811.11212)
    """

    discriminators = ("discriminator",)
    logits = 0  # Beside them is something else.
    d_terms = {"d_rotation": 1.0}
    g_terms = {"g_rotation": 1.0}

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        latent_shape: Any = None,
        seed: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("conditional", None)  # From a config; always false.
        super().__init__(generator, latent_shape, False, seed, name, **kwargs)
        self.set_networks(discriminator=discriminator)
        check_heads(discriminator, "rotation_logits")
        for shape in self.sample_shapes or []:
            if len(shape) != 4 or shape[1] != shape[2]:
                raise ValueError(
                    "`generator` must make square images, channels last, to "
                    "be turned by quarters. Received: images of shape "
                    f"{shape}"
                )
        building.build_discriminator(generator, discriminator)

    def duels(self, samples: Any, turn: Any) -> list[Duel]:
        judge = turn.judge(self.discriminator)
        return [Duel(judge, samples.real, samples.fake)]

    def terms(
        self, samples: Any, duels: Sequence[Duel], turn: Any
    ) -> dict[str, Any]:
        def loss(images):
            turned, quarters = turned_by_quarters(images)
            return class_loss(duels[0].judge.raw_outputs(turned)[1], quarters)

        return {
            "d_rotation": lambda: loss(samples.real),
            "g_rotation": lambda: loss(samples.fake),
        }
