"""A fixed batch that a network carries with it."""

from typing import Any
from typing import Self

import keras
import numpy as np
from keras import ops

from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class ReferenceBatch(keras.layers.Layer):
    """A fixed batch that runs through a network beside its inputs.

    Where `VirtualBatchNormalization` gets its reference from: the layer
    returns the batch whatever it is called on.

    The batch is a weight that is not trained, saved and loaded with the
    others. The config has its shape alone, so a network that is made from
    its config without weights, as `keras.models.clone_model` does, has a
    batch of zeros until its weights are set.

    Args:
        reference_batch: Array of shape `(reference_size, ...)`, such as the
            first 64 training samples.
        **kwargs: See `keras.layers.Layer`.

    Returns:
        Tensor of shape `(reference_size, ...)` in the compute dtype.

    Raises:
        ValueError: If there are fewer than two samples.

    Example:

    >>> layer = ReferenceBatch([[1.0, 2.0], [3.0, 4.0]])
    >>> outputs = layer(keras.ops.zeros((5, 2)))
    >>> print(keras.ops.convert_to_numpy(outputs).round(4))
    [[1. 2.]
     [3. 4.]]

    Reference: [Salimans et al., 2016](https://arxiv.org/abs/1606.03498)
    """

    def __init__(self, reference_batch: Tensor, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        reference_batch = np.asarray(reference_batch, "float32")
        if reference_batch.ndim < 2 or len(reference_batch) < 2:
            raise ValueError(
                "`reference_batch` must have at least two samples, and a "
                "shape of `(reference_size, ...)`. Received: "
                f"reference_batch.shape={reference_batch.shape}"
            )
        self.reference_batch = self.add_weight(
            name="reference_batch",
            shape=reference_batch.shape,
            initializer=lambda shape, dtype: ops.convert_to_tensor(
                reference_batch, dtype
            ),
            trainable=False,
        )

    def build(self, input_shape: Any) -> None:
        shape = tuple(self.reference_batch.shape)
        if tuple(input_shape[1:]) != shape[1:]:
            raise ValueError(
                "`reference_batch` must have samples of the shape of the "
                "inputs. Received: reference_batch.shape="
                f"{shape}, input_shape={tuple(input_shape)}"
            )

    def call(self, inputs: Tensor) -> Tensor:
        del inputs
        return ops.cast(self.reference_batch, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        del input_shape
        return tuple(self.reference_batch.shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "shape": list(self.reference_batch.shape),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        config = dict(config)
        return cls(np.zeros(config.pop("shape"), "float32"), **config)
