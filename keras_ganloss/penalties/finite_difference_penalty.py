"""R1 and R2 without a second derivative."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.penalties.penalty import Penalty
from keras_ganloss.penalties.penalty import mean_of_outputs
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


def squared_difference(first: Tensor, second: Tensor) -> Tensor:
    """Squares of the differences."""
    return ops.square(first - second)


def add_noise(samples: Nest, stddev: float, seed_generator: Any) -> Nest:
    """Adds normal noise to a tensor or a nest of tensors."""
    return keras.tree.map_structure(
        lambda leaf: (
            leaf
            + stddev
            * keras.random.normal(
                ops.shape(leaf), dtype=leaf.dtype, seed=seed_generator
            )
        ),
        samples,
    )


class FiniteDifferencePenalty(Penalty):
    """Abstract: `weight * mean((D(x) - D(x + noise))^2)`.

    It approximates `weight * stddev^2` times the mean squared gradient norm,
    that is an `R1` or `R2` of the weight `2 * weight * stddev^2`, and costs
    one more forward pass and no second derivative: for layers that have none,
    or a wrong one, and for `jit_compile=True` on torch. Subclasses fill
    `__call__`.

    Args:
        weight: Float or schedule. Defaults to 100.
        stddev: Float, of the normal noise. Defaults to 0.01.
        name: See `Penalty`.

    Raises:
        ValueError: If `weight` is negative, or `stddev` is not positive.
    """

    def __init__(
        self,
        weight: Schedule = 100.0,
        stddev: float = 0.01,
        name: str | None = None,
    ) -> None:
        super().__init__(weight, name)
        self.stddev: float = arguments.positive("stddev", stddev)

    def at(self, samples: Nest, turn: Any, judge: Any) -> Tensor:
        """Returns the weighted penalty at samples."""
        noisy = add_noise(samples, self.stddev, turn.seed_generator)
        difference = mean_of_outputs(
            squared_difference, judge.outputs(samples), judge.outputs(noisy)
        )
        return self.weighted(difference, turn.step)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "stddev": self.stddev}


@keras.saving.register_keras_serializable(package="keras_ganloss")
class FiniteDifferenceR1(FiniteDifferencePenalty):
    """`R1` by finite differences: `weight * mean((D(x) - D(x + noise))^2)`.

    About an `R1` of the weight `2 * weight * stddev^2`, without a second
    derivative: for layers that have none, or a wrong one, and for
    `jit_compile=True` on torch.

    Args:
        weight: Float or schedule. Defaults to 100, as in the paper.
        stddev: Float, of the normal noise, in units of the samples. Defaults
            to 0.01, as in the paper.
        name: The name in the logs. Defaults to `"finite_difference_r1"`.

    Raises:
        ValueError: If `weight` is negative, or `stddev` is not positive.

    Example:

    ```python
    gan.compile(penalties=[FiniteDifferenceR1(), FiniteDifferenceR2()])
    ```

    Reference: [Lin et al., 2025](https://arxiv.org/abs/2501.08316)
    """

    def __call__(self, turn: Any, duel: Any) -> Tensor:
        return self.at(duel.real, turn, duel.judge)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class FiniteDifferenceR2(FiniteDifferencePenalty):
    """`R2` by finite differences, the partner of `FiniteDifferenceR1`.

    Args:
        weight, stddev: See `FiniteDifferenceR1`.
        name: The name in the logs. Defaults to `"finite_difference_r2"`.

    Raises:
        ValueError: If `weight` is negative, or `stddev` is not positive.

    Example:

    ```python
    gan.compile(penalties=[FiniteDifferenceR1(), FiniteDifferenceR2()])
    ```

    Reference: [Lin et al., 2025](https://arxiv.org/abs/2501.08316)
    """

    def __call__(self, turn: Any, duel: Any) -> Tensor:
        return self.at(duel.fake, turn, duel.judge)
