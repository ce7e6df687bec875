"""Functions of the discriminator's outputs as an adversarial loss."""

import inspect
from collections.abc import Callable
from typing import Any
from typing import Self

import keras

from keras_ganloss.losses.adversarial_loss import AdversarialLoss
from keras_ganloss.utils.typing import Tensor


def num_required_arguments(function: Callable[..., Any]) -> int:
    """Counts the positional arguments without a default."""
    return sum(
        parameter.default is parameter.empty
        and parameter.kind
        in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        for parameter in inspect.signature(function).parameters.values()
    )


@keras.saving.register_keras_serializable(package="keras_ganloss")
class FunctionLoss(AdversarialLoss):
    """Adversarial loss made of functions; TF-GAN's own functions fit.

    `GAN.compile` wraps functions in this class by itself.

    Args:
        d_function: Optional function of `(real_output, fake_output)`.
        g_function: Optional function of `(fake_output)` or of
            `(real_output, fake_output)`. Both may return one value a sample
            or a scalar.
        reduction, name, dtype: See `keras.losses.Loss`.

    Raises:
        ValueError: If a function needs another number of arguments.

    Example:

    >>> loss = FunctionLoss(g_function=lambda fake_output: -fake_output)
    >>> float(loss.g_loss(fake_output=[[2.0]]))
    -2.0
    """

    def __init__(
        self,
        d_function: Callable[..., Any] | None = None,
        g_function: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if d_function is not None and num_required_arguments(d_function) != 2:
            raise ValueError(
                "A function as `d_loss` must take `(real_output, "
                "fake_output)` and no other required argument. Received: "
                f"d_loss={d_function!r}"
            )
        if g_function is not None and num_required_arguments(
            g_function
        ) not in (1, 2):
            raise ValueError(
                "A function as `g_loss` must take `(fake_output)` or "
                "`(real_output, fake_output)` and no other required "
                f"argument. Received: g_loss={g_function!r}"
            )
        self.d_function = d_function
        self.g_function = g_function

    @property
    def d_loss(self) -> Any:
        if self.d_function is None:
            raise ValueError(
                "`d_loss` is missing: a function as `g_loss` has no partner. "
                f"Pass both. Received: g_loss={self.g_function!r}"
            )
        return super().d_loss

    @property
    def g_loss(self) -> Any:
        if self.g_function is None:
            raise ValueError(
                "`g_loss` is missing: a function as `d_loss` has no partner. "
                f"Pass both. Received: d_loss={self.d_function!r}"
            )
        return super().g_loss

    @property
    def needs_real_output(self) -> bool:
        return num_required_arguments(self.g_function) == 2

    def d_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return self.d_function(real_output, fake_output)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        if self.needs_real_output:
            return self.g_function(real_output, fake_output)
        return self.g_function(fake_output)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "d_function": keras.saving.serialize_keras_object(self.d_function),
            "g_function": keras.saving.serialize_keras_object(self.g_function),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(
            **{
                **config,
                "d_function": keras.saving.deserialize_keras_object(
                    config["d_function"]
                ),
                "g_function": keras.saving.deserialize_keras_object(
                    config["g_function"]
                ),
            }
        )
