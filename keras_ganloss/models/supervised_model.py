"""The abstract game whose samples have right answers, too."""

import keras

from keras_ganloss.export import export_network
from keras_ganloss.game import checks
from keras_ganloss.game.adversarial_model import AdversarialModel
from keras_ganloss.models import building
from keras_ganloss.models.supervision import SupervisedLoss
from keras_ganloss.models.supervision import get_metrics
from keras_ganloss.models.supervision import split_weights


class SupervisedModel(AdversarialModel):
    """Abstract: explicit losses of real and fake samples as one more term.

    Subclasses have a `generator` and fill what `AdversarialModel` wants; in
    `draw`, `extras` are the weights as Keras hands them out. The generator's
    term `"supervised"` is there already.

    Args:
        seed, **kwargs: See `AdversarialModel`.
    """

    def __init__(self, seed=None, **kwargs):
        super().__init__(seed=seed, **kwargs)
        self.supervised_loss = None

    def compile(
        self,
        d_optimizer=None,
        g_optimizer=None,
        loss=None,
        metrics=None,
        loss_weights=None,
        **kwargs,
    ):
        """Configures the game.

        Args:
            d_optimizer, g_optimizer: See `GAN.compile`.
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
        checks.get_optimizers(d_optimizer, g_optimizer)
        checks.check_loss(loss)
        own, of_outputs = split_weights(loss, loss_weights)
        self.supervised_loss = None
        if loss is not None:
            self.supervised_loss = SupervisedLoss(loss, of_outputs)
        super().compile(
            d_optimizer,
            g_optimizer,
            metrics=get_metrics(metrics),
            loss_weights=own,
            **kwargs,
        )

    def made_of(self, x, y):
        return {"generator": y}

    @property
    def g_term_names(self):
        return () if self.supervised_loss is None else ("supervised",)

    def g_terms(self, samples, duels):
        del duels
        if self.supervised_loss is None:
            return {}
        loss = self.supervised_loss(samples.real, samples.fake, samples.extras)
        return {"supervised": loss}

    def export(self, path, **kwargs):
        """Writes the (averaged) generator for a server.

        Its inputs are called as their `keras.Input`s, or `source` if there
        is one alone, and its outputs `samples`.

        Args:
            path: See `GAN.export`.
            **kwargs: `format` and `verbose`, see `GAN.export`.
        """
        names = building.input_names(self.generator)
        with self.averaged_in_place():
            export_network(self.generator, path, names, **kwargs)

    def get_compile_config(self):
        config = super().get_compile_config()
        if self.supervised_loss is not None:
            config["loss"] = keras.saving.serialize_keras_object(
                self.supervised_loss.loss
            )
            config["loss_weights"] |= self.supervised_loss.weights
        # That of a compiled generator is saved, and loaded, with it.
        own = getattr(self.generator, "optimizer", None)
        config["shares_optimizer"] = self.g_optimizer is own
        return config

    def compile_from_config(self, config):
        settings = keras.saving.deserialize_keras_object(config)
        if settings.pop("shares_optimizer", False):
            settings["g_optimizer"] = self.generator.optimizer
        self.compile_as_saved(settings)
