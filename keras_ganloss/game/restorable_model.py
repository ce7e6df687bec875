"""The abstract model that is saved and loaded with all its state."""

import keras
import numpy as np
from keras import ops

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
            **self._compile_arguments,
        }

    def compile_from_config(self, config):
        self.compile(**keras.saving.deserialize_keras_object(config))

    def get_config(self):
        return {
            "seed": self.seed,
            "name": self.name,
            "trainable": self.trainable,
            "dtype": keras.saving.serialize_keras_object(self.dtype_policy),
            "ema": self.ema,
            **{
                name: keras.saving.serialize_keras_object(getattr(self, name))
                for name in (*self.g_network_names, *self.d_network_names)
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
