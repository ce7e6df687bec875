"""The abstract penalty on the squared norm of gradients at samples."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.backend.keras_internals import flatten_layers
from keras_ganloss.penalties.input_gradient_penalty import InputGradientPenalty
from keras_ganloss.penalties.penalty import squared_norm
from keras_ganloss.utils.features import operations_behind
from keras_ganloss.utils.features import with_features
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


class SquaredGradientPenalty(InputGradientPenalty):
    """Abstract: `weight / 2` times the mean squared norm of gradients.

    Subclasses fill `gradients_at`.

    Args:
        weight: See `Penalty`.
        at: Optional list of names of layers: the gradients are those by what
            these layers return, and their squares are added up.
        name: See `Penalty`.

    Raises:
        ValueError: If `at` is no list of names; in `compile`, if a
            discriminator is subclassed or has no such layer.
    """

    def __init__(
        self,
        weight: Schedule,
        at: list[str] | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(weight, name)
        if at is not None and (
            not isinstance(at, (list, tuple))
            or not at
            or not all(isinstance(one, str) for one in at)
        ):
            raise ValueError(
                "`at` must be a list of names of layers of the discriminator, "
                "or `None` for the gradient with respect to the samples. "
                f"Received: at={at!r}"
            )
        self.at: Any = None if at is None else list(at)

    def differentiated(self, discriminator: keras.Model) -> Any:
        if self.at is None:
            return super().differentiated(discriminator)
        return {
            layer
            for operation in operations_behind(discriminator, self.at)
            if isinstance(operation, keras.layers.Layer)
            for layer in flatten_layers(operation)
        }

    def check(self, discriminator: keras.Model) -> None:
        if self.at is not None:
            with_features(discriminator, tuple(self.at))
        super().check(discriminator)

    def __call__(self, turn: Any, duel: Any) -> Tensor:
        value = sum(
            ops.mean(squared_norm(gradient))
            for which in self.gradients_at
            for gradient in self._gradients(duel.judge, getattr(duel, which))
        )
        return self.weighted(0.5 * value, turn.step)

    def _gradients(self, judge, samples):
        if self.at is not None:
            gradients = judge.layer_gradients(samples, tuple(self.at))
            return keras.tree.flatten(gradients)
        return [judge.input_gradients(samples)]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "at": self.at}
