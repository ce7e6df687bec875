"""One generator against one discriminator."""

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

    Latents are standard normal. Samples may have any rank, and be nests of
    tensors if the networks take and return such.

    Args:
        generator: A `keras.Model`: functional, sequential or subclassed.
        discriminator: A `keras.Model` that returns logits, one a sample or
            one a patch, or several outputs.
        latent_shape: Tuple without the batch. Defaults to what the
            generator's (first) input says; needed for a generator that does
            not tell, such as a subclassed one.
        conditional: Whether the networks take a condition. Defaults to what
            the generator's number of inputs says.
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
        generator,
        discriminator,
        latent_shape=None,
        conditional=None,
        seed=None,
        name=None,
        logits=None,
        **kwargs,
    ):
        checks.check_network("generator", generator)
        checks.check_network("discriminator", discriminator)
        conditional = building.get_conditional(
            generator, discriminator, conditional
        )
        super().__init__(
            generator, latent_shape, conditional, seed, name, **kwargs
        )
        self.set_networks(discriminator=discriminator)
        self.logits = logits
        if not self.conditional:
            building.build(generator, discriminator, self.latent_shape)

    @property
    def condition_shapes(self):
        shapes = building.input_shapes(self.generator)
        return shapes and shapes[1:]

    def duels(self, samples, turn):
        return [
            Duel.over(
                samples, turn.judge(self.discriminator, samples.condition)
            )
        ]

    def get_config(self):
        return {
            **super().get_config(),
            "logits": keras.saving.serialize_keras_object(self.logits),
        }
