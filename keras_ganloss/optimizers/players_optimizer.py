"""One optimizer that answers for two."""

import keras

from keras_ganloss.backend.keras_internals import trained_by


class PlayersOptimizer(keras.optimizers.Optimizer):
    """What `model.optimizer` is: both players' optimizers behind one face.

    Keras and its callbacks know one optimizer per model. This one has the
    variables of both, and its learning rate is that of both.

    Args:
        d_optimizer: The discriminator's optimizer.
        g_optimizer: The generator's optimizer.
    """

    def __init__(self, d_optimizer, g_optimizer):
        super().__init__(learning_rate=0.0, name="players_optimizer")
        # Hidden from the tracker, which would save both under two names.
        self._players = (d_optimizer, g_optimizer)
        self.built = True

    @property
    def variables(self):
        return [
            variable
            for optimizer in self._players
            for variable in optimizer.variables
        ]

    @property
    def unscaled(self):
        """List of both optimizers, without their loss scaling."""
        return [
            getattr(player, "inner_optimizer", player)
            for player in self._players
        ]

    @property
    def iterations(self):
        """How many updates the discriminator has made."""
        return self._players[0].iterations

    @property
    def learning_rate(self):
        """The learning rate: the discriminator's, if the two differ.

        Setting it sets both, for Keras's learning rate callbacks.

        Raises:
            ValueError: If it is set while the two differ: then a callback
                must say whose rate it means.
        """
        return self._players[0].learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate):
        rates = [float(player.learning_rate) for player in self._players]
        if rates[0] != rates[1]:
            raise ValueError(
                "The two optimizers have different learning rates, so "
                "setting one rate for both would lose their ratio. Wrap the "
                "callback for one player: `keras_ganloss.callbacks.ForPlayer("
                "'discriminator', callback)`. Received: "
                f"learning_rate={learning_rate}, d_optimizer.learning_rate="
                f"{rates[0]}, g_optimizer.learning_rate={rates[1]}"
            )
        d_optimizer, g_optimizer = self._players
        before = float(d_optimizer.learning_rate)
        d_optimizer.learning_rate = learning_rate
        try:
            g_optimizer.learning_rate = learning_rate
        except (TypeError, ValueError):  # It follows a schedule.
            d_optimizer.learning_rate = before
            raise

    def build(self, variables):
        """Does nothing: each optimizer is built on its own variables."""

    def apply(self, grads, trainable_variables=None):
        raise NotImplementedError(
            "Each player has its own optimizer: use `model.d_optimizer` and "
            "`model.g_optimizer`."
        )

    def finalize_variable_values(self, var_list):
        """Ends a `fit`: optimizers with `use_ema` write their averages."""
        del var_list  # Of the whole model; each optimizer knows its own.
        for player in self._players:
            variables = trained_by(player)
            player.finalize_variable_values(variables)
            if keras.backend.backend() == "jax":
                # They share memory with the averages now, which the next
                # `fit` must not give away twice.
                for variable in variables:
                    variable.assign(keras.ops.copy(variable.value))

    def save_own_variables(self, store):
        """Does nothing: each optimizer is saved by itself."""

    def load_own_variables(self, store):
        """Does nothing: each optimizer is loaded by itself."""

    def get_config(self):
        return {
            "d_optimizer": keras.saving.serialize_keras_object(
                self._players[0]
            ),
            "g_optimizer": keras.saving.serialize_keras_object(
                self._players[1]
            ),
        }
