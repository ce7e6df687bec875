"""What a generator is told besides noise, and how a guess of it counts."""

import math
from typing import Any
from typing import Self

import keras
from keras import ops

from keras_ganloss.utils import arguments
from keras_ganloss.utils.described import Described
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


class Code(Described):
    """Abstract: a random part of the generator's input that has a meaning.

    Subclasses fill `size`, `num_parameters`, `entropy`, `draw` and
    `negative_log_likelihood`.

    Args:
        weight: Float, the factor of the code among several ones. Defaults
            to 1.

    Raises:
        ValueError: If `weight` is not positive.
    """

    def __init__(self, weight: float = 1.0) -> None:
        self.weight: float = arguments.positive("weight", weight)

    @property
    def size(self) -> int:
        """How many of the generator's inputs the code takes."""
        raise NotImplementedError(self._must_fill("size"))

    @property
    def num_parameters(self) -> int:
        """How many numbers a guess of the code takes."""
        raise NotImplementedError(self._must_fill("num_parameters"))

    @property
    def entropy(self) -> float:
        """The entropy of the code in nats, a float."""
        raise NotImplementedError(self._must_fill("entropy"))

    def draw(self, num: int, seed: Any) -> Tensor:
        """Returns `num` codes, a tensor of shape `(num, size)`.

        Args:
            num: Int or scalar tensor.
            seed: Int or `keras.random.SeedGenerator`.
        """
        raise NotImplementedError(self._must_fill("draw"))

    def negative_log_likelihood(self, parameters: Any, code: Nest) -> Tensor:
        """How far off a guess is, in nats: a tensor of shape `(batch_size,)`.

        Args:
            parameters: Tensor of shape `(batch_size, num_parameters)`.
            code: Tensor of shape `(batch_size, size)`.
        """
        raise NotImplementedError(self._must_fill("negative_log_likelihood"))

    def get_config(self) -> dict[str, Any]:
        return {"weight": self.weight}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(**config)

    def _must_fill(self, hook):
        return f"{type(self).__name__} must implement `{hook}`."


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Categorical(Code):
    """One of some classes, all equally likely, as a one-hot vector.

    A guess is a vector of logits.

    Args:
        num_classes: Int, at least 2.
        weight: See `Code`.

    Example:

    >>> code = Categorical(10)
    >>> code.size, code.num_parameters
    (10, 10)

    Reference: [Chen et al., 2016](https://arxiv.org/abs/1606.03657)
    """

    def __init__(self, num_classes: int, weight: float = 1.0) -> None:
        super().__init__(weight)
        self.num_classes = arguments.int_of_at_least(
            2, "num_classes", num_classes, "One class says nothing."
        )

    @property
    def size(self) -> int:
        return self.num_classes

    @property
    def num_parameters(self) -> int:
        return self.num_classes

    @property
    def entropy(self) -> float:
        return math.log(self.num_classes)

    def draw(self, num: int, seed: Any) -> Tensor:
        uniform = keras.random.uniform((num,), dtype="float32", seed=seed)
        index = ops.cast(ops.floor(uniform * self.num_classes), "int32")
        # A uniform number just below one may be rounded up.
        index = ops.minimum(index, self.num_classes - 1)
        return ops.one_hot(index, self.num_classes)

    def negative_log_likelihood(self, parameters: Any, code: Nest) -> Tensor:
        return ops.categorical_crossentropy(code, parameters, from_logits=True)

    def get_config(self) -> dict[str, Any]:
        return {"num_classes": self.num_classes, **super().get_config()}


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Uniform(Code):
    """Numbers from an interval, all equally likely.

    A guess is a normal distribution: `size` means, then `size` logarithms of
    standard deviations. A floor under the deviations keeps the gradients
    bounded, and the term from falling without end once the code is found.

    Args:
        size: Int, how many numbers. Defaults to 1.
        low, high: Floats, the interval. Defaults to [-1, 1].
        floor: Float, the least standard deviation. Defaults to 0.1.
        weight: See `Code`. The paper takes 0.1 beside a `Categorical` code,
            which it otherwise drowns: numbers can tell any amount.

    Example:

    >>> code = Uniform(2)
    >>> code.size, code.num_parameters
    (2, 4)

    Reference: [Chen et al., 2016](https://arxiv.org/abs/1606.03657)
    """

    def __init__(
        self,
        size: int = 1,
        low: float = -1.0,
        high: float = 1.0,
        floor: float = 0.1,
        weight: float = 1.0,
    ) -> None:
        super().__init__(weight)
        arguments.positive("floor", floor)
        if not low < high:
            raise ValueError(
                f"`low` must be below `high`. Received: low={low}, high={high}"
            )
        self._size = arguments.positive_int("size", size)
        self.low = low
        self.high = high
        self.floor = floor

    @property
    def size(self) -> int:
        return self._size

    @property
    def num_parameters(self) -> int:
        return 2 * self.size

    @property
    def entropy(self) -> float:
        return self.size * math.log(self.high - self.low)

    def draw(self, num: int, seed: Any) -> Tensor:
        return keras.random.uniform(
            (num, self.size), self.low, self.high, dtype="float32", seed=seed
        )

    def negative_log_likelihood(self, parameters: Any, code: Nest) -> Tensor:
        mean, log_deviation = ops.split(parameters, 2, axis=-1)
        log_variance = ops.logaddexp(
            2.0 * log_deviation, 2.0 * math.log(self.floor)
        )
        values = 0.5 * (
            ops.square(code - mean) * ops.exp(-log_variance)
            + log_variance
            + math.log(2.0 * math.pi)
        )
        return ops.sum(values, axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {
            "size": self.size,
            "low": self.low,
            "high": self.high,
            "floor": self.floor,
            **super().get_config(),
        }


def draw_codes(codes: Any, num: int, seed: Any) -> Tensor:
    """Returns a draw of each code in a tensor of shape `(num, total size)`."""
    return ops.concatenate([code.draw(num, seed) for code in codes], axis=-1)


def information_loss(codes: Any, parameters: Any, values: Tensor) -> Tensor:
    """Minus a lower bound on what a sample tells of its codes.

    The sum over the codes of their weight times (negative log-likelihood
    minus entropy): with weights of one, minus the bound on the mutual
    information, in nats.

    Args:
        codes: List of `Code`s.
        parameters: The guess, shape `(batch_size, total num_parameters)`.
        values: The codes, shape `(batch_size, total size)`.
    """
    total, first, start = 0.0, 0, 0
    for code in codes:
        likelihood = code.negative_log_likelihood(
            parameters[:, first : first + code.num_parameters],
            values[:, start : start + code.size],
        )
        total += code.weight * (ops.mean(likelihood) - code.entropy)
        first += code.num_parameters
        start += code.size
    return total
