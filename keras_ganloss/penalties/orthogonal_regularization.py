"""Orthogonal regularization of kernels, of BigGAN."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss.penalties.penalty import Penalty
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


def non_orthogonality(kernel: Tensor, strict: bool = False) -> Tensor:
    """Sum of the squared inner products of a kernel's columns.

    Args:
        kernel: Tensor of shape `(..., num_outputs)`, with a column of numbers
            for each output.
        strict: Whether columns should be of norm 1, too.
    """
    columns = ops.reshape(kernel, (-1, kernel.shape[-1]))
    products = ops.matmul(ops.transpose(columns), columns)
    unit = ops.eye(kernel.shape[-1], dtype=products.dtype)
    if strict:
        return ops.sum(ops.square(products - unit))
    return ops.sum(ops.square(products * (1.0 - unit)))


def sum_over_kernels(weights: Sequence[Tensor], strict: bool) -> Tensor:
    """Returns the sum of `non_orthogonality` over the kernels of weights."""
    return sum(
        non_orthogonality(ops.convert_to_tensor(weight), strict)
        for weight in weights
        if weight.path.endswith("kernel") and len(weight.shape) > 1
    )


@keras.saving.register_keras_serializable(package="keras_ganloss")
class OrthogonalRegularization(Penalty):
    """`weight` times the squared inner products of the kernels' columns.

    A gentler relative of spectral normalization: outputs of a layer shall
    look at different things. It is the paper's formula; the authors' code,
    which adds gradients and no loss, adds half of its gradient: their
    `ortho = 1e-4` is a weight of 5e-5 here. Kernels are all weights of that
    name, flattened to one column for each index of their last axis: a column
    is an output of a dense or a convolutional layer, and an input of a
    transposed one.
    `keras.regularizers.OrthogonalRegularizer` is for single layers.

    Args:
        weight: Float or schedule. Defaults to 1e-4, as in the paper.
        strict: Whether columns are drawn to norm 1, too, as before BigGAN
            (second reference). Defaults to `False`.
        name: The name in the logs. Defaults to
            `"orthogonal_regularization"`.

    Raises:
        ValueError: If `weight` is negative.

    Example:

    ```python
    gan.compile(
        penalties=[OrthogonalRegularization()],
        g_penalties=[OrthogonalRegularization(name="g_orthogonality")],
    )
    ```

    Reference:
        [Brock et al., 2018](https://arxiv.org/abs/1809.11096),
        [Brock et al., 2016](https://arxiv.org/abs/1609.07093)
    """

    def __init__(
        self,
        weight: Schedule = 1e-4,
        strict: bool = False,
        name: str | None = None,
    ) -> None:
        super().__init__(weight, name)
        self.strict = strict

    def over(self, turn: Any, duels: Sequence[Any]) -> Tensor:
        del duels
        value = sum_over_kernels(turn.player.variables, self.strict)
        return self.weighted(value, turn.step)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "strict": self.strict}
