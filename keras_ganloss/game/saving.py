"""Configs of a game, and all state that is to be saved."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss.backend.keras_internals import only_trainable
from keras_ganloss.backend.keras_internals import potentially_trainable
from keras_ganloss.game import shared_layers
from keras_ganloss.utils.portable import portable
from keras_ganloss.utils.variables import seed_states

_OBJECTS = (
    "d_optimizer", "g_optimizer", "d_loss", "g_loss", "penalties",
    "g_penalties", "transforms", "pool", "updates",
)  # fmt: skip

NO_HDF5 = (
    "The HDF5 format cannot hold a game with both players. End the path in "
    "`.keras`; `game.generator.save` writes what you like. Received: "
    "filepath={!r}"
)


def check_path(path: Any, zipped: Any = None) -> None:
    """Raises unless a path is one that a game can be loaded from.

    Args:
        path, zipped: See `keras.Model.save`.
    """
    path = str(path)
    if _is_older(path):
        raise ValueError(NO_HDF5.format(path))
    elsewhere = path.startswith("hf://") or zipped is False
    if not path.endswith(".keras") and not elsewhere:
        raise ValueError(
            "A game is saved to a path that ends in `.keras`, its weights "
            "alone by `save_weights` to one that ends in `.weights.h5`, and "
            f"`export` writes for a server. Received: filepath={path!r}"
        )


def check_weights_path(path: Any) -> None:
    """Raises for a path of weights of the older format.

    Args:
        path: What `load_weights` got.
    """
    path = str(path)
    if _is_older(path) and not path.endswith(".weights.h5"):
        raise ValueError(
            "The weights of a game stand in files that end in `.weights.h5` "
            "or `.keras`; rename yours if `save_weights` wrote it. Those of "
            "one network are loaded by `game.generator.load_weights`. "
            f"Received: filepath={path!r}"
        )


def _is_older(path):
    return path.endswith((".h5", ".hdf5"))


def _check_format():
    """Raises while Keras writes the older format, whoever asked it to.

    It then writes layers without the modules that they stand in.
    """
    probe = keras.Sequential(
        [keras.layers.Identity(name="probe")], name="probe"
    )
    if "module" not in probe.get_config()["layers"][0]:
        raise ValueError(NO_HDF5.format("*.h5"))


def compile_config(game: Any) -> dict[str, Any]:
    """Returns what `compile` of a game was told, serialized."""
    if not game.compiled:
        return {}
    serialize = keras.saving.serialize_keras_object
    objects = {name: serialize(getattr(game, name)) for name in _OBJECTS}
    return {
        **portable(objects),
        "metrics": serialize(list(game.user_metrics)),
        "loss_weights": serialize(game.loss_weights),
        "d_steps": game.d_steps,
        "g_steps": game.g_steps,
        "adversarial_start": game.order.adversarial_start,
        "d_start": game.order.d_start,
        "ema": game.ema,
        "trained": _trained(game),
        **game.keras_arguments,
    }


def compile_as_saved(game: Any, settings: dict[str, Any]) -> None:
    """Compiles a game for the weights that were trained when it was saved.

    What has been frozen since stays frozen: `fit` says so.
    """
    trained = settings.pop("trained")
    if trained is None:
        game.compile(**settings)
        return
    networks = [*game.g_networks, *game.d_networks]
    pairs = zip(_potentially_trainable(game), trained)
    with only_trainable(networks, [weight for weight, on in pairs if on]):
        game.compile(**settings)


def _trained(game):
    """Whether `compile` found each weight trainable; `None` if as now."""
    trained = {id(w) for player in game.players for w in player.trained}
    now = {id(w) for player in game.players for w in player.variables}
    if trained == now:
        return None
    return [id(w) in trained for w in _potentially_trainable(game)]


def _potentially_trainable(game):
    return [
        weight
        for network in (*game.g_networks, *game.d_networks)
        for weight in potentially_trainable(network)
    ]


def config(game: Any) -> dict[str, Any]:
    """Returns the arguments that make a game, serialized."""
    _check_format()
    networks = game.networks_by_role()
    return {
        "seed": game.seed,
        "name": game.name,
        "trainable": game.trainable,
        "dtype": keras.saving.serialize_keras_object(game.dtype_policy),
        "ema": game.ema,
        "shared_layers": shared_layers.shared_layers(networks),
        **{
            role: shared_layers.serialized(network)
            for role, network in networks.items()
        },
    }


def from_config(cls: Any, config: dict[str, Any]) -> Any:
    """Returns the game that `config` was called on."""
    ema = config.pop("ema", None)
    shared = config.pop("shared_layers", [])
    networks = {role: config[role] for places in shared for role, _ in places}
    game = cls(**{**config, **shared_layers.joined(networks, shared)})
    # Averaged weights load even without compiling.
    game.set_weight_average(ema)
    return game


def own_seed_states(game: Any) -> list[Any]:
    """Returns the random states of a game and its networks, not of terms."""
    terms = (
        ()
        if game.component_state is None
        else seed_states(game.component_state)
    )
    others = {id(state) for state in terms}
    return [s for s in seed_states(game) if id(s) not in others]


def save_own_state(game: Any, store: dict[str, Any]) -> None:
    """Writes what Keras does not save of a game into a store."""
    if game.ema is not None:
        store["ema"] = game.ema
    for index, state in enumerate(own_seed_states(game)):
        store[f"seed_{index}"] = ops.convert_to_numpy(state)


def load_own_state(game: Any, store: dict[str, Any]) -> dict[str, Any]:
    """Reads what `save_own_state` wrote; returns a dict of the rest."""
    seeds = [key for key in store.keys() if key.startswith("seed_")]
    states = own_seed_states(game)
    if len(seeds) != len(states):
        raise ValueError(
            "The file holds another number of random states than the model "
            "has layers that draw. Load it into the networks it was saved "
            f"from. Received: {len(seeds)} in the file, {len(states)} in the "
            "model"
        )
    for index, state in enumerate(states):
        state.assign(store[f"seed_{index}"])
    if game.weight_average is None and "ema" in store.keys():
        game.set_weight_average(float(np.array(store["ema"])))
    others = {"ema", *seeds}
    return {key: store[key] for key in store.keys() if key not in others}


def named_state(game: Any) -> dict[str, Any]:
    """Returns a dict of all that a checkpoint must hold, each by a name."""
    terms, average = game.component_state, game.weight_average
    groups = {
        "turns": [game.turns],
        "seed": own_seed_states(game),
        "term": [] if terms is None else terms.entry_variables(),
    }
    for name, owners in (
        ("network", (*game.g_networks, *game.d_networks)),
        ("optimizer", [player.optimizer for player in game.players]),
        ("average", [] if average is None else [average]),
    ):
        groups[name] = [v for owner in owners for v in owner.variables]
    return {
        f"{name}_{index}": variable
        for name, variables in groups.items()
        for index, variable in enumerate(variables)
    }
