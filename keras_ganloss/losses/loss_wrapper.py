"""The abstract loss that changes another one."""

from typing import Any

import keras

from keras_ganloss.losses.adversarial_loss import AdversarialLoss
from keras_ganloss.losses.logistic import Logistic
from keras_ganloss.losses.separable_loss import SeparableLoss
from keras_ganloss.utils import registry
from keras_ganloss.utils.typing import Tensor


class LossWrapper(AdversarialLoss):
    """Abstract: an adversarial loss made of another, its base.

    Reduction and dtype are those of the base.

    Args:
        base: An `AdversarialLoss`, such as `Hinge()`, or its config. Defaults
            to `Logistic()`.
        name: Optional name. Defaults to the class's, in snake case.

    Raises:
        ValueError: If `base` is not a loss of the kind that is wrapped.
    """

    # What the base must be.
    base_class: type[AdversarialLoss] = AdversarialLoss

    def __init__(self, base: Any = None, name: str | None = None) -> None:
        self.base: Any = registry.get(
            Logistic() if base is None else base,
            self.base_class,
            {},
            "It is the `base` of a wrapper, such as `Hinge()`; a Keras loss "
            "is wrapped in `LabelLoss` first. ",
            "base",
        )
        super().__init__(
            reduction=self.base.reduction, name=name, dtype=self.base.dtype
        )

    @property
    def needs_real_output(self) -> bool:
        return self.base.needs_real_output

    @property
    def from_logits(self) -> bool:
        return self.base.from_logits

    @property
    def judges_features(self) -> bool:
        return self.base.judges_features

    @property
    def needs_several(self) -> str:
        return self.base.needs_several

    @property
    def heads(self) -> tuple[str, ...]:
        return self.base.heads

    @property
    def state(self) -> list[Any]:
        return self.base.state

    def update_state(self, real_output: Tensor, fake_output: Tensor) -> None:
        self.base.update_state(real_output, fake_output)

    def d_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return self.base.d_call(real_output, fake_output)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return self.base.g_call(real_output, fake_output)

    def wrong_call(self, real_output: Tensor, wrong_output: Tensor) -> Tensor:
        return self.base.wrong_call(real_output, wrong_output)

    def join(
        self, values: list[tuple[str, Tensor]]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        return self.base.join(values)

    def get_config(self) -> dict[str, Any]:
        return {
            "base": keras.saving.serialize_keras_object(self.base),
            "name": self.name,
        }


class HalvesWrapper(LossWrapper):
    """Abstract: a loss made of the two halves of another."""

    base_class: type[AdversarialLoss] = SeparableLoss
