"""The abstract wrapper of a layer that computes with other weights."""

import inspect
from typing import Any
from typing import Self

import keras

from keras_ganloss.backend.scoped_values import ScopedValues
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


class Reparametrization(keras.layers.Wrapper):
    """Abstract: calls a layer as if its weights had other values.

    The weights themselves stay what the optimizer made of them, and get their
    gradients through what is done to them here. Subclasses fill `values`, and
    `build` where they have weights.

    Args:
        layer: A `keras.layers.Layer` that is called on one argument, which
            may be a list.
        **kwargs: See `keras.layers.Layer`. The dtype defaults to the layer's.
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        if not isinstance(layer, keras.layers.Layer):
            raise ValueError(
                f"`layer` of {type(self).__name__} must be a "
                f"`keras.layers.Layer`. Received: layer={layer!r}"
            )
        kwargs.setdefault("dtype", layer.dtype_policy)
        super().__init__(layer, **kwargs)
        # The values are computed from weights that are not rounded; the layer
        # casts them, and its inputs, itself.
        self.autocast = False
        self.supports_masking: bool = layer.supports_masking

    def values(self, training: bool) -> Any:
        """Returns pairs of a variable and the tensor to read in its stead.

        Args:
            training: Whether states may change.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `values(training)`."
        )

    def build(self, input_shape: Any = None) -> None:
        parameters = inspect.signature(self.layer.build).parameters.values()
        needed = [p.name for p in parameters if p.default is p.empty]
        if len(needed) > 1:
            raise ValueError(
                f"{type(self).__name__} wraps layers that are called on one "
                "argument. Received: layer="
                f"{type(self.layer).__name__}, whose build needs {needed}"
            )
        super().build(input_shape)

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        scope = ScopedValues()
        values = self.values(training)
        with scope:
            for variable, value in values:
                scope.state_mapping[id(variable)] = value
            outputs = self.layer(inputs)
        # What the layer itself wrote and added, such as random states and
        # activity regularizers.
        scope.commit(scope.changes())
        for loss in scope.losses:
            self.layer.add_loss(loss)
        return outputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.layer.compute_output_shape(input_shape)

    def compute_output_spec(
        self, inputs: Tensor, training: bool | None = None
    ) -> Any:
        del training
        return self.layer.compute_output_spec(inputs)

    def compute_mask(self, inputs: Tensor, previous_mask: Nest = None) -> Any:
        return self.layer.compute_mask(inputs, previous_mask)

    @classmethod
    def from_config(
        cls,
        config: dict[str, Any],
        custom_objects: dict[str, Any] | None = None,
    ) -> Self:
        # It is built by the wrapper, which may have to see it unbuilt.
        layer = {**config["layer"], "build_config": None}
        return super().from_config({**config, "layer": layer}, custom_objects)
