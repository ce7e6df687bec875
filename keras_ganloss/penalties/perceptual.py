"""Perceptual loss: distances as a trained network sees them."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_ganloss.penalties.feature_penalty import FeaturePenalty
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Perceptual(FeaturePenalty):
    """`weight * mean(|f(real) - f(fake)|)`, `f` a network that knows samples.

    For games whose fake belongs to a real sample, such as `SupervisedGAN`:
    it shall look like it, rather than agree number by number. With
    `distance=distance_of_means` it compares batches, for any game.

    The network runs in inference mode and is not trained. It is saved with
    the game.

    Args:
        network: A built `keras.Model` of samples. What it returns are the
            features, added up over its outputs; `features(network, layers)`
            makes one of the layers of another.
        weight: Float or schedule. Defaults to 1.
        distance: A Keras loss or function of `(real_features,
            fake_features)`. Defaults to `"mae"`.
        name: The name in the logs. Defaults to `"perceptual"`.

    Raises:
        ValueError: If `network` is no built Keras model or `weight` is
            negative.

    Example:

    ```python
    vgg = keras.applications.VGG19(include_top=False)
    network = features(vgg, ["block2_conv2", "block5_conv2"])
    gan.compile(loss="mae", g_penalties=[Perceptual(network, 0.1)])
    ```

    Reference: [Johnson et al., 2016](https://arxiv.org/abs/1603.08155)
    """

    def __init__(
        self,
        network: Any,
        weight: Schedule = 1.0,
        distance: Any = "mae",
        name: str | None = None,
    ) -> None:
        super().__init__(weight, distance, name)
        if not isinstance(network, keras.Model) or not network.built:
            raise ValueError(
                "`network` must be a built `keras.Model`: call it once on a "
                f"batch. Received: network={network!r}"
            )
        self.network = network

    @property
    def state(self) -> list[Any]:
        return self.network.weights

    def over(self, turn: Any, duels: Sequence[Any]) -> Tensor:
        del duels
        pairs = [
            [
                self.network(samples, training=False)
                for samples in (made.real, made.fake)
            ]
            for made in turn.made
        ]
        return self.weighted(sum(self.distances(pairs)), turn.step)

    def get_config(self) -> dict[str, Any]:
        network = keras.saving.serialize_keras_object(self.network)
        return {**super().get_config(), "network": network}
