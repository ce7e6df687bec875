"""The abstract penalty on features, and how features are compared."""

import keras
from keras import ops

from keras_ganloss.penalties.generator_penalty import GeneratorPenalty
from keras_ganloss.utils.precision import widen


@keras.saving.register_keras_serializable(package="keras_ganloss")
def distance_of_means(real_features, fake_features):
    """Squared distance of the means over the batch, added up over features.

    Args:
        real_features: Tensor of shape `(batch_size, ...)`.
        fake_features: Likewise; no sample belongs to one of the other.
    """
    difference = ops.mean(real_features, 0) - ops.mean(fake_features, 0)
    return ops.sum(ops.square(difference))


class FeaturePenalty(GeneratorPenalty):
    """Abstract: compares features of real and fake samples.

    Subclasses fill `features`.

    Args:
        weight, name: See `GeneratorPenalty`.
        distance: A Keras loss (name, object or function), which compares
            pairs, or `distance_of_means`, which compares batches; or any
            function of `(real_features, fake_features)`.
    """

    def __init__(self, weight, distance, name=None):
        super().__init__(weight, name)
        keras.losses.get(distance)  # Raises for an unknown name.
        self.distance = distance

    def features(self, maker):
        """Returns the features of real and of fake samples.

        Args:
            maker: See `GeneratorPenalty`.

        Returns:
            Two nests of tensors, of the same structure.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `features(maker)`."
        )

    def __call__(self, maker):
        distance = keras.losses.get(self.distance)
        real, fake = map(keras.tree.flatten, self.features(maker))
        value = sum(
            ops.mean(distance(widen(one), widen(other)))
            for one, other in zip(real, fake, strict=True)
        )
        return self.weighted(value, maker.step)

    def get_config(self):
        distance = keras.saving.serialize_keras_object(self.distance)
        return {**super().get_config(), "distance": distance}
