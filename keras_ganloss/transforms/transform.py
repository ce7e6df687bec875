"""The abstract transform of samples on their way to the discriminator."""

from typing import Any
from typing import Self

import keras

from keras_ganloss.utils.stateful import Stateful
from keras_ganloss.utils.typing import Nest


class Transform(Stateful):
    """What happens to real and fake samples before they are judged.

    Gradients flow through it to the generator, and penalties on the
    gradient take it with respect to the samples before the transform.
    Subclasses fill `__call__`, and `output_shapes` if they change the shape.
    """

    def __call__(
        self, samples: Nest, condition: Nest, turn: Any
    ) -> tuple[Nest, Any]:
        """Returns samples and condition as the discriminator sees them.

        Args:
            samples: A tensor or a nest of tensors, shape
                `(batch_size, ...)`.
            condition: Likewise, or `None`.
            turn: The `Turn`, for its `training`, `step`, `d_step` and
                `seed_generator`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `__call__(samples, "
            "condition, turn)`."
        )

    def output_shapes(self, shapes: Any) -> Any:
        """Returns the shapes of what comes out.

        Args:
            shapes: List of shapes of the parts of samples, batch included,
                or `None` if they are not known.
        """
        return shapes

    def condition_shapes(self, shapes: Any) -> Any:
        """Returns the shapes of what the discriminator sees beside samples.

        Args:
            shapes: List of shapes, or of `None` for those that are not known;
                or `None` if not even their number is.
        """
        return shapes

    def weigh(self, sample_weight: Any) -> Any:
        """Returns the weights of outputs, of the weights of samples."""
        return sample_weight

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(**keras.saving.deserialize_keras_object(dict(config)))


class TrainingTransform(Transform):
    """Abstract: a transform that `evaluate` leaves out.

    Subclasses fill `transform`.
    """

    def __call__(
        self, samples: Nest, condition: Nest, turn: Any
    ) -> tuple[Nest, Nest]:
        if turn.training:
            samples = self.transform(samples, turn)
        return samples, condition

    def transform(self, samples: Nest, turn: Any) -> Nest:
        """Returns the transformed samples, of the same shapes."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `transform(samples, turn)`."
        )
