"""The latents of given samples, for a generator that is trained already."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss import losses
from keras_ganloss.game import checks
from keras_ganloss.game.calls import call_fixed
from keras_ganloss.losses.sides import resolve_sides
from keras_ganloss.models import building
from keras_ganloss.models.fixed_networks import FixedNetworks
from keras_ganloss.models.truncation import normal
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class LatentGAN(FixedNetworks):
    """Finds the latents that make a trained generator give wanted samples.

    To edit images, to fill in what is missing, or to see what a generator
    cannot make. A plain Keras model whose only trainable weight is
    `latents`; the networks are fixed. `project` is short for Keras's `fit` on
    the numbers of the samples: `fit(np.arange(num), targets)`.

    Weights are used as they are: pass `game.averaged_generator()` for those
    of `generate`.

    Args:
        generator: A trained `keras.Model` of latents.
        num: Int, how many samples there will be.
        latent_shape: See `GAN`.
        limit: Optional float: latents stay within plus and minus this.
        discriminator: Optional trained `keras.Model` of samples that returns
            logits, which the samples should please, too.
        realism: Float, the factor of that. Defaults to 0.1.
        realism_loss: Its loss, as `g_loss` of `GAN.compile`, one that does
            not need real samples. Defaults to `"modified_minimax"`.
        seed: Optional int, which decides where the search begins: at normal
            numbers of no more than 2, or `limit`.
        name: Optional name.

    Raises:
        ValueError: If an argument is not what is described here.

    Example:

    ```python
    search = LatentGAN(gan.averaged_generator(), num=len(images), limit=3.0)
    search.compile(keras.optimizers.Adam(0.05), "mse")
    latents = search.project(images, epochs=300)
    closest = search.reconstruct()
    ```

    Reference: [Lipton and Tripathi, 2017](https://arxiv.org/abs/1702.04782)
    """

    def __init__(
        self,
        generator: keras.Model,
        num: int,
        latent_shape: Any = None,
        limit: float | None = None,
        discriminator: keras.Model | None = None,
        realism: float = 0.1,
        realism_loss: Any = "modified_minimax",
        seed: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        checks.check_network("generator", generator)
        _check_inputs(generator)
        if limit is not None:
            arguments.positive("limit", limit, "Such as 3.0, or `None`.")
        _check_discriminator(discriminator)
        self.generator = generator
        self.num = arguments.positive_int("num", num)
        self.latent_shape = building.get_latent_shape(generator, latent_shape)
        building.check_one_latent(self.latent_shape, "`LatentGAN`")
        self.limit = limit
        self.discriminator = discriminator
        self.realism = realism
        _, self.realism_loss = resolve_sides(None, realism_loss, losses.CLASSES)
        _check_loss(self.realism_loss)
        self.seed = seed
        self.latents = self.add_weight(
            shape=(self.num, *self.latent_shape),
            initializer=_start(limit, seed),
            constraint=_within(limit),
            name="latents",
        )
        self.free = [self.latents]
        self.built = True

    def call(self, inputs: Nest, training: bool = False) -> Nest:
        """Returns samples of the latents of these numbers."""
        del training  # The networks are as they are for `generate`.
        latents = ops.take(self.latents, ops.cast(inputs, "int32"), axis=0)
        samples = call_fixed(self.generator, latents)
        if self.discriminator is not None:
            outputs = call_fixed(self.discriminator, samples)
            for output in keras.tree.flatten(outputs):
                value = self.realism_loss.reduced(None, output)
                self.add_loss(self.realism * value)
        return samples

    def project(
        self,
        targets: Nest,
        batch_size: int | None = None,
        verbose: Any = 0,
        **kwargs: Any,
    ) -> Tensor:
        """Searches on from where it is; returns the latents.

        Args:
            targets: Array of `num` samples, or a nest of arrays.
            batch_size: Int. Defaults to all: then momentum moves each
                latent once an epoch.
            verbose, **kwargs: See `keras.Model.fit`, such as `epochs`.

        Returns:
            Numpy array of shape `(num, *latent_shape)`.

        Raises:
            ValueError: If there are not `num` targets.
        """
        _check_targets(targets, self.num)
        kwargs = {"batch_size": batch_size or self.num, **kwargs}
        self.fit(np.arange(self.num), targets, verbose=verbose, **kwargs)
        return ops.convert_to_numpy(self.latents)

    def reconstruct(self, batch_size: int | None = None) -> Nest:
        """Returns the samples of all latents, a numpy array or a nest."""
        return self.predict(np.arange(self.num), batch_size, verbose=0)

    def get_config(self) -> dict[str, Any]:
        plain = ("num", "latent_shape", "limit", "realism", "seed", "name")
        config = {name: getattr(self, name) for name in plain}
        for name in ("generator", "discriminator", "realism_loss"):
            config[name] = getattr(self, name)
        config["dtype"] = self.dtype_policy
        return keras.saving.serialize_keras_object(config)


def _check_inputs(generator):
    inputs = keras.tree.flatten(getattr(generator, "inputs", None) or [])
    if len(inputs) > 1:
        raise ValueError(
            "`generator` must take latents alone. Fix the condition: "
            "`keras.Model(latent, generator([latent, condition]))`. "
            f"Received: a generator with {len(inputs)} inputs"
        )


def _check_discriminator(discriminator):
    if discriminator is not None:
        checks.check_network("discriminator", discriminator)


def _check_targets(targets, num):
    lengths = {len(leaf) for leaf in keras.tree.flatten(targets)}
    if lengths != {num}:
        raise ValueError(
            f"`targets` must be {num} samples, one for each latent. "
            f"Received: targets of length {sorted(lengths)}"
        )


def _start(limit, seed):
    """Returns an initializer of latents that are not far out."""
    start = keras.random.SeedGenerator(seed)
    reach = min(2.0, limit or 2.0)
    return lambda shape, dtype: ops.cast(normal(shape, reach, start), dtype)


def _within(limit):
    """Returns what keeps latents within a limit, or `None`."""
    if limit is None:
        return None
    return lambda latents: ops.clip(latents, -limit, limit)


def _check_loss(side):
    if side.needs_real_output:
        raise ValueError(
            "`realism_loss` must not need real samples, as relativistic "
            "losses do: there are none to compare with. Received: "
            f"realism_loss={side!r}"
        )
