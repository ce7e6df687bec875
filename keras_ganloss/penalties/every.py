"""Lazy regularization: a penalty on some steps, and for all."""

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss import backend
from keras_ganloss.penalties.clipping import Clipping
from keras_ganloss.penalties.penalty import Penalty
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


def value_every(steps: int, step: Any, function: Callable[..., Any]) -> Tensor:
    """Returns `steps` times a value on every `steps`-th step, else zero."""
    is_due = ops.equal(ops.mod(ops.convert_to_tensor(step), steps), 0)
    return backend.call_if(is_due, lambda: steps * function())


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Every(Penalty):
    """Lazy regularization: a penalty times `steps` on every `steps`-th step.

    Over `steps` updates it adds up to the gradient of the penalty on each,
    and costs a share of it. The other steps add zero, so what is logged, a
    mean over the epoch, is the mean of the penalty still; `evaluate` shows
    the penalty as it is, always.

    On its steps the penalty is computed by itself: `R1` runs the
    discriminator once more, instead of sharing the pass of the loss. Losses
    that layers add in this pass, such as activity regularizers, do not count.

    StyleGAN2 takes lazy penalties as updates of their own, `steps + 1`
    instead of `steps`, and corrects Adam's learning rate and decays for it.
    Here penalty and loss make up one update, and nothing is to be corrected.
    But Adam divides by the root of the mean *squared* gradient, which rare
    large gradients raise: where the penalty is most of the gradient, steps
    become smaller than with the penalty each time. On torch the host waits
    for the device once a step, to know what to do. Under `tf.distribute` the
    penalty is computed on all steps, for the same result.

    Args:
        penalty: A `Penalty`.
        steps: Int, of the player's updates.

    Raises:
        ValueError: If `penalty` is no `Penalty` or clips weights, or `steps`
            is less than 1.

    Example:

    ```python
    gan.compile(
        penalties=[Every(R1(10.0), steps=16)],
        g_penalties=[Every(PathLength(2.0), steps=4)],
    )
    ```

    Reference: [Karras et al., 2019](https://arxiv.org/abs/1912.04958)
    """

    def __init__(self, penalty: Any, steps: int) -> None:
        if not isinstance(penalty, Penalty):
            raise ValueError(
                "`penalty` must be a `Penalty` object, such as `R1(10.0)`. "
                f"Received: penalty={penalty!r}"
            )
        if isinstance(penalty, Clipping):
            raise ValueError(
                "`penalty` must add to the loss; weights are clipped after "
                f"each update. Received: penalty={type(penalty).__name__}"
            )
        super().__init__(1.0, penalty.name)
        self.penalty = penalty
        self.steps = arguments.positive_int("steps", steps)
        self.differentiates_twice = penalty.differentiates_twice
        self.needs_several = penalty.needs_several

    @property
    def state(self) -> list[Any]:
        return self.penalty.state

    def update_state(self, real_output: Tensor, fake_output: Tensor) -> None:
        self.penalty.update_state(real_output, fake_output)

    def check(self, discriminator: keras.Model) -> None:
        self.penalty.check(discriminator)

    def check_game(self, game: Any, player: str) -> None:
        self.penalty.check_game(game, player)

    def build(self, networks: Sequence[keras.Model]) -> None:
        self.penalty.build(networks)

    def after_update(self, variables: Any) -> None:
        self.penalty.after_update(variables)

    def over(self, turn: Any, duels: Sequence[Any]) -> Tensor:
        if not turn.training:
            return self.penalty.over(turn, duels)
        return value_every(
            self.steps,
            turn.step,
            lambda: self.penalty.over(*turn.afresh(duels)),
        )

    def get_config(self) -> dict[str, Any]:
        return {
            "penalty": keras.saving.serialize_keras_object(self.penalty),
            "steps": self.steps,
        }
