"""What the critic of a game says of the Wasserstein distance."""

from typing import Any

import keras

from keras_ganloss.metrics.game_metric import GameMetric
from keras_ganloss.metrics.pairwise import as_vectors
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


def critic_distance(
    real_output: Tensor, fake_output: Tensor, lipschitz_constant: float = 1.0
) -> float:
    """What a critic says of the Wasserstein distance of what it judges.

    The mean output on real samples less that on fakes, over the steepest
    slope of the critic. If no slope is steeper than `lipschitz_constant`,
    this is at most the distance of the distributions (up to the chance of
    the draw), and equals it for the best of such critics. A critic that is
    not yet trained, or that is weak, says too little; one whose slope is not
    bounded, such as that of a game without penalty, says nothing. In the logs
    of a game it is `real_output - fake_output`.

    Args:
        real_output, fake_output: Tensors of shape `(num, ...)`, outputs of
            the critic, not necessarily as many.
        lipschitz_constant: Float. Defaults to 1, what
            `penalties.GradientPenalty` draws to.

    Returns:
        Float. Negative if the critic is wrong.

    Raises:
        ValueError: If there are no outputs, if they are not finite, or if
            the constant is not positive.

    Example:

    >>> critic_distance([[3.0], [1.0]], [[0.5]])
    1.5

    Reference: [Arjovsky et al., 2017](https://arxiv.org/abs/1701.07875)
    """
    arguments.positive("lipschitz_constant", lipschitz_constant)
    real = as_vectors(real_output, "real_output")
    fake = as_vectors(fake_output, "fake_output")
    return float((real.mean() - fake.mean()) / lipschitz_constant)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class CriticDistance(GameMetric):
    """The critic's estimate of the distance between real and made samples.

    `critic_distance` over all samples of an evaluation. With
    `d_loss="wasserstein"` and a penalty or clipping that bounds the critic's
    slope it falls as samples get better, which losses of other games do not;
    on samples that were not trained on it also tells whether the critic has
    learned them by heart.

    Args:
        lipschitz_constant: Float. Defaults to 1.
        name: Optional name.

    Raises:
        ValueError: If the constant is not positive.

    Example:

    ```python
    gan.compile(
        d_loss="wasserstein",
        penalties=[GradientPenalty(10.0)],
        metrics=[CriticDistance()],
    )
    gan.fit(images, validation_data=test_images)  # `val_critic_distance`.
    ```

    Reference: [Arjovsky et al., 2017](https://arxiv.org/abs/1701.07875)
    """

    def __init__(
        self, lipschitz_constant: float = 1.0, name: str | None = None
    ) -> None:
        super().__init__(name=name)
        arguments.positive("lipschitz_constant", lipschitz_constant)
        self.lipschitz_constant = lipschitz_constant

    def measure(self, game: Any) -> Any:
        logs = game.get_metrics_result()
        distance = float(logs["real_output"]) - float(logs["fake_output"])
        return distance / self.lipschitz_constant

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "lipschitz_constant": self.lipschitz_constant,
        }
