"""What the learned loss would undo, taken out of the other gradient."""

from typing import Any

import keras
from keras import ops

from keras_ganloss import backend
from keras_ganloss.balances.balance import Balance
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Projected(Balance):
    """Keeps what helps the discriminator out of the other terms' gradient.

    For adversarial fairness and domains: a model learns its task, and its
    answers or features shall not tell a discriminator what they must not tell.
    Of each variable's gradient of the other terms, `p`, the part along that of
    the learned loss, `a`, is taken away, since it may be for the
    discriminator's good; then the learned loss is added: `p - <p, u> u +
    alpha * a` with `u = a / |a|`. Norm and product are Frobenius's. The paper
    subtracts the gradient of what the discriminator minimizes; the generator's
    learned loss has the other sign. One more backward pass of the generator is
    the price. `alpha` is in the logs, as `adversarial_weight`.

    Args:
        alpha: Float, the factor of the learned loss, at least 0. Defaults
            to 1.

    Raises:
        ValueError: If `alpha` is negative; in `compile`, if the generator
            minimizes nothing else.

    Example:

    ```python
    gan.compile(
        loss="mae",
        d_loss="minimax",
        loss_weights={"adversarial": Projected(0.5)},
    )
    ```

    Reference: [Zhang et al., 2018](https://arxiv.org/abs/1801.07593)
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = arguments.non_negative("alpha", alpha)

    @property
    def log_names(self) -> dict[str, str]:
        return {"adversarial": "adversarial_weight"}

    def check(self, terms: list[str]) -> None:
        if terms == ["adversarial"]:
            raise ValueError(
                "`Projected` takes a part out of the gradient of other terms. "
                "Use `SupervisedGAN` with a `loss` or a `Distance`, or "
                "`DomainAdversarial`. Received: "
                f"loss_weights={{'adversarial': {self!r}}}"
            )

    def weights_at(self, step: Any) -> dict[str, Tensor]:
        del step
        return {"adversarial": self.alpha}

    def combine(
        self,
        losses: Any,
        gradients: Any,
        variables: Any,
        scale: float,
        step: Any,
    ) -> tuple[Any, ...]:
        del variables, scale, step
        others, adversarial = gradients
        combined = [
            _projected(*each, self.alpha)
            for each in zip(
                others, adversarial, *map(backend.global_gradients, gradients)
            )
        ]
        return combined, {
            "g_loss": losses[0] + self.alpha * losses[1],
            "adversarial_weight": self.alpha,
        }

    def get_config(self) -> dict[str, Any]:
        return {"alpha": self.alpha}


def _projected(other, adversarial, global_other, global_adversarial, alpha):
    """Returns a replica's share of the gradient of one variable."""
    if adversarial is None:
        return other
    pushed = alpha * adversarial
    if other is None:
        return pushed
    square = ops.sum(ops.square(global_adversarial))
    along = ops.sum(global_other * global_adversarial)
    # Without a gradient of the learned loss there is no part along it.
    share = ops.where(square > 0, along / ops.where(square > 0, square, 1), 0)
    return other - ops.cast(share, other.dtype) * adversarial + pushed
