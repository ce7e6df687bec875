"""A GAN that learns the inverse of its generator."""

from typing import Any

import keras

from keras_ganloss import losses
from keras_ganloss.game.game import DEFAULT_LOSS
from keras_ganloss.game.samples import Duel
from keras_ganloss.losses.role_swapped import RoleSwapped
from keras_ganloss.losses.sides import resolve_sides
from keras_ganloss.models.encoding_model import EncodingModel


@keras.saving.register_keras_serializable(package="keras_ganloss")
class BiGAN(EncodingModel):
    """Bidirectional GAN: generator and encoder against one discriminator.

    The discriminator tells pairs `[x, encoder(x)]` of real samples from
    pairs `[generator(z), z]`. They cannot be told apart only if generator
    and encoder undo each other. Data are samples: `fit(samples)`.

    A `pool` cannot be used: older fakes were made from other latents.
    Transforms and penalties get the pairs.

    Args:
        generator, latent_shape, seed, name: See `GAN`.
        encoder: A `keras.Model` from samples to latents.
        discriminator: A `keras.Model` of `[sample, latent]` that returns
            logits.

    Raises:
        ValueError: If a network is no Keras model or does not fit.

    Example:

    ```python
    gan = BiGAN(generator, encoder, discriminator)
    gan.compile(d_loss="hinge")
    gan.fit(images)
    codes = gan.encode(images)
    similar = gan.reconstruct(images)
    ```

    Reference:
        [Donahue et al., 2016](https://arxiv.org/abs/1605.09782),
        [Dumoulin et al., 2016](https://arxiv.org/abs/1606.00704)
    """

    discriminators = ("discriminator",)
    takes_pool = False

    def __init__(
        self,
        generator: keras.Model,
        encoder: keras.Model,
        discriminator: keras.Model,
        latent_shape: Any = None,
        seed: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(generator, encoder, latent_shape, seed, name, **kwargs)
        self.set_networks(discriminator=discriminator)
        _check_inputs(generator, discriminator)

    def compile(
        self,
        d_optimizer: Any = None,
        g_optimizer: Any = None,
        d_loss: Any = None,
        g_loss: Any = None,
        **kwargs: Any,
    ) -> None:
        """Configures the game.

        Args:
            d_optimizer, g_optimizer: See `GAN.compile`; the encoder is
                updated with the generator.
            d_loss: See `GAN.compile`.
            g_loss: Likewise, a loss that looks at real samples, too.
                Defaults to that of the discriminator with the roles
                swapped, `RoleSwapped`, as in the paper.
            **kwargs: See `GAN.compile`.

        Raises:
            ValueError: See `GAN.compile`; and if `g_loss` ignores real
                samples: the encoder would learn nothing.
        """
        if g_loss is None:
            d_side, _ = resolve_sides(
                DEFAULT_LOSS if d_loss is None else d_loss, None, losses.CLASSES
            )
            d_loss = RoleSwapped(d_side.loss)
        super().compile(d_optimizer, g_optimizer, d_loss, g_loss, **kwargs)
        if not self.g_loss.needs_real_output:
            raise ValueError(
                "`g_loss` must look at the outputs on real samples: the "
                "encoder is judged by them. Leave it out, or pass a "
                "`RoleSwapped` or `Relativistic` loss. "
                f"Received: g_loss={g_loss!r}"
            )

    def draw(self, batch: Any, turn: Any) -> Any:
        samples = super().draw(batch, turn)
        code = turn.generate(self.encoder, samples.real)
        return samples._replace(extras={**samples.extras, "code": code})

    def duels(self, samples: Any, turn: Any) -> list[Duel]:
        return [
            Duel(
                turn.judge(self.discriminator),
                [samples.real, samples.extras["code"]],
                [samples.fake, samples.extras["latent"]],
            )
        ]


def _check_inputs(generator, discriminator):
    """Raises unless the discriminator takes pairs, if it tells."""
    made = keras.tree.flatten(getattr(generator, "outputs", None) or [None])
    taken = keras.tree.flatten(getattr(discriminator, "inputs", None) or [])
    if taken and len(taken) != len(made) + 1:
        raise ValueError(
            "`discriminator` must take `[sample, latent]`. Received: a "
            f"discriminator with {len(taken)} input(s)"
        )
