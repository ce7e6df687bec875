"""The abstract penalty that draws gradient norms to a target."""

from typing import Any

from keras import ops

from keras_ganloss.penalties.input_gradient_penalty import InputGradientPenalty
from keras_ganloss.penalties.penalty import squared_norm
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor

# Inside of the square root, whose slope at zero is infinite.
EPSILON = 1e-12


def gradient_norm(gradients: Any) -> Tensor:
    """Norm of each sample's gradient, shape `(batch_size,)`."""
    return ops.sqrt(squared_norm(gradients) + EPSILON)


class GradientNormPenalty(InputGradientPenalty):
    """Abstract: `weight * mean((norm - target)^2)` of gradients at points.

    Subclasses fill `points`.

    Args:
        weight: See `Penalty`. Defaults to 10.
        target: Float, the norm aimed at. Defaults to 1.
        one_sided: Whether norms below `target` cost nothing. Defaults to
            `False`.
        name: See `Penalty`.
    """

    def __init__(
        self,
        weight: Schedule = 10.0,
        target: float = 1.0,
        one_sided: bool = False,
        name: str | None = None,
    ) -> None:
        super().__init__(weight, name)
        self.target: float = arguments.non_negative("target", target)
        self.one_sided = one_sided

    def points(self, real: Nest, fake: Nest, seed_generator: Any) -> Nest:
        """Returns where to look at the gradient, structured as `real`.

        Args:
            real: Real samples, a tensor or a nest of tensors of shape
                `(batch_size, ...)`.
            fake: Fake samples of the same structure.
            seed_generator: A `keras.random.SeedGenerator`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `points(real, fake, "
            "seed_generator)`."
        )

    def __call__(self, turn: Any, duel: Any) -> Tensor:
        points = self.points(duel.real, duel.fake, turn.seed_generator)
        gradients = duel.judge.input_gradients(points)
        excess = gradient_norm(gradients) - self.target
        if self.one_sided:
            excess = ops.relu(excess)
        return self.weighted(ops.mean(ops.square(excess)), turn.step)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "target": self.target,
            "one_sided": self.one_sided,
        }
