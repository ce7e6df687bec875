"""Signals folded into rows of one period."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class FoldPeriod(keras.layers.Layer):
    """Folds a signal into rows of `period` steps, one below the other.

    What lies a period apart is in one column then, and a convolution of shape
    `(5, 1)` sees every `period`-th step alone: the first layer of HiFi-GAN's
    discriminators. A signal that does not fill the last row goes on
    backwards, by reflection; one that does stays as it is.

    Args:
        period: Int.
        **kwargs: See `keras.layers.Layer`.

    Returns:
        Tensor of shape `(batch_size, ceil(steps / period), period,
        channels)`.

    Raises:
        ValueError: If the inputs are not of shape `(batch_size, steps,
            channels)`, or too short to be reflected.

    Example:

    >>> outputs = FoldPeriod(3)(keras.ops.array([[[1.0], [2.0], [3.0], [4.0]]]))
    >>> print(keras.ops.convert_to_numpy(outputs)[0, ..., 0])
    [[1. 2. 3.]
     [4. 3. 2.]]

    Reference: [Kong et al., 2020](https://arxiv.org/abs/2010.05646)
    """

    def __init__(self, period: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.period = arguments.positive_int("period", period)

    def build(self, input_shape: Any) -> None:
        if len(input_shape) != 3 or (
            input_shape[1] is not None and input_shape[1] < self.period
        ):
            raise ValueError(
                "`FoldPeriod` must be called on signals of shape `(batch_size, "
                "steps, channels)`, of at least one period. Received: "
                f"input_shape={tuple(input_shape)}, period={self.period}"
            )

    def call(self, inputs: Tensor) -> Tensor:
        missing = -ops.shape(inputs)[1] % self.period
        # The last step is not said twice.
        tail = ops.flip(inputs[:, -1 - missing : -1], axis=1)
        signal = ops.concatenate([inputs, tail], axis=1)
        return ops.reshape(
            signal,
            (ops.shape(inputs)[0], -1, self.period, inputs.shape[-1]),
        )

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch_size, steps, channels = input_shape
        rows = None if steps is None else -(-steps // self.period)
        return (batch_size, rows, self.period, channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "period": self.period}
