"""The abstract normalization with a scale and an offset a channel."""

from typing import Any

import keras
from keras import constraints
from keras import initializers
from keras import regularizers

from keras_ganloss.layers.axes import along
from keras_ganloss.layers.axes import check_channels


class ChannelNormalization(keras.layers.Layer):
    """Abstract: has the weights, and the arguments that Keras gives them.

    Subclasses fill `build` and `call`.

    Args:
        axis: Int, the axis of the channels. Defaults to -1.
        epsilon: Float, added to the variance. Defaults to 1e-3.
        center: Whether an offset `beta` is added. Defaults to `True`.
        scale: Whether a factor `gamma` is applied. Defaults to `True`.
        beta_initializer, gamma_initializer: Default to zeros and ones.
        beta_regularizer, gamma_regularizer, beta_constraint,
            gamma_constraint: Optional.
        **kwargs: See `keras.layers.Layer`.
    """

    def __init__(
        self,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer: Any = initializers.get(beta_initializer)
        self.gamma_initializer: Any = initializers.get(gamma_initializer)
        self.beta_regularizer: Any = regularizers.get(beta_regularizer)
        self.gamma_regularizer: Any = regularizers.get(gamma_regularizer)
        self.beta_constraint: Any = constraints.get(beta_constraint)
        self.gamma_constraint: Any = constraints.get(gamma_constraint)
        self.gamma: Any = None
        self.beta: Any = None
        # Statistics are taken before anything is rounded.
        self.autocast = False

    def build_channels(self, input_shape: Any) -> None:
        """Makes the weights."""
        channels = check_channels(self, input_shape, self.axis)
        if self.scale:
            self.gamma = self.add_weight(
                name="gamma",
                shape=(channels,),
                initializer=self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
                autocast=False,
            )
        if self.center:
            self.beta = self.add_weight(
                name="beta",
                shape=(channels,),
                initializer=self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
                autocast=False,
            )

    def gamma_and_beta(self, rank: int) -> list[Any]:
        """Returns both weights along the channel axis, or `None`s."""
        return [
            None if weight is None else along(weight, self.axis, rank)
            for weight in (self.gamma, self.beta)
        ]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": initializers.serialize(self.beta_initializer),
            "gamma_initializer": initializers.serialize(self.gamma_initializer),
            "beta_regularizer": regularizers.serialize(self.beta_regularizer),
            "gamma_regularizer": regularizers.serialize(self.gamma_regularizer),
            "beta_constraint": constraints.serialize(self.beta_constraint),
            "gamma_constraint": constraints.serialize(self.gamma_constraint),
        }
