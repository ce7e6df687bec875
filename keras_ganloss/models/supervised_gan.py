"""A supervised model that also answers to a learned loss."""

import functools
from typing import Any
from typing import Self

import keras
import numpy as np
from keras import ops

from keras_ganloss.export import export_generator
from keras_ganloss.game import checks
from keras_ganloss.game import data_checks
from keras_ganloss.game.calls import joined
from keras_ganloss.game.ends import judged_outputs
from keras_ganloss.game.samples import Samples
from keras_ganloss.game.samples import TargetDuel
from keras_ganloss.game.turn import normal_for
from keras_ganloss.models import building
from keras_ganloss.models.judged import check_judged
from keras_ganloss.models.judged import judged_parts
from keras_ganloss.models.supervised_model import SupervisedModel
from keras_ganloss.models.supervision import Answers
from keras_ganloss.models.supervision import join_metrics
from keras_ganloss.models.supervision import mean_weight
from keras_ganloss.models.supervision import settings_of
from keras_ganloss.models.supervision import split_metrics
from keras_ganloss.models.supervision import structured_as
from keras_ganloss.models.truncation import check_truncation
from keras_ganloss.models.truncation import draw_latents
from keras_ganloss.utils import arguments
from keras_ganloss.utils.masks import masks_of
from keras_ganloss.utils.masks import zero_padding
from keras_ganloss.utils.precision import widen_all
from keras_ganloss.utils.shapes import map_shapes
from keras_ganloss.utils.typing import Nest


@keras.saving.register_keras_serializable(package="keras_ganloss")
class SupervisedGAN(SupervisedModel):
    """Supervised model that also answers to a learned loss.

    Where several answers are right, an explicit loss returns their average.
    A discriminator that looks at an input and an answer learns to say which
    answers are right; added to the explicit loss, or in its stead, it makes
    the model choose one of them.

    Data, inputs and outputs are those of the supervised model:
    `fit(x, y)`.

    With `latent_shape` the generator takes `[latent, x]`, as that of a
    conditional `GAN`, so that one input has several answers:
    `generate(x, num=5)`. Give the explicit loss a small weight then, as it
    pulls them together, or keep them apart by the penalty `LatentDiversity`.

    Args:
        generator: The supervised `keras.Model`, of any inputs and outputs.
        discriminator: A `keras.Model` that returns logits. It takes
            `[answer, x]` if `conditional`, else the answer alone; inputs
            and answers with several parts come as they are.
        conditional: Whether the discriminator sees the input. Defaults to
            `True`: it then learns which answer fits which input.
        seed: Optional int, see `GAN`.
        name: Optional name.
        logits: Which outputs of the discriminator are logits, where there are
            others: an index, a name, a list of such, or a function of what
            it returns. Defaults to all.
        judged: What the discriminator sees of targets and answers, where it
            is not all of both: the name or index of an output, a list of
            such, or a function of `(target, answer)` that returns what it
            sees of each, such as `keras_ganloss.models.one_hot` for class
            labels. The explicit loss and metrics get them as they are.
        latent_shape: Tuple without the batch, or a list or a dict of such:
            the generator then takes normal latents before `x`, or in a dict
            with it. Defaults to `None`: it takes `x` alone.

    Raises:
        ValueError: If a network or an argument is not what is described here.

    Example:

    ```python
    gan = SupervisedGAN(unet, discriminator)
    gan.compile(
        loss="mae", d_loss="hinge", loss_weights={"adversarial": 0.01}
    )
    gan.fit(x, y, epochs=10, validation_data=(x_test, y_test))
    answers = gan.predict(x_test)
    ```

    Reference: [Isola et al., 2017](https://arxiv.org/abs/1611.07004)
    """

    discriminators = ("discriminator",)
    generators = ("generator",)

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        conditional: bool = True,
        seed: int | None = None,
        name: str | None = None,
        logits: Any = None,
        judged: Nest = None,
        latent_shape: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, name=name, **kwargs)
        self.set_networks(generator=generator, discriminator=discriminator)
        self.conditional = conditional
        self.logits = logits
        check_judged(judged, generator)
        self.judged = judged
        self.latent_shape = latent_shape
        if latent_shape is not None:
            self.latent_shape = building.get_latent_shape(
                generator, latent_shape
            )
            building.check_latents(generator, self.latent_shape)

    @classmethod
    def from_compiled(
        cls,
        model: keras.Model,
        discriminator: keras.Model,
        conditional: bool = True,
        seed: int | None = None,
        logits: Any = None,
        judged: Nest = None,
        latent_shape: Any = None,
        **kwargs: Any,
    ) -> Self:
        """Makes a game of a compiled model, and compiles it.

        The model's loss, loss weights, metrics and weights stay, and so does
        its optimizer with its state. `compute_loss` and `compute_metrics` of
        the model's own are used. It can be evaluated and trained by itself
        afterwards, too.

        Args:
            model: A compiled `keras.Model`.
            discriminator, conditional, seed: See `SupervisedGAN`.
            logits, judged, latent_shape: See `SupervisedGAN`.
            **kwargs: See `compile`. `loss_weights`, `SampleMetric`s and a
                `GradientNorms` are added to those of the model; anything else
                replaces what the model has.

        Raises:
            ValueError: If the model is not compiled with a loss, or has a
                `train_step` of its own.
        """
        checks.check_network("model", model)
        settings = settings_of(model)
        if "loss" in kwargs:
            settings["output_weights"] = None
        of_game, metrics = split_metrics(kwargs.pop("metrics", None))
        metrics = settings["metrics"] if metrics is None else metrics
        settings["metrics"] = join_metrics(of_game, metrics)
        game = cls(
            model,
            discriminator,
            conditional=conditional,
            seed=seed,
            logits=logits,
            judged=judged,
            latent_shape=latent_shape,
        )
        game.compile(**{**settings, **kwargs})
        return game

    @property
    def sample_shapes(self) -> Any:
        if callable(self.judged):
            return None  # It may shape them as it likes.
        outputs = judged_outputs(self.judged, self.generator)
        return [tuple(output.shape) for output in outputs] or None

    @property
    def condition_shapes(self) -> Any:
        if not self.conditional:
            return []
        shapes = building.input_shapes(self.generator)
        if shapes is None or self.latent_shape is None:
            return shapes
        return building.condition_shapes(self.generator, self.latent_shape)

    def draw(self, batch: Any, turn: Any) -> Samples:
        x, target, sample_weight = data_checks.unpack_pairs(batch)
        if self.latent_shape is None:
            source = x
            output = turn.call_generator(self.generator, x)
        else:
            latent = turn.normal(x, self.latent_shape)
            source = joined(self.generator, latent, x)
            output = turn.call_generator(self.generator, latent, x)
        masks = masks_of(output)
        return Samples(
            *self._judged(target, output, masks),
            condition=x if self.conditional else None,
            sample_weight=mean_weight(sample_weight),
            extras=Answers(
                source,
                target,
                output,
                masks,
                sample_weight,
                turn.losses_of(self.generator),
            ),
        )

    def outputs(self, samples: Samples) -> Nest:
        return widen_all(samples.extras.output)

    def with_outputs(self, samples: Samples, outputs: Nest) -> Samples:
        answers = samples.extras._replace(output=outputs)
        real, fake = self._judged(answers.target, outputs, answers.masks)
        return samples._replace(real=real, fake=fake, extras=answers)

    def inputs_within(self, x: Nest) -> Nest:
        if self.latent_shape is None:
            return x
        batch_size = keras.tree.flatten(x)[0].shape[0]
        latent = map_shapes(
            lambda shape: keras.KerasTensor((batch_size, *shape)),
            self.latent_shape,
        )
        return joined(self.generator, latent, x)

    def _judged(self, target, output, masks):
        """Returns what the discriminator sees of targets and of answers."""
        target = structured_as(output, target, self.generator)
        real, fake, masks = judged_parts(
            self.judged, target, output, masks, self.generator
        )
        return [
            zero_padding(samples, masks)
            for samples in checks.check_and_cast(real, widen_all(fake))
        ]

    def duels(self, samples: Samples, turn: Any) -> list[Any]:
        judge = turn.judge(self.discriminator, samples.condition)
        return [TargetDuel.over(samples, judge)]

    def call(self, inputs: Nest, training: bool = False) -> Nest:
        """Returns the (averaged) generator's answers, of drawn latents."""
        if self.latent_shape is not None:
            latent = normal_for(inputs, self.latent_shape, self.seed_generator)
            # `predict_on_batch` hands in arrays of numpy on JAX.
            inputs = keras.tree.map_structure(ops.convert_to_tensor, inputs)
            inputs = joined(self.generator, latent, inputs)
        return self.run_generator(self.generator, inputs, training)

    @functools.wraps(keras.Model.predict)
    def predict(self, *args: Any, **kwargs: Any) -> Any:
        if self.latent_shape is None:
            return super().predict(*args, **kwargs)
        # One answer each, the same ones in every call.
        with self.random_state_kept(seed=0):
            return super().predict(*args, **kwargs)

    def generate(
        self,
        x: Nest,
        num: int,
        seed: int | None = None,
        batch_size: int | None = None,
        truncation: float | None = None,
    ) -> Nest:
        """Makes several answers to each input, of a game with latents.

        `predict(x)` makes one, and the same one in every call.

        Args:
            x: Inputs as `fit` takes them: an array, or a nest of arrays.
            num: Int, how many answers to each.
            seed, batch_size, truncation: See `GAN.generate`; of the answers,
                `batch_size` are made at once.

        Returns:
            Numpy array of shape `(len(x), num, ...)`, or a nest of such.

        Raises:
            ValueError: If the game has no latents, or an argument is out of
                range.
        """
        if self.latent_shape is None:
            raise ValueError(
                "The game has no latents, so it has one answer to an input: "
                "`predict(x)`. For several let the generator take `[latent, "
                "x]`, and pass `SupervisedGAN(..., latent_shape=(8,))`. "
                "Received: latent_shape=None"
            )
        arguments.positive_int("num", num)
        check_truncation(truncation)
        x = keras.tree.map_structure(lambda leaf: np.repeat(leaf, num, 0), x)
        num_answers = len(keras.tree.flatten(x)[0])
        data_checks.check_divisible(num_answers, batch_size)
        draw = keras.random.SeedGenerator(
            None if seed is None else int(seed) % 2**31
        )
        latent = draw_latents(num_answers, self.latent_shape, truncation, draw)
        inputs = joined(self.generator, latent, x)
        with self.averaged_in_place(), self.random_state_kept(seed):
            answers = self.generator.predict(
                inputs, batch_size=batch_size, verbose=0
            )
        return keras.tree.map_structure(
            lambda leaf: np.reshape(leaf, (-1, num, *leaf.shape[1:])), answers
        )

    def export(self, path: Any, **kwargs: Any) -> None:
        """Writes the (averaged) generator for a server.

        Its inputs are called as their `keras.Input`s, or `source` if there
        is one alone, and its outputs `samples`. With latents it is written
        as a conditional `GAN` writes its own: `x` is `condition`, and
        `latent` is given in one signature, and drawn by the server in two.

        Args:
            path: See `GAN.export`.
            **kwargs: `format` and `verbose`, see `GAN.export`; with latents
                also `condition`, the specs of `x` of a generator that does
                not tell.
        """
        if self.latent_shape is None:
            super().export(path, **kwargs)
            return
        specs = building.condition_specs(
            self.generator, True, self.latent_shape
        )
        with self.averaged_in_place():
            export_generator(
                self.generator, path, self.latent_shape, **{**specs, **kwargs}
            )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "latent_shape": self.latent_shape,
            "conditional": self.conditional,
            "logits": keras.saving.serialize_keras_object(self.logits),
            "judged": keras.saving.serialize_keras_object(self.judged),
        }
