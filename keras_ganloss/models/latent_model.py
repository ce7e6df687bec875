"""The abstract game of a generator that starts from noise."""

from typing import Any

import keras

from keras_ganloss.export import export_generator
from keras_ganloss.game import checks
from keras_ganloss.game import data_checks
from keras_ganloss.game import keras_signatures
from keras_ganloss.game.calls import joined
from keras_ganloss.game.game import Game
from keras_ganloss.game.samples import Samples
from keras_ganloss.models import building
from keras_ganloss.models.truncation import check_truncation
from keras_ganloss.models.truncation import draw_latents
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest


class LatentModel(Game):
    """Abstract: a generator from latents to samples, and who judges them.

    Subclasses fill `discriminators` and `duels`, and where they need it the
    rest of `Game`.

    Args:
        generator: A `keras.Model` of latents, or of `[latents, condition]`.
        latent_shape: Tuple without the batch; a list or a dict of such for
            several latents; or `None` for what the generator's (first) input
            says.
        conditional: Bool, whether the generator takes a condition, which
            the data then hold: `fit(samples, conditions)`.
        seed, name: See `Game`.
    """

    generators: tuple[str, ...] = ("generator",)

    def __init__(
        self,
        generator: keras.Model,
        latent_shape: Any = None,
        conditional: bool = False,
        seed: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, name=name, **kwargs)
        self.set_networks(generator=generator)
        self.conditional = conditional
        self.latent_shape: Any = building.get_latent_shape(
            generator, latent_shape, self.takes_condition
        )

    @property
    def sample_shapes(self) -> Any:
        """Shapes of what the generator makes, or `None` if it is silent."""
        return building.output_shapes(self.generator)

    def draw(self, batch: Any, turn: Any) -> Samples:
        real, condition, sample_weight = data_checks.unpack(
            batch, self.conditional
        )
        latent = turn.normal(real, self.latent_shape)
        told = self.told(latent, condition, self.seed_generator)
        fake = turn.generate(self.generator, latent, told)
        real, fake = checks.check_and_cast(real, fake)
        extras = {"latent": latent, "told": told}
        return Samples(real, fake, condition, sample_weight, extras)

    def told(self, latent: Nest, condition: Nest, seed: Any) -> Nest:
        """Returns what the generator is told beside the latent, or `None`.

        Args:
            latent: Tensor of shape `(batch_size, *latent_shape)`, or a nest
                of such.
            condition: What the data or the caller of `generate` say, or
                `None`.
            seed: Int or `keras.random.SeedGenerator`, for games that draw
                more than latents.
        """
        del latent, seed
        return condition

    @property
    def takes_condition(self) -> bool:
        """Whether the generator takes `[latent, condition]`."""
        return self.conditional

    def made_of(self, x: Nest, y: Nest) -> dict[str, Any]:
        del y
        return {"generator": x}

    def call(self, inputs: Nest, training: bool = False) -> Nest:
        """Returns samples of latents, or of `[latents, condition]`."""
        return self.run_generator(self.generator, inputs, training)

    @keras_signatures.takes(keras_signatures.fit)
    def fit(
        self, x: Nest = None, y: Nest = None, *args: Any, **kwargs: Any
    ) -> Any:
        """Trains both players; arguments are those of `keras.Model.fit`.

        Args:
            x: Real samples: an array, a `tf.data.Dataset`, a `PyDataset`, a
                generator or a torch `DataLoader`.
            y: Conditions, for conditional networks. With them, weights of
                samples weigh the losses of both players, not the penalties.
            *args, **kwargs: See `keras.Model.fit`.

        Returns:
            A `keras.callbacks.History`.

        Raises:
            ValueError: If the data do not fit the networks, hold NaN or
                infinity, or come with weights that would have no effect.
        """
        data_checks.check_arguments(super().fit, self, x, y, args, kwargs)
        return super().fit(x, y, *args, **kwargs)

    @keras_signatures.takes(keras_signatures.evaluate)
    def evaluate(
        self, x: Nest = None, y: Nest = None, *args: Any, **kwargs: Any
    ) -> Any:
        """Returns both losses and the metrics on data, without training.

        The random state of training is put back afterwards: a run with
        `validation_data` trains as one without.
        """
        data_checks.check_arguments(super().evaluate, self, x, y, args, kwargs)
        return super().evaluate(x, y, *args, **kwargs)

    def generate(
        self,
        num: int,
        condition: Nest = None,
        seed: int | None = None,
        batch_size: int | None = None,
        truncation: float | None = None,
    ) -> Nest:
        """Makes samples, with the averaged generator where there is one.

        Args:
            num: Int, how many.
            condition: What to make, for conditional networks: an array, or
                a nest of arrays, of `num` rows.
            seed: Optional int. The same seed gives the same samples.
                Defaults to fresh ones; training is not disturbed.
            batch_size: See `keras.Model.predict`.
            truncation: Optional float, such as 0.7: numbers of the latents
                beyond plus and minus this are drawn again, for better
                samples of less variety
                ([Brock et al., 2018](https://arxiv.org/abs/1809.11096)).

        Returns:
            Numpy array of shape `(num, ...)`, or a nest of such.

        Raises:
            ValueError: If `num` is less than one, `condition` is missing,
                superfluous or of another length, or `truncation` is not
                positive.
        """
        num = arguments.positive_int("num", num)
        check_truncation(truncation)
        condition = self.check_condition(condition, num)
        data_checks.check_divisible(num, batch_size)
        # One object: an int would give latents and codes the same numbers.
        draw = keras.random.SeedGenerator(
            None if seed is None else int(seed) % 2**31
        )
        latent = draw_latents(num, self.latent_shape, truncation, draw)
        told = self.told(latent, condition, draw)
        inputs = joined(self.generator, latent, told)
        with self.random_state_kept(seed):
            return self.predict(inputs, batch_size=batch_size, verbose=0)

    def check_condition(self, condition: Nest, num: int) -> Nest:
        """Returns the condition of `num` samples; raises if it is wrong."""
        condition = data_checks.as_condition(condition, num, self.conditional)
        specs = building.condition_specs(
            self.generator, self.takes_condition, self.latent_shape
        )
        return data_checks.of_rank(condition, specs.get("condition"))

    def export(
        self,
        path: Any,
        format: str = "tf_saved_model",
        verbose: Any = True,
        **kwargs: Any,
    ) -> None:
        """Writes the (averaged) generator, ready for a server.

        Args:
            path: Where to write; must not exist yet. TensorFlow Serving
                expects `<base>/<version>`.
            format: `"tf_saved_model"`, `"onnx"`, `"litert"` or
                `"openvino"`.
            verbose: Whether to say where it was written.
            **kwargs: See `export.export_generator`: `condition`, the specs
                of the condition of a generator that does not tell.
        """
        specs = building.condition_specs(
            self.generator, self.takes_condition, self.latent_shape
        )
        with self.averaged_in_place():
            export_generator(
                self.generator,
                path,
                self.latent_shape,
                format=format,
                verbose=verbose,
                **specs,
                **kwargs,
            )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "latent_shape": self.latent_shape,
            "conditional": self.conditional,
        }
