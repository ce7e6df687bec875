"""One generator against one discriminator."""

from typing import Any

import keras

from keras_ganloss.game import checks
from keras_ganloss.game.samples import Duel
from keras_ganloss.models import building
from keras_ganloss.models.latent_model import LatentModel


@keras.saving.register_keras_serializable(package="keras_ganloss")
class GAN(LatentModel):
    """Generative adversarial network, conditional or not.

    Unconditional: the generator maps latents `(batch_size, *latent_shape)`
    to samples, the discriminator maps samples to logits, and the data are
    samples: `fit(samples)`.

    Conditional: the generator takes `[latent, condition]`, the discriminator
    `[sample, condition]`, and the data are pairs: `fit(samples, conditions)`.

    Latents are standard normal. A generator may take several, as StyleGAN's
    takes noise beside the latent: with `latent_shape=[(512,), (4, 4, 1)]` it
    is called on a list of two tensors, and with a condition on `[[latent,
    noise], condition]`; a functional one may take `[latent, noise,
    condition]`. Samples may have any rank, and be nests of tensors if the
    networks take and return such.

    Args:
        generator: A `keras.Model`: functional, sequential or subclassed.
        discriminator: A `keras.Model` that returns logits, one a sample or
            one a patch, or several outputs.
        latent_shape: Tuple without the batch, a list of tuples for several
            latents, or a dict of them for a generator that takes a dict.
            Defaults to what the generator's first input says, with
            `conditional=False` to what all inputs say; needed for a generator
            that does not tell, such as a subclassed one.
        conditional: Whether the networks take a condition. Defaults to
            whether the generator has more inputs than latents.
        seed: Optional int. The same seed gives the same history, bit for
            bit, on one device and with the same `jit_compile`: XLA draws
            other numbers.
        name: Optional name.
        logits: Which outputs of the discriminator are logits, where there are
            others: an index, a name, a list of such, or a function of what
            it returns. Defaults to all.

    Raises:
        ValueError: If a network is no Keras model, if one takes a condition
            and the other does not, or if the latent shape is not known.

    Example:

    ```python
    gan = GAN(generator, discriminator, seed=0)
    gan.compile(d_loss="hinge", ema=0.999)
    gan.fit(images, epochs=10)
    images = gan.generate(16, seed=0)
    ```

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661)
    """

    discriminators = ("discriminator",)

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        latent_shape: Any = None,
        conditional: bool | None = None,
        seed: int | None = None,
        name: str | None = None,
        logits: Any = None,
        **kwargs: Any,
    ) -> None:
        checks.check_network("generator", generator)
        checks.check_network("discriminator", discriminator)
        conditional = building.get_conditional(
            generator, discriminator, conditional, latent_shape
        )
        super().__init__(
            generator, latent_shape, conditional, seed, name, **kwargs
        )
        self.set_networks(discriminator=discriminator)
        self.logits = logits
        if not self.conditional:
            building.build(generator, discriminator, self.latent_shape)

    @property
    def condition_shapes(self) -> Any:
        if building.input_shapes(self.generator) is None:
            return None
        return building.condition_shapes(self.generator, self.latent_shape)

    def duels(self, samples: Any, turn: Any) -> list[Duel]:
        return [
            Duel.over(
                samples, turn.judge(self.discriminator, samples.condition)
            )
        ]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "logits": keras.saving.serialize_keras_object(self.logits),
        }
