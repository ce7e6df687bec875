"""The abstract model that is saved and loaded with all its state."""

import keras
import numpy as np
from keras import ops

from keras_ganloss.backend.keras_internals import only_trainable
from keras_ganloss.backend.keras_internals import potentially_trainable
from keras_ganloss.game.measured_model import MeasuredModel
from keras_ganloss.utils.portable import portable
from keras_ganloss.utils.variables import seed_states


class RestorableModel(MeasuredModel):
    """Abstract: the configs and the variables of a game.

    Args:
        **kwargs: See `keras.Model`.
    """

    def save(self, filepath, *args, **kwargs):
        """Writes the whole game; see `keras.Model.save`.

        Args:
            filepath: Path that ends in `.keras`.
            *args, **kwargs: See `keras.Model.save`.

        Raises:
            ValueError: If the path is of the older format, which holds no
                game: nothing could load it.
        """
        if str(filepath).endswith((".h5", ".hdf5")):
            raise ValueError(
                "The HDF5 format cannot hold a game with both players. End "
                "the path in `.keras`; `game.generator.save` writes what you "
                f"like. Received: filepath={str(filepath)!r}"
            )
        super().save(filepath, *args, **kwargs)

    def get_compile_config(self):
        if not self.compiled:
            return {}
        objects = {
            name: keras.saving.serialize_keras_object(getattr(self, name))
            for name in (
                "d_optimizer",
                "g_optimizer",
                "d_loss",
                "g_loss",
                "penalties",
                "g_penalties",
                "transforms",
                "pool",
                "updates",
            )
        }
        return {
            **portable(objects),
            "metrics": keras.saving.serialize_keras_object(
                list(self.user_metrics)
            ),
            "loss_weights": keras.saving.serialize_keras_object(
                self.loss_weights
            ),
            "d_steps": self.d_steps,
            "g_steps": self.g_steps,
            "ema": self.ema,
            "trained": self._trained(),
            **self._compile_arguments,
        }

    def compile_from_config(self, config):
        self.compile_as_saved(keras.saving.deserialize_keras_object(config))

    def compile_as_saved(self, settings):
        """Compiles with settings, and for the weights that were trained then.

        What has been frozen since stays frozen: `fit` says so.
        """
        trained = settings.pop("trained")
        if trained is None:
            self.compile(**settings)
            return
        networks = [*self.g_networks, *self.d_networks]
        pairs = zip(self._potentially_trainable(), trained)
        with only_trainable(networks, [weight for weight, on in pairs if on]):
            self.compile(**settings)

    def _trained(self):
        """Whether `compile` found each weight trainable; `None` if as now."""
        trained = {id(w) for player in self.players for w in player.trained}
        now = {id(w) for player in self.players for w in player.variables}
        if trained == now:
            return None
        return [id(w) in trained for w in self._potentially_trainable()]

    def _potentially_trainable(self):
        return [
            weight
            for network in (*self.g_networks, *self.d_networks)
            for weight in potentially_trainable(network)
        ]

    def get_config(self):
        return {
            "seed": self.seed,
            "name": self.name,
            "trainable": self.trainable,
            "dtype": keras.saving.serialize_keras_object(self.dtype_policy),
            "ema": self.ema,
            **{
                name: keras.saving.serialize_keras_object(getattr(self, name))
                for name in (*self.generators, *self.discriminators)
            },
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = keras.saving.deserialize_keras_object(
            dict(config), custom_objects=custom_objects
        )
        ema = config.pop("ema", None)
        game = cls(**config)
        # Averaged weights load even without compiling.
        game._set_weight_average(ema)
        return game

    def save_own_variables(self, store):
        super().save_own_variables(store)
        if self.ema is not None:
            store["ema"] = self.ema
        for index, state in enumerate(self._own_seed_states()):
            store[f"seed_{index}"] = ops.convert_to_numpy(state)

    def named_state(self):
        """Returns a dict of all that a checkpoint must hold, each by a name."""
        terms = self.term_state
        groups = {
            "turns": [self.turns],
            "seed": self._own_seed_states(),
            "term": [] if terms is None else terms.entry_variables(),
        }
        for name, owners in (
            ("network", (*self.g_networks, *self.d_networks)),
            ("optimizer", [player.optimizer for player in self.players]),
            ("average", [] if self.ema is None else [self.weight_average]),
        ):
            groups[name] = [v for owner in owners for v in owner.variables]
        return {
            f"{name}_{index}": variable
            for name, variables in groups.items()
            for index, variable in enumerate(variables)
        }

    def _own_seed_states(self):
        """Random states of the model and its networks, not of the terms."""
        terms = () if self.term_state is None else seed_states(self.term_state)
        others = {id(state) for state in terms}
        return [s for s in seed_states(self) if id(s) not in others]

    def load_own_variables(self, store):
        seeds = [key for key in store.keys() if key.startswith("seed_")]
        states = self._own_seed_states()
        if len(seeds) != len(states):
            raise ValueError(
                "The file holds another number of random states than the "
                "model has layers that draw. Load it into the networks it "
                f"was saved from. Received: {len(seeds)} in the file, "
                f"{len(states)} in the model"
            )
        for index, state in enumerate(states):
            state.assign(store[f"seed_{index}"])
        if self.weight_average is None and "ema" in store.keys():
            self._set_weight_average(float(np.array(store["ema"])))
        own = {
            key: store[key]
            for key in store.keys()
            if key not in seeds and key != "ema"
        }
        super().load_own_variables(own)
