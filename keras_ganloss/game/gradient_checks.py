"""Games in which a learned loss could train nothing."""

from typing import Any

import keras

from keras_ganloss import backend
from keras_ganloss.game.objective import Objective
from keras_ganloss.utils.typing import Nest


def check_gradients(game: Any, data: Nest) -> None:
    """Raises if a learned loss cannot move the player that minimizes it.

    Not every backend would say so: a gradient that does not exist is one of
    zeros on JAX, and so is that of rounding on torch (and that of `sign` on
    TensorFlow, which is not found). Looked at is which
    operations there are, and no value, so that a dead unit or a weight of
    zero is no mistake. Nothing is trained, and no state changes.

    Args:
        game: A `Game`.
        data: A batch as Keras gives it to `train_step`.

    Raises:
        ValueError: If the loss of a duel depends on no weight.
    """

    # Without the learned loss nothing is asked of it.
    asked = game.factors["adversarial"] != 0.0

    def losses(side, turn):
        values = []
        for duel in game.duels(turn.samples, turn):
            objective = Objective("", {})
            objective.add_duel(side, duel)
            values.append(objective.adversarial)
        return values

    def drawn():
        turn = game.turn("generator")
        samples = turn.draw(data)

        def g_losses():
            if not asked:
                return []
            _check_dtypes(game, samples.fake)
            return losses(game.g_loss, turn)

        def d_losses():
            return losses(game.d_loss, turn.answered(samples.stop_gradient()))

        return [g_losses, d_losses]

    g_unreached, d_unreached = backend.unreached(
        drawn, [game.g_player.variables, game.d_player.variables]
    )
    if g_unreached:
        raise ValueError(_g_message(game))
    if d_unreached:
        raise ValueError(
            "No gradient reaches the discriminator: `d_loss` does not depend "
            "on its trainable weights, so that `fit` would train nothing. "
            "Look for `stop_gradient`, `argmax`, rounding or a cast to "
            "integers in it, and in the loss. Received: "
            f"discriminator={_names(game.d_networks)}, d_loss="
            f"{game.d_loss.name!r}"
        )


def _check_dtypes(game, fake):
    dtypes = [
        keras.backend.standardize_dtype(leaf.dtype)
        for leaf in keras.tree.flatten(fake)
    ]
    if not any(map(keras.backend.is_float_dtype, dtypes)):
        raise ValueError(_g_message(game, f", samples of dtype {dtypes}"))


def _g_message(game, more=""):
    inputs = [
        keras.backend.standardize_dtype(tensor.dtype)
        for network in game.d_networks
        for tensor in keras.tree.flatten(getattr(network, "inputs", None) or [])
    ]
    return (
        "No gradient of the discriminator reaches the generator, so that "
        "`fit` would not train it: between its weights and the loss there is "
        "an operation without a gradient, such as `argmax`, rounding, a cast "
        "to integers (an integer `keras.Input` of the discriminator is one) "
        "or `stop_gradient`. Show the discriminator floats: probabilities in "
        "place of classes, levels that are not rounded. Received: "
        f"generator={_names(game.g_networks)}{more}, inputs of the "
        f"discriminator of dtype {inputs}, g_loss={game.g_loss.name!r}"
    )


def _names(networks):
    return ", ".join(repr(network.name) for network in networks)
