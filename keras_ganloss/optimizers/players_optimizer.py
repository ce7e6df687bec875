"""One optimizer that answers for two."""

from typing import Any

import keras

from keras_ganloss.backend.keras_internals import trained_by
from keras_ganloss.utils.typing import Tensor


class PlayersOptimizer(keras.optimizers.Optimizer):
    """What `model.optimizer` is: both players' optimizers behind one face.

    Keras and its callbacks know one optimizer per model. This one has the
    variables of both; its learning rate is the generator's, and the
    discriminator's keeps its ratio to it.

    Args:
        d_optimizer: The discriminator's optimizer.
        g_optimizer: The generator's optimizer.
    """

    def __init__(self, d_optimizer: Any, g_optimizer: Any) -> None:
        super().__init__(learning_rate=0.0, name="players_optimizer")
        # Hidden from the tracker, which would save both under two names.
        self._players = (d_optimizer, g_optimizer)
        self._ratio = 1.0
        self.built = True

    @property
    def variables(self) -> list[Any]:
        return [
            variable
            for optimizer in self._players
            for variable in optimizer.variables
        ]

    @property
    def unscaled(self) -> Tensor:
        """List of both optimizers, without their loss scaling."""
        return [
            getattr(player, "inner_optimizer", player)
            for player in self._players
        ]

    @property
    def iterations(self) -> Any:
        """How many updates the discriminator has made."""
        return self._players[0].iterations

    @property
    def learning_rate(self) -> Any:
        """The generator's learning rate.

        Setting it sets the discriminator's too, which keeps its ratio to the
        generator's, for Keras's learning rate callbacks: what steered a
        model's rate goes on steering it when the model has become a
        generator, and two time scales remain two.

        Raises:
            ValueError: If an optimizer follows a schedule.
        """
        return self._players[1].learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> Any:
        d_optimizer, g_optimizer = self._players
        d_rate, g_rate = (
            float(player.learning_rate) for player in self._players
        )
        if g_rate:
            self._ratio = d_rate / g_rate  # It outlives a rate of zero.
        g_optimizer.learning_rate = learning_rate
        try:
            d_optimizer.learning_rate = self._ratio * learning_rate
        except (TypeError, ValueError):  # It follows a schedule.
            g_optimizer.learning_rate = g_rate
            raise

    def build(self, variables: Any) -> None:
        """Does nothing: each optimizer is built on its own variables."""

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        raise NotImplementedError(
            "Each player has its own optimizer: use `model.d_optimizer` and "
            "`model.g_optimizer`."
        )

    def finalize_variable_values(self, var_list: Any) -> None:
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

    def save_own_variables(self, store: dict[str, Any]) -> None:
        """Does nothing: each optimizer is saved by itself."""

    def load_own_variables(self, store: dict[str, Any]) -> None:
        """Does nothing: each optimizer is loaded by itself."""

    def get_config(self) -> dict[str, Any]:
        return {
            "d_optimizer": keras.saving.serialize_keras_object(
                self._players[0]
            ),
            "g_optimizer": keras.saving.serialize_keras_object(
                self._players[1]
            ),
        }
