"""The abstract penalty on features, and how features are compared."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from keras_ganloss.penalties.penalty import Penalty
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
def distance_of_means(real_features: Tensor, fake_features: Tensor) -> Tensor:
    """Squared distance of the means over the batch, added up over features.

    Args:
        real_features: Tensor of shape `(batch_size, ...)`.
        fake_features: Likewise; no sample belongs to one of the other.
    """
    difference = ops.mean(real_features, 0) - ops.mean(fake_features, 0)
    return ops.sum(ops.square(difference))


class FeaturePenalty(Penalty):
    """Abstract: compares features of real and fake samples.

    Subclasses fill `__call__` or `over`.

    Args:
        weight, name: See `Penalty`.
        distance: A Keras loss (name, object or function), which compares
            pairs, or `distance_of_means`, which compares batches; or any
            function of `(real_features, fake_features)`.
    """

    def __init__(
        self,
        weight: Schedule,
        distance: Callable[..., Any],
        name: str | None = None,
    ) -> None:
        super().__init__(weight, name)
        keras.losses.get(distance)  # Raises for an unknown name.
        self.distance = distance

    def distances(self, pairs: Any) -> list[Tensor]:
        """Returns a list of the distances of pairs of features.

        Args:
            pairs: List of `(real_features, fake_features)`, two nests of
                tensors of the same structure.
        """
        distance = keras.losses.get(self.distance)
        return [
            ops.mean(distance(widen(real), widen(fake)))
            for pair in pairs
            for real, fake in zip(*map(keras.tree.flatten, pair), strict=True)
        ]

    def get_config(self) -> dict[str, Any]:
        distance = keras.saving.serialize_keras_object(self.distance)
        return {**super().get_config(), "distance": distance}
