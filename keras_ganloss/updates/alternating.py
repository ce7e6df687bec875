"""The discriminator moves first, then the generator."""

import keras

from keras_ganloss.game.player import minimize
from keras_ganloss.updates.update_rule import UpdateRule
from keras_ganloss.updates.update_rule import update_discriminator


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Alternating(UpdateRule):
    """Alternating gradient descent, the algorithm of the GAN paper.

    The generator runs forward once: the discriminator is updated on its
    samples, and the generator is then judged, on the same samples, by the
    updated discriminator. That is why one update stands inside the function
    that the other differentiates.

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661)
    """

    def play(self, model, data):
        def objective():
            samples = model.draw(data, training=True)
            d_logs = update_discriminator(model, samples)
            losses, g_logs = model.g_objective(samples)
            return losses, {**d_logs, **g_logs}, samples.stop_gradient()

        return minimize(objective, model.g_player)
