"""The abstract model that trains around networks, not the networks."""

from collections.abc import Sequence
from typing import Any
from typing import Self

import keras


class FixedNetworks(keras.Model):
    """Abstract: a model that has networks and leaves them as they are.

    Subclasses fill `free`, the list of the weights that are trained, and
    call the networks by `call_fixed`. Whether weights of the networks are
    trainable stays what it is, for whoever else trains them.
    """

    free: Sequence[Any] = ()

    @property
    def trainable_variables(self) -> list[Any]:
        return list(self.free)

    @property
    def non_trainable_variables(self) -> list[Any]:
        return _others(self.variables, self.free)

    @property
    def trainable_weights(self) -> list[Any]:
        return list(self.free)

    @property
    def non_trainable_weights(self) -> list[Any]:
        return _others(self.weights, self.free)

    @classmethod
    def from_config(
        cls,
        config: dict[str, Any],
        custom_objects: dict[str, Any] | None = None,
    ) -> Self:
        return cls(
            **keras.saving.deserialize_keras_object(
                dict(config), custom_objects=custom_objects
            )
        )


def _others(variables, free):
    ids = {id(variable) for variable in free}
    return [variable for variable in variables if id(variable) not in ids]
