"""Checks that the functions of this package share."""

from typing import Any

from keras import ops

from keras_ganloss.utils.shapes import check_same_shape
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor

LOSSES = "losses"  # `tf.compat.v1.GraphKeys.LOSSES`


def check_graph_arguments(loss_collection: Any, add_summaries: bool) -> None:
    """Refuses to do in silence nothing of what a graph of TensorFlow 1 did.

    Raises:
        ValueError: If a loss is to be collected or summarized.
    """
    if loss_collection not in (LOSSES, None):
        raise ValueError(
            "Keras 3 has no collections of losses. Leave `loss_collection` "
            "out, and keep the loss that is returned. Received: "
            f"loss_collection={loss_collection!r}"
        )
    if add_summaries:
        raise ValueError(
            "Keras 3 has no graph summaries. Leave `add_summaries` out; "
            "`fit` logs the losses, and `keras.callbacks.TensorBoard` writes "
            f"them. Received: add_summaries={add_summaries!r}"
        )


def to_float32(outputs: Nest) -> Tensor:
    """Casts outputs of any dtype, integers too."""
    return ops.cast(outputs, "float32")


def to_float32_pair(
    real_outputs: Tensor, gen_outputs: Tensor
) -> tuple[Tensor, Tensor]:
    """Casts outputs on real and on generated samples.

    Raises:
        ValueError: If their shapes differ.
    """
    real_outputs, gen_outputs = (
        to_float32(real_outputs),
        to_float32(gen_outputs),
    )
    check_same_shape(
        real_outputs,
        gen_outputs,
        "discriminator_real_outputs",
        "discriminator_gen_outputs",
        "The discriminator must answer real and generated samples alike.",
    )
    return real_outputs, gen_outputs
