"""The abstract distance: a Keras loss with one value a sample."""

from typing import Any

import keras

from keras_ganloss.utils.described import Described
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.registry import snake_case
from keras_ganloss.utils.shapes import check_same_shape
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


class SampleDistance(Described, keras.losses.Loss):
    """Abstract: how far each answer is from the right one.

    A `keras.losses.Loss` for any Keras model, with a GAN or without one.
    Subclasses fill `compare`, and `get_config` if they have settings.

    Args:
        reduction, name, dtype: See `keras.losses.Loss`. The name defaults to
            that of the class, in snake case; it is computed in float32 at
            least.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            name or snake_case(type(self).__name__), reduction, dtype
        )

    def call(self, y_true: Tensor, y_pred: Tensor) -> Nest:
        check_same_shape(
            y_true, y_pred, "y_true", "y_pred", "They are compared as pairs."
        )
        return self.compare(widen(y_true), widen(y_pred))

    def compare(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Returns the distances.

        Args:
            y_true, y_pred: Tensors of the same shape `(batch_size, ...)`, in
                float32 or float64.

        Returns:
            Tensor of shape `(batch_size,)`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `compare(y_true, y_pred)`."
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "dtype": self.dtype}
