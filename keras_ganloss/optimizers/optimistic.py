"""Optimistic mirror descent."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.backend.keras_internals import index_of
from keras_ganloss.utils.described import Described
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


class Foresight:
    """Mix-in: steps of twice the new direction minus the one before.

    Subclasses fill `direction`. At the first update there is no direction
    before, and the step is the plain one.
    """

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self._before = self.add_optimizer_variables(variables, "before")

    def update_step(
        self, gradient: Tensor, variable: Any, learning_rate: Any
    ) -> None:
        index = index_of(self, variable)
        slot = self._before[index]
        new = self.direction(
            ops.cast(gradient, variable.dtype), variable, index
        )
        first = ops.equal(self.iterations, 0)
        step = 2.0 * new - ops.where(first, new, slot.value)
        self.assign(slot, new)
        rate = ops.cast(learning_rate, variable.dtype)
        self.assign_sub(variable, rate * step)

    def direction(self, gradient: Tensor, variable: Any, index: int) -> Tensor:
        """Returns where to go, before it is times the learning rate.

        Args:
            gradient: The gradient.
            variable: The variable.
            index: Int, which of the variables it is.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `direction(gradient, "
            "variable, index)`."
        )


@keras.saving.register_keras_serializable(package="keras_ganloss")
class OptimisticSGD(Described, Foresight, keras.optimizers.Optimizer):
    """Gradient descent that expects the next gradient to change as the last.

    `w -= learning_rate * (2 * gradient - previous gradient)`. Where two
    plain players circle around the solution for ever, two optimistic ones
    reach it. Pass one to each player, `updates="simultaneous"`.

    Args:
        learning_rate: Float or schedule. Defaults to 0.01.
        name, **kwargs: See `keras.optimizers.Optimizer`.

    Example:

    ```python
    gan.compile(
        OptimisticSGD(0.1), OptimisticSGD(0.1), d_loss="wasserstein",
        updates="simultaneous",
    )
    ```

    Reference: [Daskalakis et al., 2017](https://arxiv.org/abs/1711.00141)
    """

    def __init__(
        self,
        learning_rate: Schedule = 0.01,
        name: str = "optimistic_sgd",
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)

    def direction(self, gradient: Tensor, variable: Any, index: int) -> Tensor:
        del variable, index
        return gradient


@keras.saving.register_keras_serializable(package="keras_ganloss")
class OptimisticAdam(Described, Foresight, keras.optimizers.Optimizer):
    """Adam that expects its next step to change as its last.

    `w -= learning_rate * (2 * step - previous step)`, in which a step is
    that of Adam, as in the paper's experiments on images.

    Args:
        learning_rate: Float or schedule. Defaults to 1e-4.
        beta_1: Float, the decay of the mean of gradients. Defaults to 0.5.
        beta_2: Float, that of their squares. Defaults to 0.9.
        epsilon: Float, for numerical stability. Defaults to 1e-8.
        name, **kwargs: See `keras.optimizers.Optimizer`.

    Example:

    ```python
    gan.compile(
        OptimisticAdam(1e-4), OptimisticAdam(1e-4), updates="simultaneous"
    )
    ```

    Reference: [Daskalakis et al., 2017](https://arxiv.org/abs/1711.00141)
    """

    def __init__(
        self,
        learning_rate: Schedule = 1e-4,
        beta_1: float = 0.5,
        beta_2: float = 0.9,
        epsilon: float = 1e-8,
        name: str = "optimistic_adam",
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self._means, self._squares = self.add_optimizer_variables(
            variables, ["mean", "square"]
        )

    def direction(self, gradient: Tensor, variable: Any, index: int) -> Tensor:
        time = ops.cast(self.iterations + 1, variable.dtype)
        mean, square = self._means[index], self._squares[index]
        self.assign_add(mean, (1.0 - self.beta_1) * (gradient - mean))
        self.assign_add(
            square, (1.0 - self.beta_2) * (ops.square(gradient) - square)
        )
        mean = mean / (1.0 - ops.power(self.beta_1, time))
        square = square / (1.0 - ops.power(self.beta_2, time))
        return mean / (ops.sqrt(square) + self.epsilon)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
