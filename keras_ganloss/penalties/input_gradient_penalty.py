"""Abstract penalty on the gradient with respect to the samples."""

import warnings
from typing import Any

import keras

from keras_ganloss import layers
from keras_ganloss.backend.keras_internals import flatten_layers
from keras_ganloss.penalties.penalty import Penalty

# On TensorFlow, Keras takes the variance from `tf.nn.moments`, which stops
# the gradient of the mean: right once, wrong when differentiated twice.
WRONG_TWICE = (
    keras.layers.BatchNormalization,
    keras.layers.GroupNormalization,
    keras.layers.LayerNormalization,
)
# Of these, which are subclasses.
RIGHT_TWICE = (
    layers.BatchNormalization,
    layers.GroupNormalization,
    layers.LayerNormalization,
)


class InputGradientPenalty(Penalty):
    """Abstract: a penalty that differentiates the discriminator twice.

    Args:
        weight, name: See `Penalty`.
    """

    differentiates_twice = True

    def differentiated(self, discriminator: keras.Model) -> Any:
        """Returns the layers that gradients pass."""
        return flatten_layers(discriminator, include_self=False)

    def check(self, discriminator: keras.Model) -> None:
        """Warns of layers that a second derivative does not suit."""
        names = sorted(
            f"{layer.name} ({type(layer).__name__})"
            for layer in self.differentiated(discriminator)
            if isinstance(layer, WRONG_TWICE)
            and not isinstance(layer, RIGHT_TWICE)
        )
        if names and keras.backend.backend() == "tensorflow":
            warnings.warn(
                f"`{self.name}` differentiates the discriminator twice, which "
                "Keras gets wrong on TensorFlow through these layers. Use the "
                "layers of the same names in `keras_ganloss.layers`. (With "
                "BatchNormalization a penalty per sample has no meaning on any "
                "backend.) Received: "
                f"{', '.join(names)}",
                stacklevel=2,
            )
