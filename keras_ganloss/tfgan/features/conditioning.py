"""TF-GAN's conditioning: a learned shift by what is to be made."""

import math

import keras
from keras import ops

from keras_ganloss.utils.shapes import compatible
from keras_ganloss.utils.typing import Tensor


def condition_tensor(tensor: Tensor, conditioning: Tensor) -> Tensor:
    """Adds a dense layer of a condition to a tensor.

    Args:
        tensor: Tensor of shape `(batch_size, ...)`, known but for the batch.
        conditioning: Tensor of shape `(batch_size, ...)`, of rank two at
            least, known but for the batch.

    Returns:
        Tensor of the shape of `tensor`.

    Raises:
        ValueError: If a shape is not as described.

    Example:

    ```python
    label = keras.Input((10,))
    features = keras.layers.Dense(64)(keras.Input((32,)))
    features = condition_tensor(features, label)
    ```

    Reference: [van den Oord et al., 2016](https://arxiv.org/abs/1609.03499)
    """
    shape = tuple(tensor.shape[1:])
    if None in shape:
        raise ValueError(
            "The shape of `tensor` must be known but for the batch. "
            f"Received: tensor.shape={tuple(tensor.shape)}"
        )
    if len(conditioning.shape) < 2:
        raise ValueError(
            "`conditioning` must have at least two axes. "
            f"Received: conditioning.shape={tuple(conditioning.shape)}"
        )
    _check_batches(tensor, conditioning, "conditioning")
    shift = keras.layers.Dense(math.prod(shape))(
        keras.layers.Flatten()(conditioning)
    )
    return ops.add(tensor, keras.layers.Reshape(shape)(shift))


def condition_tensor_from_onehot(
    tensor: Tensor, one_hot_labels: Tensor, embedding_size: int = 256
) -> Tensor:
    """Adds a dense layer of an embedding of a class to a tensor.

    Soft labels count as the class that is most likely.

    Args:
        tensor: Tensor of shape `(batch_size, ...)`, known but for the batch.
        one_hot_labels: Tensor of shape `(batch_size, num_classes)`.
        embedding_size: Int. Defaults to 256.

    Returns:
        Tensor of the shape of `tensor`.

    Raises:
        ValueError: If a shape is not as described.

    Reference: [van den Oord et al., 2016](https://arxiv.org/abs/1609.03499)
    """
    if len(one_hot_labels.shape) != 2 or one_hot_labels.shape[1] is None:
        raise ValueError(
            "`one_hot_labels` must have the shape (batch_size, num_classes). "
            "Received: one_hot_labels.shape="
            f"{tuple(one_hot_labels.shape)}"
        )
    _check_batches(tensor, one_hot_labels, "one_hot_labels")
    embedding = keras.layers.Embedding(
        one_hot_labels.shape[1],
        embedding_size,
        embeddings_initializer="glorot_uniform",
    )
    return condition_tensor(
        tensor, embedding(ops.argmax(one_hot_labels, axis=1))
    )


def _check_batches(tensor, condition, name):
    if not compatible(tuple(tensor.shape[:1]), tuple(condition.shape[:1])):
        raise ValueError(
            f"`tensor` and `{name}` must be of one batch. Received: "
            f"tensor.shape={tuple(tensor.shape)}, "
            f"{name}.shape={tuple(condition.shape)}"
        )
