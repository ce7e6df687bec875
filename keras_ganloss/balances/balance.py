"""The abstract weights of terms that follow the gradients."""

from typing import Any
from typing import Self

import keras

from keras_ganloss.utils.stateful import Stateful
from keras_ganloss.utils.typing import Tensor


class Balance(Stateful):
    """Weighs terms of the generator by their gradients.

    Gradients are those by the generator's weights, of the learned loss and of
    everything else, which are differentiated each by itself: subclasses fill
    `combine`. Or with `at_samples` they are those by the samples that the
    generator made, of any terms, and the weighted sum is differentiated once:
    subclasses fill `measured` and `weigh`. Either way they fill `log_names`
    and `weights_at`.
    """

    at_samples = False

    @property
    def log_names(self) -> dict[str, str]:
        """Dict of the name of each term that is weighed to that of its log."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `log_names`."
        )

    def check(self, terms: list[str]) -> None:
        """Refuses the terms of a generator, a list of their names."""

    def weights_at(self, step: Any) -> dict[str, Tensor]:
        """Returns the last weights by term, which `evaluate` uses."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `weights_at(step)`."
        )

    def measured(self, objective: Any) -> dict[str, Tensor]:
        """Returns a dict of scalars whose gradients are to be measured.

        Args:
            objective: The `Objective`: `objective.value("adversarial")`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `measured(objective)`."
        )

    def weigh(
        self, gradients: dict[str, Any], scale: Any, step: Any
    ) -> dict[str, Tensor]:
        """Returns new weights by term, and remembers what is to be.

        Under loss scaling a gradient may overflow. A weight that is then not
        finite lets the optimizer skip the step, and is not remembered.

        Args:
            gradients: Of each of `measured`, the list of its gradients by the
                samples, tensors of shape `(batch_size, ...)`.
            scale: What they are multiplied by (loss scaling).
            step: How many updates the generator has made, a scalar.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `weigh(gradients, scale, "
            "step)`."
        )

    def combine(
        self,
        losses: Any,
        gradients: Any,
        variables: Any,
        scale: float,
        step: Any,
    ) -> tuple[Any, ...]:
        """Adds the gradients of both parts.

        Args:
            losses: The other terms, and the learned loss, two scalars.
            gradients: Their gradients, two lists with `None` where a
                variable plays no part.
            variables: List of `keras.Variable`s.
            scale: What the gradients are multiplied by (loss scaling).
            step: How many updates the generator has made, a scalar.

        Returns:
            The list of gradients, and logs: the generator's `"g_loss"` and
            the weight under its name.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `combine(losses, "
            "gradients, variables, scale, step)`."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(**keras.saving.deserialize_keras_object(dict(config)))
