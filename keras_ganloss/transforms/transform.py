"""The abstract transform of samples on their way to the discriminator."""

from keras_ganloss.utils.stateful import Stateful


class Transform(Stateful):
    """What happens to real and fake samples before they are judged.

    Gradients flow through it to the generator, and penalties on the
    gradient take it with respect to the samples before the transform.
    Subclasses fill `__call__`.
    """

    def __call__(self, samples, condition, judge):
        """Returns samples and condition as the discriminator sees them.

        Args:
            samples: A tensor or a nest of tensors, shape
                `(batch_size, ...)`.
            condition: Likewise, or `None`.
            judge: The `Judge`, for its `training`, `step` and
                `seed_generator`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `__call__(samples, "
            "condition, judge)`."
        )

    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config):
        return cls(**config)
