"""A GAN whose discriminator names the class, too."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss.game.samples import Duel
from keras_ganloss.losses.reduction import reduce
from keras_ganloss.models import building
from keras_ganloss.models.heads import check_heads
from keras_ganloss.models.latent_model import LatentModel
from keras_ganloss.utils.typing import Tensor


def class_loss(
    logits: Any, labels: Tensor, sample_weight: Any = None
) -> Tensor:
    """Mean cross-entropy of class logits.

    Args:
        logits: Tensor of shape `(batch_size, num_classes)`.
        labels: Integers of shape `(batch_size,)` or `(batch_size, 1)`, or
            probabilities of the shape of `logits`.
        sample_weight: Optional tensor of shape `(batch_size,)`.
    """
    if tuple(labels.shape[1:]) == tuple(logits.shape[1:]):
        values = ops.categorical_crossentropy(labels, logits, from_logits=True)
    else:
        values = ops.sparse_categorical_crossentropy(
            ops.reshape(labels, (-1,)), logits, from_logits=True
        )
    return reduce(values, "sum_over_batch_size", sample_weight)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class ACGAN(LatentModel):
    """Auxiliary classifier GAN: the discriminator also names the class.

    The generator takes `[latent, label]`; the discriminator takes samples
    alone and returns `[logits, class_logits]`. Both players want real and
    fake samples to be classified right. Data: `fit(samples, labels)`.

    Logs have `"d_class"` and `"g_class"`, the cross-entropies, which
    `loss_weights` may weigh.

    Args:
        generator, latent_shape, seed, name: See `GAN`.
        discriminator: A `keras.Model` that returns `[logits, class_logits]`
            of shapes `(batch_size, 1)`, or one a patch, and `(batch_size,
            num_classes)`.

    Example:

    ```python
    gan = ACGAN(generator, discriminator)
    gan.compile(d_loss="hinge", loss_weights={"g_class": 0.1})
    gan.fit(images, labels)
    digits = gan.generate(10, condition=np.arange(10))
    ```

    Reference: [Odena et al., 2016](https://arxiv.org/abs/1610.09585)
    """

    discriminators = ("discriminator",)
    logits = 0  # Beside them is something else.
    d_terms = {"d_class": 1.0}
    g_terms = {"g_class": 1.0}

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        latent_shape: Any = None,
        seed: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("conditional", None)  # From a config; always true.
        super().__init__(generator, latent_shape, True, seed, name, **kwargs)
        self.set_networks(discriminator=discriminator)
        check_heads(discriminator, "class_logits")
        building.build_discriminator(generator, discriminator)

    def duels(self, samples: Any, turn: Any) -> list[Duel]:
        return [Duel.over(samples, turn.judge(self.discriminator))]

    def terms(
        self, samples: Any, duels: Sequence[Duel], turn: Any
    ) -> dict[str, Any]:
        def loss(which):
            logits = duels[0].judge.raw_outputs(which)[1]
            return class_loss(logits, samples.condition, samples.sample_weight)

        return {
            "d_class": lambda: loss(samples.real) + loss(samples.fake),
            "g_class": lambda: loss(samples.fake),
        }
