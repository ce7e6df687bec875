"""The abstract game that also learns the way back to latents."""

from typing import Any

from keras import ops

from keras_ganloss.models import building
from keras_ganloss.models.latent_model import LatentModel
from keras_ganloss.utils.shapes import compatible
from keras_ganloss.utils.typing import Nest


class EncodingModel(LatentModel):
    """Abstract: a generator, and an encoder from samples to latents.

    Subclasses fill `discriminators`, `duels`, and in `draw` what they make of
    the codes: `turn.generate(self.encoder, samples)`.

    `export` writes the generator; `gan.encoder.export(path)` the encoder.

    Args:
        generator, latent_shape, seed, name: See `GAN`.
        encoder: A `keras.Model` from samples to latents.

    Raises:
        ValueError: If the encoder does not return latents.
    """

    generators: tuple[str, ...] = ("encoder", "generator")

    def __init__(
        self,
        generator: Any,
        encoder: Any,
        latent_shape: Any = None,
        seed: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("conditional", None)  # From a config; always false.
        super().__init__(generator, latent_shape, False, seed, name, **kwargs)
        building.check_one_latent(
            self.latent_shape,
            f"`{type(self).__name__}`, which encodes samples,",
        )
        self.set_networks(encoder=encoder)
        building.build_discriminator(generator, encoder)
        shapes = building.output_shapes(encoder)
        wanted = (None, *self.latent_shape)
        fits = shapes is None or (
            len(shapes) == 1 and compatible(shapes[0], wanted)
        )
        if not fits:
            raise ValueError(
                "`encoder` must return latents as the generator takes them, "
                f"of shape {wanted}. Received: encoder outputs of shapes "
                f"{shapes}"
            )

    def encode(self, samples: Nest, batch_size: int | None = None) -> Any:
        """Returns latents, with the averaged encoder where there is one.

        Args:
            samples: Array of samples, or a nest of arrays.
            batch_size: See `keras.Model.predict`.

        Returns:
            Numpy array of shape `(num, *latent_shape)`.
        """
        with self.averaged_in_place(), self.random_state_kept():
            codes = self.encoder.predict(
                samples, batch_size=batch_size, verbose=0
            )
        return ops.convert_to_numpy(codes)

    def reconstruct(self, samples: Nest, batch_size: int | None = None) -> Nest:
        """Returns what the generator makes of the codes of samples.

        Args:
            samples, batch_size: See `encode`.
        """
        codes = self.encode(samples, batch_size)
        with self.random_state_kept():
            return self.predict(codes, batch_size=batch_size, verbose=0)
