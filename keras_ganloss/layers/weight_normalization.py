"""Weight normalization: direction and length of a kernel apart."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.layers.equalized_learning_rate import SUPPORTED
from keras_ganloss.layers.reparametrization import Reparametrization
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.typing import Tensor

# Below it a direction counts as zero.
TINY = 1e-12


def squared_norms(kernel: Tensor) -> Tensor:
    """Sums of squares over all axes of a kernel but its last."""
    return ops.sum(ops.square(kernel), axis=tuple(range(len(kernel.shape) - 1)))


@keras.saving.register_keras_serializable(package="keras_ganloss")
class WeightNormalization(Reparametrization):
    """Learns the length of each kernel apart from its direction.

    The layer computes with `scale * kernel / norm(kernel)`, one scale and one
    norm for each entry of the kernel's last axis, as `torch.nn.utils.
    weight_norm` does by default; the scales begin as the norms, so that
    nothing changes by wrapping a layer. Discriminators of audio have it in
    every layer.

    Args:
        layer: `Dense`, `Conv1D`, `Conv2D`, `Conv3D`, or one of the transposed
            convolutions.
        **kwargs: See `keras.layers.Layer`. The dtype defaults to the layer's.

    Returns:
        What the layer returns.

    Raises:
        ValueError: If the layer is of another kind.

    Example:

    ```python
    x = layers.WeightNormalization(keras.layers.Conv1D(64, 15))(x)
    ```

    Reference:
        [Salimans and Kingma, 2016](https://arxiv.org/abs/1602.07868)
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        if not isinstance(layer, SUPPORTED):
            names = [supported.__name__ for supported in SUPPORTED]
            raise ValueError(
                f"`layer` must be one of {names}. Received: "
                f"layer={type(layer).__name__}"
            )

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        kernel = self.layer.kernel

        def norms(shape, dtype):
            del shape
            return ops.cast(ops.sqrt(squared_norms(kernel.value)), dtype)

        self.scale = self.add_weight(
            name="scale",
            shape=(kernel.shape[-1],),
            initializer=norms,
            dtype=kernel.dtype,
        )

    def values(self, training: bool) -> Any:
        del training
        kernel = self.layer.kernel
        wide = widen(kernel.value)
        # A kernel of zeros stays zero.
        inverse = ops.rsqrt(ops.maximum(squared_norms(wide), TINY**2))
        scaled = wide * (inverse * widen(self.scale.value))
        return [(kernel, ops.cast(scaled, kernel.dtype))]
