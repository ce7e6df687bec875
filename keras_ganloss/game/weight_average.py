"""Exponential moving average of weights."""

import contextlib
import dataclasses
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss.backend.keras_internals import potentially_trainable
from keras_ganloss.utils import arguments
from keras_ganloss.utils.precision import wide_dtype


def check_decay(decay: float) -> float:
    """Returns the decay; raises unless it lies in [0, 1)."""
    hint = "Pass one such as 0.999, or `None`."
    return arguments.fraction("ema", decay, hint, ends="[)")


@dataclasses.dataclass(frozen=True, eq=False)
class Followed:
    """A weight and its average, hidden from Keras, which would own both."""

    weight: keras.Variable
    average: keras.Variable


class WeightAverage(keras.layers.Layer):
    """Averaged copies of the weights of networks, saved with the model.

    Every weight that can be trained has one, whether it is frozen or not, so
    that `trainable` may change at any time. Until a weight is trained it
    stands for itself, whatever is loaded into it.

    In the first updates the decay is ramped up as `(1 + t) / (10 + t)`, so
    that a short run is not an average over its random start.

    Args:
        decay: Float in [0, 1), the share of the average that stays at each
            update.
        networks: List of `keras.Model`.
    """

    def __init__(self, decay: float, networks: Sequence[keras.Model]) -> None:
        super().__init__(name="weight_average", dtype="float32")
        self.decay: float = check_decay(decay)
        self.built = True
        # Hidden from the tracker: they are not parts of the average.
        self._get_weights = lambda: _weights(networks)
        self.followed: list[Followed] = [
            Followed(weight, self._make_average(weight))
            for weight in self._get_weights()
        ]
        # How often each weight has been trained.
        self.num_updates: Any = self.add_weight(
            shape=(len(self.followed),),
            initializer="zeros",
            dtype="int32",
            trainable=False,
            name="num_updates",
        )

    def _make_average(self, weight):
        average = self.add_weight(
            shape=weight.shape,
            initializer="zeros",
            dtype=wide_dtype(weight.dtype),
            trainable=False,
            autocast=False,
        )
        _copy(weight, average)
        return average

    @property
    def _counts(self) -> Any:
        """How often each weight has been trained, as an array."""
        return ops.convert_to_numpy(self.num_updates)

    @property
    def averages(self) -> list[Any]:
        """List of the averages, in the order of the networks' weights."""
        return [pair.average for pair in self.followed]

    def follow(self, networks: Sequence[keras.Model]) -> "WeightAverage":
        """Returns an average of what networks have now, and what is known.

        Raises:
            ValueError: If the networks have lost a weight with an average.
        """
        self.check()
        known = {id(pair.weight): pair for pair in self.followed}
        weights = _weights(networks)
        if list(known) == [id(weight) for weight in weights]:
            return self
        other = WeightAverage(self.decay, networks)
        counts = dict(zip(known, self._counts))
        for pair in other.followed:
            if id(pair.weight) in known:
                _copy(known[id(pair.weight)].average, pair.average)
        other.num_updates.assign(
            np.array([counts.get(id(w), 0) for w in weights], "int32")
        )
        return other

    def check(self) -> None:
        """Raises if a weight that has an average is no longer there."""
        there = {id(weight) for weight in self._get_weights()}
        if all(id(pair.weight) in there for pair in self.followed):
            return
        lost = [
            pair.weight.path
            for pair in self.followed
            if id(pair.weight) not in there
        ]
        raise ValueError(
            "The generator has lost weights whose averages `ema` keeps, as by "
            "`quantize`. `averaged_generator()` returns a plain model to "
            "quantize; here, go on from a file, or give the averages up by "
            f"`compile` without `ema`. Received: lost weights {lost}"
        )

    def begin(self, weights: Any) -> None:
        """Lets averages of what was never trained start from the weights.

        Args:
            weights: List of the weights that are going to be trained.
        """
        ids = {id(weight) for weight in weights}
        for pair, count in zip(self.followed, self._counts):
            if not count and id(pair.weight) in ids:
                _copy(pair.weight, pair.average)

    def update(self, weights: Any) -> None:
        """Moves the averages towards the weights.

        Args:
            weights: List of those that have just been trained.
        """
        ids = {id(weight) for weight in weights}
        self.num_updates.assign_add(
            np.array([id(p.weight) in ids for p in self.followed], "int32")
        )
        time = ops.cast(ops.max(self.num_updates.value), "float32")
        ramp = ops.divide(ops.add(1.0, time), ops.add(10.0, time))
        kept = ops.minimum(self.decay, ramp)
        for pair in self.followed:
            average = pair.average
            weight = ops.cast(pair.weight.value, average.dtype)
            share = ops.cast(ops.subtract(1.0, kept), average.dtype)
            average.assign_add(share * (weight - average.value))

    def values(self) -> dict[int, Any]:
        """Returns a dict of `id(weight)` to what to read in its stead."""
        self.check()
        is_trained = self.num_updates.value > 0
        return {
            id(pair.weight): ops.cast(
                ops.where(
                    is_trained[index], pair.average.value, pair.weight.value
                ),
                pair.weight.dtype,
            )
            for index, pair in enumerate(self.followed)
        }

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        """Puts the averages into the weights for the time of a block."""
        self.check()
        followed = zip(self.followed, self._counts)
        pairs = [pair for pair, count in followed if count]
        current = [ops.convert_to_numpy(pair.weight) for pair in pairs]
        try:
            for pair in pairs:
                pair.weight.assign(ops.convert_to_numpy(pair.average))
            yield
        finally:
            for pair, value in zip(pairs, current):
                pair.weight.assign(value)

    def save_own_variables(self, store: dict[str, Any]) -> None:
        # What was made since `compile`, as by `enable_lora`, has no average,
        # but a place: the loaded networks have it from the beginning.
        self.check()
        known = {
            id(pair.weight): (pair.average, count)
            for pair, count in zip(self.followed, self._counts)
        }
        weights = self._get_weights()
        found = [known.get(id(weight), (weight, 0)) for weight in weights]
        for index, (variable, _) in enumerate(found):
            store[str(index)] = ops.convert_to_numpy(variable)
        store["num_updates"] = np.array([c for _, c in found], "int32")

    def load_own_variables(self, store: dict[str, Any]) -> None:
        if not store.keys():  # A game without averages: they start anew.
            self.num_updates.assign(np.zeros(len(self.followed), "int32"))
            return
        if len(store.keys()) != len(self.followed) + 1:
            raise ValueError(
                "The file holds averages of other weights than the generator "
                "has. Load it into the networks it was saved from. Received: "
                f"{len(store.keys()) - 1} averages in the file, "
                f"{len(self.followed)} weights in the model"
            )
        for index, pair in enumerate(self.followed):
            pair.average.assign(store[str(index)])
        self.num_updates.assign(store["num_updates"])


def _weights(networks):
    """Returns the weights that can be trained, each once."""
    weights = {
        id(weight): weight
        for network in networks
        for weight in potentially_trainable(network)
    }
    return list(weights.values())


def _copy(source, target):
    # A tensor of its own: on JAX the two would share memory.
    target.assign(ops.copy(ops.cast(source.value, target.dtype)))
