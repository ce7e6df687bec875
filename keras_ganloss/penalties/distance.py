"""Distance: an explicit loss with a name and a weight of its own."""

import contextlib
from collections.abc import Sequence
from typing import Any

import keras

from keras_ganloss import backend
from keras_ganloss.penalties.penalty import Penalty
from keras_ganloss.utils import arguments
from keras_ganloss.utils.masks import bind_masks
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Distance(Penalty):
    """`weight * loss(target, answer)`: an explicit loss with its own log.

    For games whose fakes have right answers, such as `SupervisedGAN`: several
    explicit losses of one output, each with a name and a weight, beside the
    `loss` of `compile` or in its place. Keras computes it, as it would compute
    `loss`: on the generator's output as it is, whatever the discriminator sees
    of it, with `sample_weight` and masks. What is logged has the weight in it.

    Args:
        distance: The loss: whatever stands for one in `keras.Model.compile`,
            such as `"mae"`, or an object of `keras_ganloss.distances`.
        weight: Float or schedule. Defaults to 1.
        name: The name in the logs. Defaults to `"distance"`.
        output: Which output of the generator, where it has several: a name or
            an index.

    Raises:
        ValueError: If `distance` is no loss or `weight` is negative; in
            `compile`, if the game has no right answers, or `output` does not
            say which.

    Example:

    ```python
    gan.compile(
        g_penalties=[
            Distance("mae", 1.0, name="pixel"),
            Distance("cosine_similarity", 0.1, name="color"),
        ],
    )
    ```
    """

    def __init__(
        self,
        distance: Any,
        weight: Schedule = 1.0,
        name: str | None = None,
        output: str | int | None = None,
    ) -> None:
        super().__init__(weight, name)
        self.distance = distance
        self.output = output
        self._compiled = keras.Model(name="distance")
        self._compiled.compile(
            optimizer=None, loss=_checked(distance), jit_compile=False
        )

    def check_game(self, game: Any, player: str) -> None:
        if player != "generator":
            raise ValueError(
                "`Distance` is for the generator: the discriminator cannot "
                "change it. Pass it in `g_penalties`. Received: "
                f"penalties with {self!r}"
            )
        game.check_answer(self.output)

    def over(self, turn: Any, duels: Sequence[Any]) -> Tensor:
        del duels
        answer = turn.game.answer(turn.samples, self.output)
        loss = self._compiled.compute_loss(
            y=answer.target,
            y_pred=bind_masks(answer.output, answer.masks),
            sample_weight=answer.sample_weight,
        )
        return self.weighted(backend.unscaled(widen(loss)), turn.step)

    def get_config(self) -> dict[str, Any]:
        distance = keras.saving.serialize_keras_object(self.distance)
        return {
            **super().get_config(),
            "distance": distance,
            "output": self.output,
        }


def _checked(distance):
    """Returns a loss; raises unless it is one, and one alone."""
    if str(distance).lower() in ("crossentropy", "ce"):
        return distance  # Keras chooses which when it sees the shapes.
    if isinstance(distance, str) or callable(distance):
        with contextlib.suppress(TypeError, ValueError):  # Ours says more.
            keras.losses.get(distance)
            return distance
    raise ValueError(
        "`distance` must be a Keras loss: a name such as 'mae', an object or "
        "a function of `(y_true, y_pred)`. Pass several distances for several "
        f"losses. Received: distance={arguments.shown(distance)}"
    )
