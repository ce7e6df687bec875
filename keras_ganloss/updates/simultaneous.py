"""Both players move at once."""

import keras

from keras_ganloss.game.player import minimize
from keras_ganloss.updates.update_rule import UpdateRule


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Simultaneous(UpdateRule):
    """Simultaneous gradient descent: both gradients at the same weights.

    One forward pass of the generator and of the discriminator serves both
    players.

    Reference: [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406)
    """

    def play(self, model, data):
        def objective():
            samples = model.draw(data, training=True)
            losses, logs = model.joint_objectives(samples)
            return losses, logs, samples.stop_gradient()

        return minimize(objective, model.d_player, model.g_player)
