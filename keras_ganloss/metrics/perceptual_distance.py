"""Perceptual distance of answers to the right ones, as a metric."""

from collections.abc import Sequence
from typing import Any
from typing import Self

import keras

from keras_ganloss.backend.keras_internals import minimized_by_callbacks
from keras_ganloss.distances import networks
from keras_ganloss.distances.perceptual import Perceptual
from keras_ganloss.utils.registry import snake_case


@keras.saving.register_keras_serializable(package="keras_ganloss")
class PerceptualDistance(keras.metrics.MeanMetricWrapper):
    """Perceptual distance (LPIPS) of answers to right ones: lower is better.

    The mean over samples of `distances.Perceptual`, which trains on it. A
    Keras metric of pairs, for any supervised model and for `SupervisedGAN`;
    how far two sets of images are apart is said by `FrechetDistance`.

    Args:
        network, weights, value_range: See `distances.Perceptual`.
        name, dtype: See `keras.metrics.Metric`.

    Raises:
        ImportError, ValueError: See `distances.Perceptual`.

    Example:

    ```python
    model.compile("adam", "mae", metrics=[PerceptualDistance()])
    ```

    Reference: [Zhang et al., 2018](https://arxiv.org/abs/1801.03924)
    """

    def __init__(
        self,
        network: Any = "efficientnet_lite0",
        weights: Any = None,
        value_range: Sequence[float] = (-1.0, 1.0),
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.distance = Perceptual(network, weights, value_range)
        super().__init__(
            self.distance.call, name or snake_case(type(self).__name__), dtype
        )
        minimized_by_callbacks(self)

    def get_config(self) -> dict[str, Any]:
        settings = self.distance.get_config()
        return {
            "network": settings["network"],
            "weights": settings["weights"],
            "value_range": settings["value_range"],
            "name": self.name,
            "dtype": self.dtype,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        network = networks.from_config(config["network"])
        return cls(**{**config, "network": network})
