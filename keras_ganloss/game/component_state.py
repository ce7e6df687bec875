"""The memory of losses, penalties and transforms, as a part of the model."""

from collections.abc import Iterable
from typing import Any

import keras
from keras import ops


class ComponentState(keras.layers.Layer):
    """Tracks and saves what the terms of a game remember.

    Args:
        terms: List of `Stateful` objects. One that is listed twice is saved
            twice: after loading, the sides of a loss are two objects.
    """

    def __init__(self, terms: Iterable[Any]) -> None:
        super().__init__(name="component_state")
        self.built = True
        self.entries: list[Any] = [
            entry for term in terms for entry in term.state
        ]

    def entry_variables(self) -> list[Any]:
        """Returns a list of all that the terms remember."""
        return [
            variable for entry in self.entries for variable in _variables(entry)
        ]

    def save_own_variables(self, store: dict[str, Any]) -> None:
        for index, variable in enumerate(self.entry_variables()):
            store[str(index)] = ops.convert_to_numpy(variable)

    def load_own_variables(self, store: dict[str, Any]) -> None:
        variables = self.entry_variables()
        if len(store.keys()) != len(variables):
            raise ValueError(
                "The file holds the state of other losses, penalties or "
                "transforms than the model was compiled with. Compile it as "
                "it was when it was saved. Received: "
                f"{len(store.keys())} values in the file, {len(variables)} "
                "in the model"
            )
        for index, variable in enumerate(variables):
            variable.assign(store[str(index)])


def _variables(entry):
    if isinstance(entry, keras.layers.Layer):
        return entry.variables
    return [getattr(entry, "state", entry)]
