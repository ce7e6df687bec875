"""The projection head of a conditional discriminator."""

from typing import Any

import keras
from keras import initializers
from keras import ops

from keras_ganloss.layers.conditions import check_num_classes
from keras_ganloss.layers.conditions import check_shapes
from keras_ganloss.layers.conditions import embedding_of
from keras_ganloss.layers.conditions import flat
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Projection(keras.layers.Layer):
    """One logit of features and a condition, by an inner product.

    The last layer of a conditional discriminator, instead of a `Dense(1)`
    over joined inputs. Called on `[features, condition]`; returns
    `dense(features) + <embedding(condition), features>`.
    `SpectralNormalization(Projection(...))` normalizes both weights, as the
    paper does.

    Args:
        num_classes: Int, for class numbers of shape `(batch_size,)` or
            `(batch_size, 1)`. Defaults to `None`, for vectors of shape
            `(batch_size, size)`.
        use_bias: Whether a bias is added. Defaults to `True`.
        kernel_initializer: Of the dense part. Defaults to
            `"glorot_uniform"`.
        embeddings_initializer: Of the embedding. Defaults to
            `"glorot_uniform"`.
        **kwargs: See `keras.layers.Layer`.

    Returns:
        Tensor of shape `(batch_size, 1)`, in the compute dtype.

    Raises:
        ValueError: If the features are not of shape `(batch_size, size)`, or
            the condition's shape does not fit `num_classes`.

    Example:

    ```python
    features = keras.layers.GlobalAveragePooling2D()(x)
    logits = layers.Projection(num_classes=10)([features, label])
    ```

    Reference:
        [Miyato and Koyama, 2018](https://arxiv.org/abs/1802.05637)
    """

    def __init__(
        self,
        num_classes: int | None = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        embeddings_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_classes = check_num_classes(num_classes)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.dense = keras.layers.Dense(
            1,
            use_bias=use_bias,
            kernel_initializer=self.kernel_initializer,
            dtype=self.dtype_policy,
            name="dense",
        )

    def build(self, input_shape: Any) -> None:
        shape, condition_shape = check_shapes(self, input_shape)
        if len(shape) != 2:
            raise ValueError(
                "The features of `Projection` must be of shape `(batch_size, "
                "size)`. Put a global pooling layer before it. Received: "
                f"features_shape={shape}"
            )
        self.embedding = embedding_of(
            self.num_classes,
            shape[-1],
            self.embeddings_initializer,
            dtype=self.dtype_policy,
            name="embedding",
        )
        self.dense.build(shape)
        self.embedding.build(condition_shape)

    def call(self, inputs: Tensor) -> Tensor:
        features, condition = inputs
        direction = self.embedding(flat(condition, self.num_classes))
        product = ops.sum(features * direction, axis=-1, keepdims=True)
        return self.dense(features) + product

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0][0], 1)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(
                self.kernel_initializer
            ),
            "embeddings_initializer": initializers.serialize(
                self.embeddings_initializer
            ),
        }
