"""Any Keras loss between labels and outputs as an adversarial loss."""

from typing import Any
from typing import Self

import keras
from keras import ops

from keras_ganloss.losses.separable_loss import SeparableLoss
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class LabelLoss(SeparableLoss):
    """A Keras loss played as a game: ones for real, zeros for fake.

    The generator wants its samples to be labelled one. `GAN.compile` wraps
    a plain Keras loss in this class by itself. Each output is judged by
    itself, whatever axis the loss is made to average over: it gets outputs of
    shape `(batch_size, ..., 1)`.

    Args:
        loss: A `keras.losses.Loss` of `(y_true, y_pred)`. Cross-entropies
            need `from_logits=True` unless the discriminator ends in a
            sigmoid.

    Example:

    >>> loss = LabelLoss(keras.losses.MeanSquaredError())
    >>> float(loss.d_loss(real_output=[[0.5]], fake_output=[[2.0]]))
    4.25
    """

    def __init__(self, loss: Any) -> None:
        if not isinstance(loss, keras.losses.Loss):
            raise ValueError(
                "`loss` must be a `keras.losses.Loss` instance, such as "
                "`keras.losses.BinaryCrossentropy(from_logits=True)`. "
                f"Received: loss={loss!r}"
            )
        self.keras_loss = loss
        super().__init__(
            reduction=loss.reduction, name=loss.name, dtype=loss.dtype
        )

    @property
    def from_logits(self) -> bool:
        return getattr(self.keras_loss, "from_logits", True)

    def real_half(self, output: Tensor) -> Tensor:
        output = ops.expand_dims(output, -1)
        return self.keras_loss.call(ops.ones_like(output), output)

    def fake_half(self, output: Tensor) -> Tensor:
        output = ops.expand_dims(output, -1)
        return self.keras_loss.call(ops.zeros_like(output), output)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        del real_output
        return self.real_half(fake_output)

    def get_config(self) -> dict[str, Any]:
        return {"loss": keras.saving.serialize_keras_object(self.keras_loss)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(keras.saving.deserialize_keras_object(config["loss"]))
