"""From what users pass as `d_loss` and `g_loss` to the two sides."""

import inspect
from typing import Any

import keras

from keras_ganloss.losses.adversarial_loss import AdversarialLoss
from keras_ganloss.losses.adversarial_loss import DiscriminatorLoss
from keras_ganloss.losses.adversarial_loss import GeneratorLoss
from keras_ganloss.losses.adversarial_loss import LossSide
from keras_ganloss.losses.function_loss import FunctionLoss
from keras_ganloss.losses.label_loss import LabelLoss
from keras_ganloss.utils import registry

HINT = (
    "A side of one (`Hinge().d_loss`), a `keras.losses.Loss` and a function "
    "of the discriminator's outputs are possible too. "
)


def resolve_sides(d_loss: Any, g_loss: Any, classes: Any) -> tuple[Any, Any]:
    """Returns the discriminator's and the generator's side.

    Args:
        d_loss: A name, an `AdversarialLoss`, one side of one, a plain Keras
            loss, a function of `(real_output, fake_output)`, a config of one
            of these, or `None` for the partner of `g_loss`.
        g_loss: Likewise; a function may take `(fake_output)` alone.
        classes: Dict of name to `AdversarialLoss` class.

    Raises:
        ValueError: If one is none of these, or the other player's side, or
            has no reduction.
    """
    d_pair = None if d_loss is None else _pair(d_loss, "d", classes)
    g_pair = None if g_loss is None else _pair(g_loss, "g", classes)
    sides = (d_pair or g_pair).d_loss, (g_pair or d_pair).g_loss
    _check_player(d_loss, GeneratorLoss, "d_loss")
    _check_player(g_loss, DiscriminatorLoss, "g_loss")
    for name, side in zip(("d_loss", "g_loss"), sides):
        if side.reduction in (None, "none"):
            raise ValueError(
                f"`{name}` must be reduced to a scalar to be minimized. Pass "
                "`reduction='sum_over_batch_size'`. Received: "
                f"reduction={side.reduction!r}"
            )
    return sides


def _pair(identifier, player, classes):
    if isinstance(identifier, dict):
        identifier = keras.saving.deserialize_keras_object(identifier)
    if isinstance(identifier, LossSide):
        return identifier.loss
    if isinstance(identifier, keras.losses.Loss):
        return LabelLoss(identifier)
    if callable(identifier) and not inspect.isclass(identifier):
        return FunctionLoss(**{f"{player}_function": identifier})
    return registry.get(
        identifier, AdversarialLoss, classes, HINT, f"{player}_loss"
    )


def _check_player(identifier, other_side, name):
    if isinstance(identifier, other_side):
        raise ValueError(
            f"`{name}` is the other player's side of a loss. Pass "
            f"`loss.{name}`, or the whole loss. Received: {name}={identifier!r}"
        )
