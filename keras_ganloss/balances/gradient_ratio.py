"""The weight that makes the gradients of two losses equally long."""

from typing import Any

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from keras_ganloss import backend
from keras_ganloss.balances.balance import Balance
from keras_ganloss.losses.gradient_ratio import global_norm
from keras_ganloss.losses.gradient_ratio import gradient_ratio_weight
from keras_ganloss.utils import arguments
from keras_ganloss.utils import schedules
from keras_ganloss.utils.replicas import share_of_batch
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class GradientRatio(Balance):
    """Keeps the learned loss's gradient at a share of the others' gradient.

    The weight is `ratio * |gradient of the other terms| / (|gradient of the
    learned loss| + epsilon)`, computed anew at every step, and constant
    when the sum is differentiated. TF-GAN's `combine_adversarial_loss` is
    `GradientRatio(1 / gradient_ratio)`; VQGAN's adaptive weight is
    `GradientRatio(disc_weight, variables="decoder/last_conv",
    epsilon=1e-4, maximum=1e4)`. One more backward pass of the generator is
    the price.

    Args:
        ratio: Float, the wanted length of the learned loss's gradient as a
            multiple of the others'; or a
            `keras.optimizers.schedules.LearningRateSchedule` of the
            generator's updates in this game. Defaults to 1.
        variables: Optional string: gradients are measured on the generator's
            variables whose path contains it, such as its last layer's name.
            Defaults to all of them.
        epsilon: Float, added to the divisor. Defaults to 1e-6.
        maximum: Optional float that the quotient does not exceed: without
            one, a learned loss without gradient gets a large weight.
        ema: Optional float in [0, 1): the share of the last weight in the
            new one. Defaults to `None`: no averaging.
        at: `"weights"` (default), or `"samples"`: gradients are those by the
            samples that the generator made, which spares the backward pass.
        name: The name in the logs. Defaults to `"adversarial_weight"`.

    Example:

    ```python
    gan.compile(
        loss="mae",
        d_loss="hinge",
        loss_weights={"adversarial": GradientRatio(0.5, maximum=1e4)},
    )
    ```

    Reference:
        [Esser et al., 2020](https://arxiv.org/abs/2012.09841),
        [Rippel and Bourdev, 2017](https://arxiv.org/abs/1705.05823)
    """

    def __init__(
        self,
        ratio: float = 1.0,
        variables: Any = None,
        epsilon: float = 1e-6,
        maximum: float | None = None,
        ema: float | None = None,
        name: str = "adversarial_weight",
        at: str = "weights",
    ) -> None:
        self.name = name
        self.at = arguments.one_of(("weights", "samples"), "at", at)
        if self.at_samples and variables is not None:
            raise ValueError(
                "`variables` are what gradients are measured on at the "
                "weights. Leave them out, or `at`. Received: "
                f"variables={variables!r}, at={at!r}"
            )
        if maximum is not None:
            arguments.positive("maximum", maximum)
        if ema is not None:
            arguments.fraction("ema", ema, ends="[)")
        self.ratio = ratio
        if not isinstance(ratio, LearningRateSchedule):
            arguments.positive("ratio", ratio, schedules.HINT)
        self.variables = variables
        self.epsilon = arguments.positive("epsilon", epsilon)
        self.maximum = maximum
        self.ema = ema
        # Below zero: there has been none.
        self.last = keras.Variable(
            -1.0,
            trainable=False,
            dtype="float32",
            aggregation="only_first_replica",
            name="adversarial_weight",
        )

    @property
    def state(self) -> list[Any]:
        return [self.last]

    @property
    def at_samples(self) -> bool:
        return self.at == "samples"

    @property
    def log_names(self) -> dict[str, str]:
        return {"adversarial": self.name}

    def check(self, terms: list[str]) -> None:
        if terms == ["adversarial"]:
            raise ValueError(
                "A `Balance` needs another term of the generator to balance "
                "against. Pass a number, or use `SupervisedGAN` with a `loss` "
                "or a `Distance`. Received: "
                f"loss_weights={{'adversarial': {self!r}}}"
            )

    def weights_at(self, step: Any) -> dict[str, Tensor]:
        del step
        return {"adversarial": ops.maximum(self.last.value, 0.0)}

    def measured(self, objective: Any) -> dict[str, Tensor]:
        return {
            "the other terms": objective.others,
            "adversarial": objective.adversarial,
        }

    def weigh(
        self, gradients: dict[str, Any], scale: Any, step: Any
    ) -> dict[str, Tensor]:
        norms = [
            [_norm_over_replicas(gradients[name])]
            for name in ("the other terms", "adversarial")
        ]
        weight = self._weight(*norms, ops.cast(scale, "float32"), step)
        return {"adversarial": weight}

    def combine(
        self,
        losses: Any,
        gradients: Any,
        variables: Any,
        scale: float,
        step: Any,
    ) -> tuple[Any, ...]:
        measured = [
            [g for g, variable in zip(part, variables) if self._is_in(variable)]
            for part in gradients
        ]
        if not measured[0]:
            raise ValueError(
                "`variables` must be part of the path of a variable of the "
                f"generator. Received: variables={self.variables!r}, paths "
                f"{[variable.path for variable in variables]}"
            )
        measured = map(backend.global_gradients, measured)
        weight = self._weight(*measured, ops.cast(scale, "float32"), step)
        combined = [_weighted_sum(*pair, weight) for pair in zip(*gradients)]
        weight = self.weights_at(step)["adversarial"]
        return combined, {
            "g_loss": losses[0] + weight * losses[1],
            self.name: weight,
        }

    def _is_in(self, variable):
        return self.variables is None or self.variables in variable.path

    def _weight(self, others, adversarial, scale, step):
        ratio = gradient_ratio_weight(
            others, adversarial, epsilon=self.epsilon * scale
        )
        if self.maximum is not None:
            ratio = ops.minimum(ratio, self.maximum)
        weight = schedules.value_at(self.ratio, step) * ratio
        if self.ema is not None:
            mean = self.ema * self.last.value + (1.0 - self.ema) * weight
            weight = ops.where(self.last.value < 0, weight, mean)
        self.last.assign(
            ops.where(ops.isfinite(weight), weight, self.last.value)
        )
        return weight

    def get_config(self) -> dict[str, Any]:
        return {
            "ratio": keras.saving.serialize_keras_object(self.ratio),
            "variables": self.variables,
            "epsilon": self.epsilon,
            "maximum": self.maximum,
            "ema": self.ema,
            "name": self.name,
            "at": self.at,
        }


def _norm_over_replicas(gradients):
    """Returns the norm of a gradient by the samples of all replicas."""
    norm = share_of_batch() * global_norm(gradients)
    return ops.sqrt(backend.sum_over_replicas(ops.square(norm)))


def _weighted_sum(other, adversarial, weight):
    if adversarial is None:
        return other
    weighted = ops.cast(weight, adversarial.dtype) * adversarial
    return weighted if other is None else other + weighted
