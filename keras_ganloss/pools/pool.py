"""The abstract pool of fake samples."""


class Pool:
    """Older fakes that the discriminator sees beside the newest.

    Subclasses fill `build`, `state` and `__call__`.
    """

    def build(self, sample_shapes):
        """Creates the state, once; called by `compile`.

        Args:
            sample_shapes: Nest of shapes without the batch, as the samples,
                or `None` where a generator does not tell.

        Raises:
            ValueError: If the shapes are not known.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `build(sample_shapes)`."
        )

    @property
    def state(self):
        """See `Stateful.state`."""
        return []

    def __call__(self, samples, seed_generator):
        """Returns the `Samples` that the discriminator learns from."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `__call__(samples, "
            "seed_generator)`."
        )

    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config):
        return cls(**config)
