"""A GAN that is an autoencoder, too."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss.game.samples import Duel
from keras_ganloss.models import building
from keras_ganloss.models.encoding_model import EncodingModel


@keras.saving.register_keras_serializable(package="keras_ganloss")
class AlphaGAN(EncodingModel):
    """Autoencoding GAN: what is encoded can be made again.

    One discriminator tells samples `x` from fakes `generator(z)` and from
    reconstructions `generator(encoder(x))`. Another one tells latents `z`
    from codes `encoder(x)`. Generator and encoder minimize the error of the
    reconstructions besides, which keeps the generator from forgetting a part
    of the data. Data are samples: `fit(samples)`.

    Logs have `"reconstruction"`, the mean absolute error, a mean over the
    numbers of a sample where the paper sums. `loss_weights` may weigh it.

    Where it differs from the paper: `x` counts in each of its two duels, not
    once for both, so a discriminator that cannot tell answers zero. Penalties
    count for each of the three duels. Generator and encoder are one player,
    so the encoder also learns from how reconstructions are judged.

    A `pool` keeps fakes, no reconstructions.

    Args:
        generator, latent_shape, seed, name: See `GAN`.
        encoder: A `keras.Model` from samples to latents.
        discriminator: A `keras.Model` of samples that returns logits.
        code_discriminator: A `keras.Model` of latents that returns logits.
            The paper advises against batch normalization in it.

    Raises:
        ValueError: If a network is no Keras model or does not fit.

    Example:

    ```python
    gan = AlphaGAN(generator, encoder, discriminator, code_discriminator)
    gan.compile(loss_weights={"reconstruction": 10.0})
    gan.fit(images)
    similar = gan.reconstruct(images)
    new = gan.generate(16)
    ```

    Reference: [Rosca et al., 2017](https://arxiv.org/abs/1706.04987)
    """

    discriminators = ("discriminator", "code_discriminator")
    g_terms = {"reconstruction": 1.0}

    def __init__(
        self,
        generator: keras.Model,
        encoder: keras.Model,
        discriminator: keras.Model,
        code_discriminator: keras.Model,
        latent_shape: Any = None,
        seed: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(generator, encoder, latent_shape, seed, name, **kwargs)
        self.set_networks(
            discriminator=discriminator, code_discriminator=code_discriminator
        )
        building.build_discriminator(generator, discriminator)
        building.build_discriminator(encoder, code_discriminator)

    def judged_shapes(self, discriminator: keras.Model) -> Any:
        if discriminator is self.code_discriminator:
            return [(None, *self.latent_shape)]
        return self.sample_shapes

    def draw(self, batch: Any, turn: Any) -> Any:
        samples = super().draw(batch, turn)
        code = turn.generate(self.encoder, samples.real)
        extras = {
            "latent": samples.extras["latent"],
            "code": code,
            "reconstruction": turn.generate(self.generator, code),
        }
        return samples._replace(extras=extras)

    def duels(self, samples: Any, turn: Any) -> list[Duel]:
        real, extras = samples.real, samples.extras
        of_samples = turn.judge(self.discriminator)
        of_codes = turn.judge(self.code_discriminator)
        return [
            Duel(of_samples, real, samples.fake),
            Duel(of_samples, real, extras["reconstruction"]),
            Duel(of_codes, extras["latent"], extras["code"]),
        ]

    def terms(
        self, samples: Any, duels: Sequence[Duel], turn: Any
    ) -> dict[str, Any]:
        errors = keras.tree.map_structure(
            lambda one, other: ops.mean(ops.abs(one - other)),
            samples.real,
            samples.extras["reconstruction"],
        )
        return {"reconstruction": sum(keras.tree.flatten(errors))}
