"""The sliced Wasserstein distance as a loss."""

from typing import Any

import keras
from keras import ops

from keras_ganloss import backend
from keras_ganloss.losses.adversarial_loss import AdversarialLoss
from keras_ganloss.losses.feature_distances import flatten_samples
from keras_ganloss.utils import arguments
from keras_ganloss.utils import lines
from keras_ganloss.utils.typing import Tensor


def sliced_distance(
    real_output: Tensor, fake_output: Tensor, directions: Tensor
) -> Tensor:
    """Squared distances along directions, a value a fake.

    On each line the fakes meet the real samples of the same rank.

    Args:
        real_output: Features, shape `(batch_size, ...)`.
        fake_output: Likewise.
        directions: Shape `(size, num_directions)`; their length is free.
    """
    real, fake = (
        lines.project(flatten_samples(output), directions)
        for output in (real_output, fake_output)
    )
    return ops.mean(ops.square(lines.rank_differences(fake, real)), axis=1)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class SlicedWasserstein(AdversarialLoss):
    """Wasserstein distance of features along random lines.

    The discriminator returns a vector of features and maximizes the squared
    distance between real and fake ones, the generator minimizes it. Add
    `penalties.GradientPenalty`, or spectral normalization. Every replica
    compares the samples of its own part.

    Args:
        num_directions: Int, how many lines are drawn a step. Defaults to 64.
        seed: Optional int, which makes the draws reproducible.
        reduction, name, dtype: See `keras.losses.Loss`.

    Raises:
        ValueError: If `num_directions` is less than 1.

    Example:

    >>> loss = SlicedWasserstein()  # On a line there is one direction.
    >>> round(float(loss.g_loss([[0.0], [5.0]], [[6.0], [2.0]])), 4)
    2.5

    Reference: [Deshpande et al., 2018](https://arxiv.org/abs/1803.11188)
    """

    judges_features = True
    needs_real_output = True

    def __init__(
        self, num_directions: int = 64, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.num_directions = arguments.positive_int(
            "num_directions", num_directions
        )
        self.seed = seed
        self.seed_generator = backend.SeedGenerator(seed)

    @property
    def state(self) -> list[Any]:
        return [self.seed_generator]

    def d_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return -self.g_call(real_output, fake_output)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        size = flatten_samples(fake_output).shape[1]
        directions = keras.random.normal(
            (size, self.num_directions),
            dtype=fake_output.dtype,
            seed=self.seed_generator,
        )
        return sliced_distance(real_output, fake_output, directions)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_directions": self.num_directions,
            "seed": self.seed,
        }
