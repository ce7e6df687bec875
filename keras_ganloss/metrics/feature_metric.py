"""The abstract metric of what a network sees in samples."""

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any
from typing import Self

import keras

from keras_ganloss.metrics import feature_networks
from keras_ganloss.metrics.sample_metric import SampleMetric
from keras_ganloss.metrics.value_range import SeenRange
from keras_ganloss.utils.typing import Nest


class FeatureMetric(SampleMetric):
    """Abstract: compares what a network sees in real and in made samples.

    Subclasses fill `make_statistics`, `statistics_of`, `result`, and
    `get_config` if they have settings of their own.

    Args:
        features: What sees: `"fashion_and_digits"` (gray 28 x 28 images, 64
            features), `"efficientnet_lite0"` (color images, 1280 features;
            needs an extra package), `"samples"` (the numbers of a sample
            themselves, for points and tables), or a network of your own, any
            `keras.Model` or function of a batch of samples. A model is saved
            along with the game; a function has to be registered with Keras
            for a saved game to be loaded.
        value_range: Pair of floats, the values of black and of white in the
            samples, which networks that go by a name need to know; those of
            your own see the samples as they are. Defaults to `(-1, 1)`; pass
            `(0, 255)` where games make bytes.
        reference: Optional `Reference`, the real samples. Defaults to those
            of the batches.
        name: Optional name.

    Raises:
        ValueError: If an argument is something else.
    """

    networks: dict[str, Callable[..., Any]] = feature_networks.FEATURES

    def __init__(
        self,
        features: Any,
        value_range: Sequence[float] = (-1.0, 1.0),
        reference: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        # A network of the user is saved along with the game, as it is an
        # attribute; one that has a name comes with the package.
        self.features = features
        self.value_range: tuple[float, ...] = tuple(value_range)
        self.reference = reference
        self.network: feature_networks.FeatureNetwork = feature_networks.get(
            features, value_range, self.networks
        )

    def make_state(self, sample_shapes: Any) -> None:
        num_features = self.network.num_features(sample_shapes)
        self.fake: Any = self.make_statistics(num_features, "fake")
        self.real: Any = None
        if self.reference is None:
            self.real = self.make_statistics(num_features, "real")
        self.seen_range: SeenRange = SeenRange()

    def collect(self, real: Nest, fake: Nest) -> None:
        self.fake.update_state(self.network(fake))
        if self.real is not None:
            self.real.update_state(self.network(real))
        if self.network.sees_range:
            self.seen_range.update_state(real)

    def statistics(self) -> tuple[Any, Any]:
        """Returns those of the real samples and of the fakes."""
        if not self.built:
            raise ValueError(
                f"`{type(self).__name__}` has seen no samples. Show it some "
                "by `update_state`, or call `evaluate`. "
                f"Received: name={self.name!r}"
            )
        if self.network.sees_range:
            self.seen_range.check(self.value_range)
        if self.reference is None:
            return self.real.result(), self.fake.result()
        features = self.reference.features(self.network)
        return self.statistics_of(features), self.fake.result()

    def check_enough(self, least: int, num_real: int, num_fake: int) -> None:
        """Raises if there are fewer than `least` samples of a kind."""
        if min(num_real, num_fake) < least:
            raise ValueError(
                f"`{type(self).__name__}` needs at least {least} real and "
                f"{least} made samples. Received: {int(num_real)} real and "
                f"{int(num_fake)} made samples"
            )

    def make_statistics(self, num_features: int, name: str) -> Any:
        """Returns a `keras.metrics.Metric` of features, for one kind."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `make_statistics`."
        )

    def statistics_of(self, features: Any) -> Any:
        """Returns what such a metric says of features that are an array."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `statistics_of`."
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "features": keras.saving.serialize_keras_object(self.features),
            "value_range": self.value_range,
            "reference": keras.saving.serialize_keras_object(self.reference),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        config = dict(config)
        for key in ("features", "reference"):
            config[key] = keras.saving.deserialize_keras_object(config[key])
        return cls(**config)
