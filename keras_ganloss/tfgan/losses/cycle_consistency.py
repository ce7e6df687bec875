"""TF-GAN's cycle consistency loss."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.tfgan.losses.arguments import LOSSES
from keras_ganloss.tfgan.losses.arguments import check_graph_arguments
from keras_ganloss.tfgan.losses.arguments import to_float32
from keras_ganloss.tfgan.losses.reduction import Reduction
from keras_ganloss.tfgan.losses.reduction import compute_weighted_loss
from keras_ganloss.utils.shapes import check_same_shape
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss.tfgan")
def cycle_consistency_loss(
    data_x: Nest,
    reconstructed_data_x: Nest,
    data_y: Nest,
    reconstructed_data_y: Nest,
    scope: Any = None,
    add_summaries: bool = False,
) -> Tensor:
    """The mean absolute error of both cycles, halved.

    The paper adds the two means; its weight of 10 is 20 here.

    Args:
        data_x: Tensor of any shape and dtype.
        reconstructed_data_x: Tensor of the shape of `data_x`.
        data_y: Tensor of any shape and dtype.
        reconstructed_data_y: Tensor of the shape of `data_y`.
        scope, add_summaries: See `keras_ganloss.tfgan`.

    Returns:
        A scalar float32 tensor.

    Raises:
        ValueError: If a reconstruction has another shape than its data.

    Example:

    >>> float(cycle_consistency_loss([1.0], [0.0], [2.0], [5.0]))
    2.0

    Reference: [Zhu et al., 2017](https://arxiv.org/abs/1703.10593)
    """
    del scope
    check_graph_arguments(LOSSES, add_summaries)
    on_x = _absolute_difference(data_x, reconstructed_data_x, "data_x")
    on_y = _absolute_difference(data_y, reconstructed_data_y, "data_y")
    return (on_x + on_y) / 2.0


def _absolute_difference(data, reconstructed, name):
    data, reconstructed = to_float32(data), to_float32(reconstructed)
    check_same_shape(
        data,
        reconstructed,
        name,
        f"reconstructed_{name}",
        "They are compared value by value.",
    )
    return compute_weighted_loss(
        ops.abs(data - reconstructed), 1.0, Reduction.SUM_BY_NONZERO_WEIGHTS
    )
