"""Feature matching: fakes that the discriminator's layers see as real."""

import keras

from keras_ganloss.penalties.feature_penalty import FeaturePenalty
from keras_ganloss.penalties.feature_penalty import distance_of_means
from keras_ganloss.utils.features import with_features


@keras.saving.register_keras_serializable(package="keras_ganloss")
class FeatureMatching(FeaturePenalty):
    """`weight * |mean f(real) - mean f(fake)|^2`, `f` the inner discriminator.

    The generator shall make samples that inner layers of the discriminator
    see as they see real ones, on average over the batch; added up over the
    layers. Steadier than the loss alone, and in place of it with
    `loss_weights={"adversarial": 0.0}`.

    With `distance="mae"`, sample by sample, it is the feature matching of
    pix2pixHD, for games whose fake belongs to a real sample, such as
    `SupervisedGAN`.

    Real samples pass the discriminator once more than without it; fakes do
    not. Transforms apply, as they do to the loss.

    Args:
        layers: List of names of layers of the discriminator, such as
            `["conv2d_2"]`, or of all discriminators where there are several.
            Of networks inside of it, `"mpd2/h1"` is one layer, and `"h1"`
            that of each of them.
        weight: Float or schedule. Defaults to 1.
        distance: A Keras loss or function of `(real_features,
            fake_features)`. Defaults to `distance_of_means`.
        name: The name in the logs. Defaults to `"feature_matching"`.

    Raises:
        ValueError: If `weight` is negative; in `compile`, if a discriminator
            is subclassed or has no such layer.

    Example:

    ```python
    gan.compile(g_penalties=[FeatureMatching(["conv2d_2"], 10.0)])
    ```

    Reference:
        [Salimans et al., 2016](https://arxiv.org/abs/1606.03498),
        [Wang et al., 2017](https://arxiv.org/abs/1711.11585)
    """

    def __init__(
        self, layers, weight=1.0, distance=distance_of_means, name=None
    ):
        super().__init__(weight, distance, name)
        if not isinstance(layers, (list, tuple)) or not layers:
            raise ValueError(
                "`layers` must be a list of names of layers of the "
                f"discriminator. Received: layers={layers!r}"
            )
        self.layers = tuple(layers)

    def check(self, discriminator):
        with_features(discriminator, self.layers)

    def __call__(self, turn, duel):
        pair = [
            duel.judge.features(samples, self.layers)
            for samples in (duel.real, duel.fake)
        ]
        return self.weighted(self.distances([pair]), turn.step)

    def get_config(self):
        return {**super().get_config(), "layers": list(self.layers)}
