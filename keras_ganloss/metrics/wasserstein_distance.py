"""The Wasserstein distance: exact between samples, and a critic's estimate."""

from typing import Any

import keras
import numpy as np

from keras_ganloss.metrics.game_metric import GameMetric
from keras_ganloss.metrics.pairwise import as_vectors
from keras_ganloss.metrics.pairwise import check_same_size
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest
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


def wasserstein_distance(samples: Nest, other_samples: Nest) -> float:
    """The exact 1-Wasserstein distance between two sets of samples.

    The mean distance of pairs when every sample is moved to one of the
    others at the least cost. On more than a line this takes SciPy, and time
    with the cube of their number. Samples of many numbers are all far from
    each other, which makes it large for equal distributions as well: compare
    it with that between two sets of real samples.

    Args:
        samples, other_samples: Arrays or tensors of shape
            `(num_samples, ...)`, as many of each.

    Returns:
        Float.

    Raises:
        ValueError: If there are not as many samples of each kind, none, or
            if they are of different sizes or not finite.
        ImportError: If SciPy is needed and missing.

    Example:

    >>> wasserstein_distance([[0.0], [1.0]], [[4.0], [2.0]])
    2.5

    Reference: [Peyré and Cuturi, 2018](https://arxiv.org/abs/1803.00567)
    """
    samples = as_vectors(samples, "samples")
    others = as_vectors(other_samples, "other_samples")
    check_same_size(samples, others, "samples", "other_samples")
    check_same_number(samples, others)
    if samples.shape[1] == 1:  # On a line those of the same rank meet.
        costs = np.abs(np.sort(samples, axis=0) - np.sort(others, axis=0))
        return float(costs.mean())
    costs = np.stack(
        [np.linalg.norm(others - sample, axis=1) for sample in samples]
    )
    rows, columns = _linear_sum_assignment()(costs)
    return float(costs[rows, columns].mean())


def check_same_number(samples: Nest, other_samples: Nest) -> None:
    """Raises unless there are as many samples of each kind."""
    if len(samples) != len(other_samples):
        raise ValueError(
            "`samples` and `other_samples` must be as many, to be paired. "
            f"Received: {len(samples)} and {len(other_samples)} samples"
        )


def _linear_sum_assignment():
    try:
        from scipy.optimize import linear_sum_assignment
    except ImportError as error:
        raise ImportError(
            "`wasserstein_distance` of samples of more than one number needs "
            "SciPy: `pip install scipy`, or take `sliced_wasserstein`"
        ) from error
    return linear_sum_assignment
