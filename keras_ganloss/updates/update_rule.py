"""The abstract update rule."""

from keras_ganloss.game.player import minimize
from keras_ganloss.utils.described import Described


class UpdateRule(Described):
    """How a batch moves both players.

    Subclasses fill `play`. An update rule has no state: counters and
    averages belong to the model.
    """

    # Whether gradients with respect to weights are differentiated again.
    # Those of one replica are not those of the joint batch.
    differentiates_twice = False

    def check(self, model):
        """Refuses a model that it does not suit; called by `compile`."""

    def play(self, model, data):
        """Updates both players on a batch.

        Args:
            model: An `AdversarialModel`.
            data: A batch as Keras gives it to `train_step`.

        Returns:
            The logs, a dict of scalars, and the `Samples` of the step.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `play(model, data)`."
        )

    def play_discriminator(self, model, data):
        """Updates the discriminator alone; returns logs and samples."""
        samples = model.draw(data, training=True)
        logs = update_discriminator(model, samples)
        return logs, samples

    def play_generator(self, model, data):
        """Updates the generator alone, on fresh fakes."""

        def objective():
            losses, logs = model.g_objective(model.draw(data, training=True))
            return losses, logs, None

        return minimize(objective, model.g_player)[0]

    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def update_discriminator(model, samples):
    """One update of the discriminator on given samples; returns logs."""
    fixed = model.pooled(samples.stop_gradient())

    def objective():
        loss, logs = model.d_objective(fixed)
        return [loss], logs, None

    return minimize(objective, model.d_player)[0]
