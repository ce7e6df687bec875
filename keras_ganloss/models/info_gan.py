"""A GAN whose discriminator finds out what the generator was told."""

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_ganloss.game.samples import Duel
from keras_ganloss.models import building
from keras_ganloss.models.codes import Code
from keras_ganloss.models.codes import draw_codes
from keras_ganloss.models.codes import information_loss
from keras_ganloss.models.heads import check_heads
from keras_ganloss.models.latent_model import LatentModel
from keras_ganloss.utils import arguments
from keras_ganloss.utils import registry
from keras_ganloss.utils.shapes import batch_size
from keras_ganloss.utils.typing import Nest


@keras.saving.register_keras_serializable(package="keras_ganloss")
class InfoGAN(LatentModel):
    """Information maximizing GAN: finds classes and directions by itself.

    Beside the latent the generator gets random codes, and the discriminator
    guesses them from the sample. Both players want the guess to be right,
    so that the codes come to stand for what can be seen. Data are samples
    alone: `fit(samples)`.

    The generator takes `[latent, code]`, where `code` are all codes in one
    vector; the discriminator returns `[logits, parameters]`, its guesses in
    one vector, too. Logs have `"d_code"` and `"g_code"`: minus the bound on
    the mutual information in nats, which `loss_weights` may weigh.

    A `pool` cannot be used: older fakes were made from other codes.

    Args:
        generator, latent_shape, seed, name: See `GAN`.
        discriminator: A `keras.Model` that returns `[logits, parameters]`
            of shapes `(batch_size, 1)`, or one a patch, and `(batch_size,
            num_parameters)`, summed over the codes.
        codes: List of `Code`s, such as `[Categorical(10), Uniform(2)]`.

    Raises:
        ValueError: If `codes` are none, or the networks do not fit them.

    Example:

    ```python
    gan = InfoGAN(generator, discriminator, [Categorical(10)])
    gan.compile(loss_weights={"g_code": 0.5})
    gan.fit(images)
    one_of_each = gan.generate(10, condition=np.eye(10))
    kinds = gan.discriminator.predict(images)[1].argmax(axis=-1)
    ```

    Reference: [Chen et al., 2016](https://arxiv.org/abs/1606.03657)
    """

    discriminators = ("discriminator",)
    logits = 0  # Beside them is something else.
    takes_pool = False
    d_terms = {"d_code": 1.0}
    g_terms = {"g_code": 1.0}
    takes_condition = True

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        codes: Iterable[Any],
        latent_shape: Any = None,
        seed: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("conditional", None)  # From a config: labels are no codes.
        super().__init__(generator, latent_shape, False, seed, name, **kwargs)
        self.set_networks(discriminator=discriminator)
        check_heads(discriminator, "parameters")
        self.codes = [
            registry.get(code, Code, {}, name="codes")
            for code in arguments.as_list("codes", codes)
        ]
        num_latents = len(building.latent_shapes(self.latent_shape))
        _check_codes(self.codes, generator, discriminator, num_latents)
        building.build_discriminator(generator, discriminator)

    def told(self, latent: Nest, condition: Nest, seed: Any) -> Nest:
        if condition is None:
            condition = draw_codes(self.codes, batch_size(latent), seed)
        return condition

    def check_condition(self, condition: Nest, num: int) -> Nest:
        if condition is None:
            return None
        condition = np.asarray(condition, "float32")
        wanted = (num, sum(code.size for code in self.codes))
        if condition.shape != wanted:
            raise ValueError(
                "`condition` must be all codes of each sample in one vector, "
                f"of shape {wanted}; of `Categorical` codes one-hot. "
                f"Received: condition.shape={condition.shape}"
            )
        return condition

    def duels(self, samples: Any, turn: Any) -> list[Duel]:
        return [
            Duel(
                turn.judge(self.discriminator),
                samples.real,
                samples.fake,
            )
        ]

    def terms(
        self, samples: Any, duels: Sequence[Duel], turn: Any
    ) -> dict[str, Any]:
        def loss():
            parameters = duels[0].judge.raw_outputs(samples.fake)[1]
            codes = samples.extras["told"]
            return information_loss(self.codes, parameters, codes)

        return {"d_code": loss, "g_code": loss}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "codes": keras.saving.serialize_keras_object(self.codes),
        }


def _check_codes(codes, generator, discriminator, num_latents):
    """Raises unless both networks have room for the codes, if they tell."""
    if not codes:
        raise ValueError(
            "`codes` must have at least one code, such as `Categorical(10)`; "
            "without any, use `GAN`. Received: codes=[]"
        )
    size = sum(code.size for code in codes)
    num_parameters = sum(code.num_parameters for code in codes)
    for network, ends, others, number, what in (
        (
            generator,
            "inputs",
            num_latents,
            size,
            "take `[latent, code]`, code",
        ),
        (
            discriminator,
            "outputs",
            1,
            num_parameters,
            "return `[logits, parameters]`, parameters",
        ),
    ):
        tensors = keras.tree.flatten(getattr(network, ends, None) or [])
        shapes = [tuple(tensor.shape[1:]) for tensor in tensors]
        if shapes and shapes[others:] != [(number,)]:
            raise ValueError(
                f"{network.name!r} must {what} of shape (batch_size, "
                f"{number}), the sum over `codes`. Received: {ends} of "
                f"shapes {shapes} without the batch"
            )
