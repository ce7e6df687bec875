"""Mistakes that are found before training starts."""

import contextlib
import warnings
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss import penalties as penalties_module
from keras_ganloss.balances import Balance
from keras_ganloss.utils import arguments
from keras_ganloss.utils.precision import computes_in_float16
from keras_ganloss.utils.shapes import compatible
from keras_ganloss.utils.suggestions import did_you_mean
from keras_ganloss.utils.typing import Nest

# Names that Keras knows, for suggestions.
OPTIMIZERS: list[str] = [
    name.lower() for name in vars(keras.optimizers) if name[0] != "_"
]
LOSSES: list[str] = [name for name in vars(keras.losses) if name[0] != "_"]
LOSSES += ["bce", "kld", "mae", "mape", "mse", "msle"]


def check_network(name: str, network: keras.Model) -> None:
    """Raises unless `network` is a Keras model."""
    if not isinstance(network, keras.Model):
        raise ValueError(
            f"`{name}` must be a `keras.Model`: functional, sequential or "
            f"subclassed. Received: {name}={arguments.shown(network)} (of "
            f"type {type(network).__name__})"
        )


def check_networks(
    d_networks: dict[str, keras.Model], g_networks: dict[str, keras.Model]
) -> None:
    """Raises if a network cannot be trained or belongs to both players.

    Args:
        d_networks, g_networks: Dicts of role, such as `"discriminator"`, to
            network.
    """
    for role, network in (*d_networks.items(), *g_networks.items()):
        if not network.built:
            raise ValueError(
                f"`{role}` is not built, so its weights are not known yet. "
                "Call it once on a batch, such as `generator([latents, "
                "conditions])`, before `compile`. Received: "
                f"{role} of type {type(network).__name__}, without weights"
            )
        if not network.trainable_variables:
            why = "no trainable weights"
            if network.weights:
                why = "only frozen weights (`trainable=False`)"
            raise ValueError(
                f"`{role}` has {why}, so `fit` would train nothing for it. "
                "Set `trainable = True` where it should learn; never freeze "
                "the other player, each one updates its own weights alone. "
                f"Received: {role} with {len(network.weights)} weights, 0 of "
                "them trainable"
            )
    theirs = _variables(d_networks.values())
    ours = _variables(g_networks.values())
    shared = [theirs[key].path for key in theirs if key in ours]
    if shared:
        raise ValueError(
            "The generator and the discriminator share weights, which both "
            "optimizers would update. Give each its own layers, "
            "`keras.models.clone_model` copies a network. Received: shared "
            f"weights {shared}"
        )


def _variables(networks):
    return {
        id(variable): variable
        for network in networks
        for variable in network.trainable_variables
    }


def get_penalties(name: str, penalties: Any) -> list[Any]:
    """Returns a list of penalties, in an order that is not the user's.

    What is listed is a set: any order computes, draws and sums the same.
    """
    found = [
        penalties_module.get(penalty, name)
        for penalty in arguments.as_list(name, penalties)
    ]
    return sorted(found, key=lambda one: (one.name or "", repr(one)))


def check_names(penalties: Any) -> None:
    """Raises if two penalties have one name in the logs."""
    names = [penalty.name for penalty in penalties if penalty.name is not None]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            "Each of `penalties` and `g_penalties` must have a name of its "
            "own, or one would overwrite the other in the logs. Pass `name=` "
            f"to one of them. Received: penalties called {twice}"
        )


def check_not_taken(penalties: Any, names: Any) -> None:
    """Raises if a penalty is called as another number in the logs is."""
    taken = sorted({penalty.name for penalty in penalties} & set(names))
    if taken:
        raise ValueError(
            "A penalty must not be called as a loss, a term or a score of the "
            "game, which it would overwrite in the logs. Pass another `name=`. "
            f"Received: penalties called {taken}"
        )


def check_beginner(game: Any) -> None:
    """Raises if the generator has nothing to learn before the learned loss."""
    explicit = [name for name in game.beginner.weights if name in game.g_terms]
    if game.order.adversarial_start and not explicit + game.g_penalties:
        raise ValueError(
            "Before `adversarial_start` the generator minimizes what asks no "
            "discriminator, and there is nothing of that kind. Use a game "
            "with a `loss`, such as `SupervisedGAN`, or leave "
            "`adversarial_start` out. Received: "
            f"adversarial_start={game.order.adversarial_start}, loss_weights="
            f"{game.loss_weights}"
        )


def check_loss_weights(loss_weights: Any, names: Any) -> dict[str, Any]:
    """Returns a dict of factors; raises for a name that is no term."""
    if loss_weights is None:
        return {}
    if not isinstance(loss_weights, dict):
        raise ValueError(
            f"`loss_weights` must be a dict with keys of {sorted(set(names))}."
            f" Received: loss_weights={loss_weights!r}"
        )
    unknown = sorted(set(loss_weights) - set(names))
    if unknown:
        raise ValueError(
            f"`loss_weights` must have keys of {sorted(set(names))}; "
            "penalties carry their weight themselves. Received: "
            f"unknown keys {unknown}"
        )
    return {
        name: _check_loss_weight(name, value)
        for name, value in loss_weights.items()
    }


def _check_loss_weight(name, value):
    if isinstance(value, keras.optimizers.schedules.LearningRateSchedule):
        return value
    if isinstance(value, Balance) and [*value.log_names] == [name]:
        return value
    return arguments.number(
        f"loss_weights[{name!r}]",
        value,
        "Or pass a schedule (`keras.optimizers.schedules`), or for "
        "'adversarial' a `balances.GradientRatio` or `Projected`; "
        "`GradientShares` stands in place of the dict.",
    )


def check_loss(loss: Any) -> None:
    """Raises if an explicit loss has a name that Keras does not know.

    Args:
        loss: See `SupervisedGAN.compile`.
    """
    for entry in keras.tree.flatten(loss):
        if str(entry).lower() in ("crossentropy", "ce"):
            continue  # Keras chooses which when it sees the shapes.
        try:
            keras.losses.get(entry)
        except ValueError:
            raise ValueError(
                "`loss` must be a Keras loss: a name, an object or a function,"
                " one for each output that has one. "
                f"{did_you_mean(entry, LOSSES)}The learned loss is `d_loss`. "
                f"Received: loss={arguments.shown(entry)}"
            ) from None


def get_optimizers(d_optimizer: Any, g_optimizer: Any) -> Any:
    """Returns two optimizer objects; raises if they are one."""
    shared = d_optimizer is g_optimizer
    if shared and isinstance(d_optimizer, keras.optimizers.Optimizer):
        raise ValueError(
            "`d_optimizer` and `g_optimizer` are the same object, whose "
            "moments would mix both players' gradients. Make two: "
            f"`keras.optimizers.{type(d_optimizer).__name__}(...)` twice. "
            f"Received: d_optimizer is g_optimizer, {d_optimizer!r}"
        )
    optimizers = []
    for name, optimizer in (
        ("d_optimizer", d_optimizer),
        ("g_optimizer", g_optimizer),
    ):
        if optimizer is None:
            optimizer = keras.optimizers.Adam(2e-4, beta_1=0.5)
        if isinstance(optimizer, (str, dict)):
            with contextlib.suppress(ValueError):  # Ours says what to do.
                optimizer = keras.optimizers.get(optimizer)
        if not isinstance(optimizer, keras.optimizers.Optimizer):
            meant = did_you_mean(optimizer, OPTIMIZERS)
            raise ValueError(
                f"`{name}` must be a `keras.optimizers.Optimizer`, or its "
                f"name. {meant}Losses go by keyword: `d_loss`, `g_loss`, and "
                "`loss` of a supervised game. "
                f"Received: {name}={arguments.shown(optimizer)} (of type "
                f"{type(optimizer).__name__})"
            )
        optimizers.append(optimizer)
    return optimizers


def with_loss_scaling(optimizer: Any, networks: Sequence[keras.Model]) -> Any:
    """Wraps an optimizer of float16 networks, whose gradients underflow."""
    half = any(computes_in_float16(network) for network in networks)
    scaled = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    if half and not scaled:
        return keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer


def warn_of_probabilities(discriminator: keras.Model, loss: Any) -> None:
    """Warns if outputs and loss disagree on logits or probabilities."""
    probabilities = last_activation(discriminator) == "sigmoid"
    if probabilities and loss.from_logits:
        warnings.warn(
            f"The discriminator {discriminator.name!r} ends in a sigmoid, "
            f"but the loss {loss.name!r} expects logits: it would saturate. "
            "Leave the last activation out. Received: last "
            "activation='sigmoid'",
            stacklevel=3,
        )
    if not probabilities and not loss.from_logits:
        warnings.warn(
            f"The loss {loss.name!r} expects probabilities, but the "
            f"discriminator {discriminator.name!r} does not end in a "
            "sigmoid. Pass `from_logits=True` to the loss. Received: last "
            f"activation={last_activation(discriminator)!r}",
            stacklevel=3,
        )


def last_activation(network: keras.Model) -> str | None:
    """Name of the activation of the last layer that has one, or `None`."""
    for layer in reversed(getattr(network, "layers", [])):
        if isinstance(layer, keras.Model):
            return last_activation(layer)
        if isinstance(layer, keras.layers.Activation) or layer.weights:
            activation = getattr(layer, "activation", None)
            return getattr(activation, "__name__", None)
    return None


def check_and_cast(real: Nest, fake: Nest) -> tuple[Any, Any]:
    """Returns real samples in the dtype of fake ones, and the fake ones.

    Raises:
        ValueError: If they differ in structure or shape.
    """
    real = _in_lists_of(fake, real)
    check_samples(real, fake)
    real = keras.tree.map_structure(
        lambda one, other: ops.cast(one, other.dtype), real, fake
    )
    return real, fake


def _in_lists_of(fake, real):
    """Returns real samples in a list where fakes are: Keras makes tuples."""
    lists = (list, tuple)
    if isinstance(real, lists) and isinstance(fake, lists):
        return type(fake)(real)
    return real


def check_samples(real: Nest, fake: Nest) -> None:
    """Raises unless fake samples have the structure and shape of real ones."""
    try:
        keras.tree.assert_same_structure(real, fake)
        same = all(
            compatible(tuple(one.shape), tuple(other.shape))
            for one, other in zip(
                keras.tree.flatten(real), keras.tree.flatten(fake)
            )
        )
    except (TypeError, ValueError):
        same = False
    if not same:
        shapes = [
            keras.tree.map_structure(lambda x: tuple(x.shape), samples)
            for samples in (real, fake)
        ]
        raise ValueError(shapes_message(*shapes))


def shapes_message(data_shapes: Any, output_shapes: Any) -> str:
    """What to tell someone whose data and generator do not fit."""
    return (
        "The generator's output and the data must have the same shape. "
        "Change the generator's last layer, or the data (gray images need a "
        "channel axis: `images[..., None]`). Received: data "
        f"shape={data_shapes}, generator output shape={output_shapes}"
    )
