"""Equalized learning rate: He's constant at run time."""

import math
from typing import Any

import keras
from keras import layers

from keras_ganloss.layers.reparametrization import Reparametrization
from keras_ganloss.utils import arguments

# He's, for rectifiers.
GAIN = math.sqrt(2.0)

# Whose number of inputs is known.
TRANSPOSED: tuple[type, ...] = (
    layers.Conv1DTranspose,
    layers.Conv2DTranspose,
    layers.Conv3DTranspose,
)
SUPPORTED: tuple[type, ...] = (
    layers.Dense,
    layers.Conv1D,
    layers.Conv2D,
    layers.Conv3D,
    *TRANSPOSED,
)


def fan_in(layer: Any) -> int:
    """How many inputs an output of a layer is the weighted sum of."""
    outputs = -2 if isinstance(layer, TRANSPOSED) else -1
    return math.prod(layer.kernel.shape) // layer.kernel.shape[outputs]


@keras.saving.register_keras_serializable(package="keras_ganloss")
class EqualizedLearningRate(Reparametrization):
    """Scales a layer's weights at run time, not when they are initialized.

    Kernels begin standard normal and are multiplied by
    `gain / sqrt(fan_in)` in each call. Adam's steps, which do not depend on
    the size of the gradient, are then equally large in all layers relative to
    their weights.

    Args:
        layer: `Dense`, `Conv1D`, `Conv2D`, `Conv3D`, or one of the transposed
            convolutions, not built yet. Its kernel initializer is replaced.
        gain: Float. Defaults to `sqrt(2)`, He's for rectifiers; 1 for layers
            without one, such as the last.
        learning_rate_multiplier: Float, multiplies the steps of kernel and
            bias, not what the kernel begins with. StyleGAN has 0.01 in its
            mapping network. Defaults to 1.
        **kwargs: See `keras.layers.Layer`. The dtype defaults to the layer's.

    Returns:
        What the layer returns.

    Raises:
        ValueError: If the layer is of another kind, or built.

    Example:

    ```python
    x = layers.EqualizedLearningRate(keras.layers.Conv2D(64, 3))(x)
    logits = layers.EqualizedLearningRate(keras.layers.Dense(1), gain=1.0)(x)
    ```

    Reference:
        [Karras et al., 2018](https://arxiv.org/abs/1710.10196),
        [Karras et al., 2019](https://arxiv.org/abs/1812.04948) (multiplier)
    """

    def __init__(
        self,
        layer: Any,
        gain: float = GAIN,
        learning_rate_multiplier: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(layer, **kwargs)
        names = [supported.__name__ for supported in SUPPORTED]
        if not isinstance(layer, SUPPORTED):
            raise ValueError(
                f"`layer` must be one of {names}. Received: "
                f"layer={type(layer).__name__}"
            )
        if layer.built:
            raise ValueError(
                "`layer` must not be built yet: its kernel has to begin "
                f"standard normal. Received: layer={layer.name}, built"
            )
        self.gain = arguments.positive("gain", gain)
        self.learning_rate_multiplier = arguments.positive(
            "learning_rate_multiplier", learning_rate_multiplier
        )
        layer.kernel_initializer = keras.initializers.RandomNormal(
            stddev=1.0 / learning_rate_multiplier
        )

    def values(self, training: bool) -> Any:
        del training
        layer, multiplier = self.layer, self.learning_rate_multiplier
        factor = multiplier * self.gain / math.sqrt(fan_in(layer))
        pairs = [(layer.kernel, factor * layer.kernel.value)]
        if layer.use_bias:
            pairs.append((layer.bias, multiplier * layer.bias.value))
        return pairs

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "gain": self.gain,
            "learning_rate_multiplier": self.learning_rate_multiplier,
        }
