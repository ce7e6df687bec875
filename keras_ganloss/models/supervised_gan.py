"""A supervised model that also answers to a learned loss."""

import keras

from keras_ganloss.models import building
from keras_ganloss.models import checks
from keras_ganloss.models import data_checks
from keras_ganloss.models.adversarial_model import AdversarialModel
from keras_ganloss.models.duel import Duel
from keras_ganloss.models.duel import Samples
from keras_ganloss.models.maker import bind
from keras_ganloss.models.supervision import SupervisedLoss
from keras_ganloss.models.supervision import get_metrics


@keras.saving.register_keras_serializable(package="keras_ganloss")
class SupervisedGAN(AdversarialModel):
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

    def __init__(
        self,
        generator,
        discriminator,
        conditional=True,
        seed=None,
        name=None,
        **kwargs,
    ):
        super().__init__(seed=seed, name=name, **kwargs)
        checks.check_network("generator", generator)
        checks.check_network("discriminator", discriminator)
        self.generator = generator
        self.discriminator = discriminator
        self.conditional = conditional
        self.supervised_loss = None

    @classmethod
    def from_compiled(
        cls, model, discriminator, conditional=True, seed=None, **kwargs
    ):
        """Makes a game of a compiled model, and compiles it.

        The model's loss, loss weights, metrics and weights stay, and so does
        its optimizer with its state.

        Args:
            model: A compiled `keras.Model`.
            discriminator, conditional, seed: See `SupervisedGAN`.
            **kwargs: See `compile`. `loss_weights` are added to those of
                the model.

        Raises:
            ValueError: If the model is not compiled with a loss.
        """
        checks.check_network("model", model)
        if not model.compiled or getattr(model, "loss", None) is None:
            raise ValueError(
                "`model` must be compiled with a loss. Call "
                "`model.compile(optimizer, loss)` first, or make a "
                "`SupervisedGAN(model, discriminator)` and compile that. "
                f"Received: model={model.name!r}, compiled={model.compiled}"
            )
        settings = keras.saving.deserialize_keras_object(
            model.get_compile_config()
        )
        weights = settings.get("loss_weights") or {}
        if isinstance(weights, (list, tuple)):
            weights = dict(enumerate(weights))
        weights = {**weights, **(kwargs.pop("loss_weights", None) or {})}
        arguments = {
            "loss": model.loss,
            "g_optimizer": model.optimizer,
            "metrics": settings.get("metrics"),
            "loss_weights": weights,
            **kwargs,
        }
        game = cls(model, discriminator, conditional=conditional, seed=seed)
        game.compile(**arguments)
        return game

    def compile(self, loss=None, metrics=None, loss_weights=None, **kwargs):
        """Configures the game.

        Args:
            loss: The explicit loss: any Keras loss (name, object or
                function), or for several outputs one for all, or a dict or
                list as the outputs, with `None` for those without one.
                Defaults to `None`: the learned loss alone.
            metrics: Keras metrics of `(y_true, y_pred)` (names, objects or
                functions), or a dict of output name to metrics.
            loss_weights: Optional dict of factors: `"adversarial"` (the
                generator's learned loss), `"supervised"` (the sum of the
                explicit ones), and names of outputs.
            **kwargs: See `GAN.compile`.

        Raises:
            ValueError: See `GAN.compile`.
        """
        self.supervised_loss = None
        weights = dict(loss_weights or {})
        own = {
            name: weights.pop(name)
            for name in list(weights)
            if name in ("adversarial", "supervised")
        }
        if loss is not None:
            self.supervised_loss = SupervisedLoss(loss, weights)
        elif weights:
            raise ValueError(
                "`loss_weights` of outputs need a `loss`. Received: "
                f"loss_weights={loss_weights!r}, loss=None"
            )
        super().compile(
            metrics=get_metrics(metrics), loss_weights=own, **kwargs
        )

    @property
    def g_term_names(self):
        return () if self.supervised_loss is None else ("supervised",)

    @property
    def sample_shapes(self):
        return building.output_shapes(self.generator)

    @property
    def d_networks(self):
        return [self.discriminator]

    @property
    def g_networks(self):
        return [self.generator]

    def draw(self, data, training):
        source, target, sample_weight = data_checks.unpack_pairs(data)
        fake = self.run_generator(self.generator, source, training)
        target, fake = checks.matched(target, fake)
        condition = source if self.conditional else None
        return Samples(target, fake, condition, sample_weight, source)

    def duels(self, samples, judge):
        return [
            Duel(
                judge(self.discriminator, samples.condition),
                samples.real,
                samples.fake,
                samples.sample_weight,
            )
        ]

    def makers(self, samples, training):
        return [
            bind(
                self,
                self.generator,
                samples.inputs,
                None,
                samples.real,
                samples.fake,
                training,
            )
        ]

    def g_terms(self, samples, duels):
        del duels
        if self.supervised_loss is None:
            return {}
        loss = self.supervised_loss(
            samples.real, samples.fake, samples.sample_weight
        )
        return {"supervised": loss}

    def call(self, inputs, training=False):
        """Returns the (averaged) generator's answers."""
        return self.run_generator(self.generator, inputs, training)

    def get_compile_config(self):
        config = super().get_compile_config()
        if self.supervised_loss is not None:
            config["loss"] = keras.saving.serialize_keras_object(
                self.supervised_loss.loss
            )
            config["loss_weights"] |= self.supervised_loss.weights
        return config

    def get_config(self):
        return {
            **super().get_config(),
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(
                self.discriminator
            ),
            "conditional": self.conditional,
        }
