"""A supervised model that also answers to a learned loss."""

from typing import Any
from typing import Self

import keras

from keras_ganloss.game import checks
from keras_ganloss.game import data_checks
from keras_ganloss.game.ends import judged_outputs
from keras_ganloss.game.samples import Samples
from keras_ganloss.game.samples import TargetDuel
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
from keras_ganloss.utils.masks import masks_of
from keras_ganloss.utils.masks import zero_padding
from keras_ganloss.utils.precision import widen_all
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
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, name=name, **kwargs)
        self.set_networks(generator=generator, discriminator=discriminator)
        self.conditional = conditional
        self.logits = logits
        check_judged(judged, generator)
        self.judged = judged

    @classmethod
    def from_compiled(
        cls,
        model: keras.Model,
        discriminator: keras.Model,
        conditional: bool = True,
        seed: int | None = None,
        logits: Any = None,
        judged: Nest = None,
        **kwargs: Any,
    ) -> Self:
        """Makes a game of a compiled model, and compiles it.

        The model's loss, loss weights, metrics and weights stay, and so does
        its optimizer with its state. `compute_loss` and `compute_metrics` of
        the model's own are used. It can be evaluated and trained by itself
        afterwards, too.

        Args:
            model: A compiled `keras.Model`.
            discriminator, conditional, seed, logits, judged: See
                `SupervisedGAN`.
            **kwargs: See `compile`. `loss_weights` and `SampleMetric`s are
                added to those of the model; anything else replaces what the
                model has.

        Raises:
            ValueError: If the model is not compiled with a loss, or has a
                `train_step` of its own.
        """
        checks.check_network("model", model)
        settings = settings_of(model)
        if "loss" in kwargs:
            settings["output_weights"] = None
        of_samples, metrics = split_metrics(kwargs.pop("metrics", None))
        metrics = settings["metrics"] if metrics is None else metrics
        settings["metrics"] = join_metrics(of_samples, metrics)
        game = cls(
            model,
            discriminator,
            conditional=conditional,
            seed=seed,
            logits=logits,
            judged=judged,
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
        return building.input_shapes(self.generator)

    def draw(self, batch: Any, turn: Any) -> Samples:
        source, target, sample_weight = data_checks.unpack_pairs(batch)
        output = turn.call_generator(self.generator, source)
        masks = masks_of(output)
        return Samples(
            *self._judged(target, output, masks),
            condition=source if self.conditional else None,
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

    def _judged(self, target, output, masks):
        """Returns what the discriminator sees of targets and of answers."""
        target = structured_as(output, target, self.generator)
        real, fake, masks = judged_parts(
            self.judged, target, output, masks, self.generator
        )
        return [
            zero_padding(samples, masks)
            for samples in checks.matched(real, widen_all(fake))
        ]

    def duels(self, samples: Samples, turn: Any) -> list[Any]:
        judge = turn.judge(self.discriminator, samples.condition)
        return [TargetDuel.over(samples, judge)]

    def call(self, inputs: Nest, training: bool = False) -> Nest:
        """Returns the (averaged) generator's answers."""
        return self.run_generator(self.generator, inputs, training)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "conditional": self.conditional,
            "logits": keras.saving.serialize_keras_object(self.logits),
            "judged": keras.saving.serialize_keras_object(self.judged),
        }
