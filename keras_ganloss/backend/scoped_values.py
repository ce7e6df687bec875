"""A scope in which variables can have other values."""

from collections.abc import Callable
from typing import Any
from typing import Self

import keras
from keras import ops

from keras_ganloss.backend.keras_internals import stored_value


class ScopedValues(keras.StatelessScope):
    """A scope that starts as the one around it and knows what was written.

    What is written in it does not leave it by itself.

    Args:
        values: Dict of `id(variable)` to a tensor: what variables are in the
            scope, where not as around it.
    """

    def __init__(self, values: dict[int, Any] | None = None) -> None:
        super().__init__(collect_losses=True)
        self.values: dict[int, Any] = values or {}
        self.variables: dict[int, Any] = {}

    def __enter__(self) -> Self:
        super().__enter__()
        if self.original_scope is not None:
            self.state_mapping.update(self.original_scope.state_mapping)
        self.state_mapping.update(self.values)
        return self

    def get_current_value(self, variable: Any) -> Any:
        value = super().get_current_value(variable)
        # `Layer.losses` asks for the values of variables that are not in it.
        return stored_value(variable) if value is None else value

    def add_update(self, update: Callable[..., Any]) -> None:
        super().add_update(update)
        self.variables[id(update[0])] = update[0]

    def changes(self) -> dict[int, Any]:
        """Returns a dict of `id(variable)` to the value it was given."""
        return {key: self.state_mapping[key] for key in self.variables}

    def originals(self) -> dict[int, Any]:
        """Returns a dict as `changes()`, of the values before."""
        return {
            key: ops.convert_to_tensor(variable.value)
            for key, variable in self.variables.items()
        }

    def commit(
        self, values: dict[int, Any] | None, variables: Any = None
    ) -> None:
        """Writes values, such as those of `changes()`, in the scope around.

        Args:
            values: Dict of `id(variable)` to a tensor.
            variables: Optional list: of these alone.
        """
        wanted = None if variables is None else set(map(id, variables))
        for key, variable in self.variables.items():
            if wanted is None or key in wanted:
                variable.assign(values[key])
