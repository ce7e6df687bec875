"""A pretrained network inside of another."""

import keras

from keras_ganloss.utils.typing import Nest


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Frozen(keras.layers.Wrapper):
    """Runs a network as in testing, in training too.

    Asked for `training=False` by itself, a network in a functional model is
    still run as the model is.

    Args:
        layer: A frozen `keras.Model`.
        **kwargs: See `keras.layers.Layer`.
    """

    def call(self, inputs: Nest) -> Nest:
        return self.layer(inputs, training=False)
