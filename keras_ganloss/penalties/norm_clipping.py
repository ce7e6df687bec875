"""Weight clipping by norm."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.penalties.clipping import Clipping
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class NormClipping(Clipping):
    """Shrinks the critic's weights to a norm after each of its updates.

    A weight whose Euclidean norm is above `limit` is scaled down to it, which
    unlike `WeightClipping` keeps its direction. For limits of single layers
    use `keras.constraints.MaxNorm`.

    Args:
        limit: Float, the largest norm.
        axis: Int or list of ints, the axes that a norm is taken over, such as
            0 for one norm an output of dense layers; weights without such an
            axis are clipped as a whole. Defaults to all axes: one norm a
            weight.

    Raises:
        ValueError: If `limit` is not positive, or `axis` is no int or list
            of ints.

    Example:

    ```python
    gan.compile(d_loss="wasserstein", penalties=[NormClipping(1.0)])
    ```

    Reference:
        [Srivastava et al., 2014](https://jmlr.org/papers/v15/srivastava14a.html)
    """

    def __init__(self, limit: float, axis: Any = None) -> None:
        super().__init__(limit)
        axes = [] if axis is None else keras.tree.flatten(axis)
        if not all(map(arguments.is_int, axes)):
            raise ValueError(
                "`axis` must be an int, a list of ints, or `None`. Received: "
                f"axis={axis!r}"
            )
        self.axis = axis
        self._axes = axes

    def clipped(self, weight: Tensor) -> Tensor:
        num_axes = len(weight.shape)
        fits = all(-num_axes <= axis < num_axes for axis in self._axes)
        axes = tuple(self._axes) if self._axes and fits else None
        squares = ops.sum(ops.square(weight), axis=axes, keepdims=True)
        norm = ops.sqrt(squares)
        return weight * (self.limit / ops.maximum(norm, self.limit))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}
