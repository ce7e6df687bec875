"""Batch normalization whose scale and offset follow a condition."""

from typing import Any

import keras
from keras import initializers

from keras_ganloss.layers.axes import along
from keras_ganloss.layers.axes import check_channels
from keras_ganloss.layers.batch_normalization import BatchNormalization
from keras_ganloss.layers.conditions import check_num_classes
from keras_ganloss.layers.conditions import check_shapes
from keras_ganloss.layers.conditions import embedding_of
from keras_ganloss.layers.conditions import flat
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class ConditionalBatchNormalization(keras.layers.Layer):
    """Batch normalization whose scale and offset follow a condition.

    How a generator learns its class, or in BigGAN its class and its latent,
    in every block. Called on `[inputs, condition]`; returns
    `(1 + gamma(condition)) * normalized + beta(condition)`, where `gamma` and
    `beta` are tables of class numbers, or linear functions of vectors.

    Args:
        num_classes: Int, for class numbers of shape `(batch_size,)` or
            `(batch_size, 1)`. Defaults to `None`, for vectors of shape
            `(batch_size, size)`.
        axis: Int, the axis of the channels. Defaults to -1.
        momentum: Float, of the moving statistics. Defaults to 0.99.
        epsilon: Float, added to the variance. Defaults to 1e-3.
        synchronized: Whether statistics are taken over all replicas of a
            `tf.distribute` strategy. Defaults to `False`.
        gamma_initializer, beta_initializer: Of the tables or kernels.
            Default to zeros, with which the condition begins as ignored.
        **kwargs: See `keras.layers.Layer`.

    Returns:
        Tensor of the shape of the inputs, in the compute dtype.

    Raises:
        ValueError: If the condition's shape does not fit `num_classes`.

    Example:

    ```python
    x = layers.ConditionalBatchNormalization(num_classes=10)([x, label])
    ```

    Reference:
        [Dumoulin et al., 2017](https://arxiv.org/abs/1610.07629),
        [de Vries et al., 2017](https://arxiv.org/abs/1707.00683),
        [Brock et al., 2019](https://arxiv.org/abs/1809.11096)
    """

    def __init__(
        self,
        num_classes: int | None = None,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        synchronized: bool = False,
        gamma_initializer: Any = "zeros",
        beta_initializer: Any = "zeros",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_classes = check_num_classes(num_classes)
        self.axis = axis
        self.momentum = momentum
        self.epsilon = epsilon
        self.synchronized = synchronized
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_initializer = initializers.get(beta_initializer)
        self.normalization = BatchNormalization(
            axis=axis,
            momentum=momentum,
            epsilon=epsilon,
            center=False,
            scale=False,
            synchronized=synchronized,
            dtype=self.dtype_policy,
            name="normalization",
        )

    def build(self, input_shape: Any) -> None:
        shape, condition_shape = check_shapes(self, input_shape)
        channels = check_channels(self, shape, self.axis)
        self.gamma, self.beta = (
            embedding_of(
                self.num_classes,
                channels,
                initializer,
                dtype=self.dtype_policy,
                name=name,
            )
            for name, initializer in (
                ("gamma", self.gamma_initializer),
                ("beta", self.beta_initializer),
            )
        )
        self.normalization.build(shape)
        self.gamma.build(condition_shape)
        self.beta.build(condition_shape)

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        inputs, condition = inputs
        condition = flat(condition, self.num_classes)
        rank = len(inputs.shape)
        gamma = along(self.gamma(condition), self.axis, rank)
        beta = along(self.beta(condition), self.axis, rank)
        outputs = self.normalization(inputs, training=training)
        return (1.0 + gamma) * outputs + beta

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "axis": self.axis,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "synchronized": self.synchronized,
            "gamma_initializer": initializers.serialize(self.gamma_initializer),
            "beta_initializer": initializers.serialize(self.beta_initializer),
        }
