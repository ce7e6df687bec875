"""Perceptual path length: how smoothly samples follow their latents."""

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any
from typing import Self

import keras
import numpy as np

from keras_ganloss.metrics import feature_networks
from keras_ganloss.metrics.game_metric import GameMetric
from keras_ganloss.metrics.pairwise import as_vectors
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


def linear_interpolation(
    latents: Tensor, other_latents: Tensor, positions: Tensor
) -> Tensor:
    """Points on straight lines between latents.

    Args:
        latents, other_latents: Arrays of shape `(num, ...)`.
        positions: Array of shape `(num,)`, from 0 to 1.

    Returns:
        Array of shape `(num, ...)`.
    """
    positions = np.reshape(positions, (-1,) + (1,) * (latents.ndim - 1))
    return latents + positions * (other_latents - latents)


def spherical_interpolation(
    latents: Tensor, other_latents: Tensor, positions: Tensor
) -> np.ndarray:
    """Points on arcs between latents.

    Normal latents of many numbers lie near a sphere; a straight line leaves
    it, and its middle is what a generator has never seen. The direction turns
    evenly, and the length goes evenly from the one to the other.

    Args:
        latents, other_latents: Arrays of shape `(num, ...)`.
        positions: Array of shape `(num,)`, from 0 to 1.

    Returns:
        Array of shape `(num, ...)`. Where two latents point into the same
        direction, or into opposite ones, the line between them.

    Example:

    >>> first, second = np.array([[2.0, 0.0]]), np.array([[0.0, 2.0]])
    >>> spherical_interpolation(first, second, [0.5]).round(3)
    array([[1.414, 1.414]])

    Reference: [White, 2016](https://arxiv.org/abs/1609.04468)
    """
    first, second = (
        np.reshape(each, (len(each), -1)) for each in (latents, other_latents)
    )
    positions = np.reshape(positions, (-1, 1))
    lengths, other_lengths = (
        np.linalg.norm(each, axis=1, keepdims=True) for each in (first, second)
    )
    product = lengths * other_lengths
    cosine = (first * second).sum(axis=1, keepdims=True)
    cosine = cosine / np.where(product, product, 1.0)
    # An arc needs an angle; without one its formula is 0 / 0.
    straight = (product == 0.0) | (1.0 - np.abs(cosine) < 1e-12)
    angle = np.where(straight, 1.0, np.arccos(np.clip(cosine, -1.0, 1.0)))
    arcs = np.sin((1.0 - positions) * angle) * _scaled(first, lengths)
    arcs += np.sin(positions * angle) * _scaled(second, other_lengths)
    radius = linear_interpolation(lengths, other_lengths, positions)
    arcs *= radius / np.sin(angle)
    lines = linear_interpolation(first, second, positions)
    return np.where(straight, lines, arcs).reshape(np.shape(latents))


def _scaled(vectors, lengths):
    return vectors / np.where(lengths, lengths, 1.0)


def perceptual_path_length(
    generator: Callable[..., Any],
    latent_shape: Any,
    features: Any = None,
    num_samples: int = 1000,
    epsilon: float = 1e-4,
    interpolate: Callable[..., Any] = spherical_interpolation,
    kept: Sequence[float] = (0.01, 0.99),
    batch_size: int = 64,
    seed: int | None = None,
) -> float:
    """How far samples move when latents move a little, in the mean.

    Latents go from one random place to another; at a random place on the way
    they take a small step. The length is the squared distance of the
    features of both samples over that of the step, `epsilon**2`. Small where
    samples change smoothly; a generator that jumps between kinds of samples
    has a large one, and one that makes the same sample always has zero: read
    it beside a measure of variety.

    Args:
        generator: Callable of latents that returns samples, such as a game,
            which takes its averaged weights, or a network. For a conditional
            one pass a function that adds a condition.
        latent_shape: Tuple, the shape of a latent, such as
            `gan.latent_shape`. Latents are drawn from a standard normal.
        features: Optional callable of samples that returns features, such as
            a `keras.Model`. Defaults to the samples themselves.
        num_samples: Int, how many places. Defaults to 1000.
        epsilon: Float, the step, as part of the way. Defaults to 1e-4.
        interpolate: Function of `(latents, other_latents, positions)`.
            Defaults to `spherical_interpolation`; another one is
            `linear_interpolation`.
        kept: Pair of quantiles between which lengths count, or `None` for
            all of them: single jumps make the mean meaningless. Defaults to
            0.01 and 0.99.
        batch_size: Int. Defaults to 64.
        seed: Optional int, which makes the draws reproducible.

    Returns:
        Float.

    Raises:
        ValueError: If `num_samples`, `epsilon`, `batch_size` or `kept` are
            none, or if samples are not finite.

    Example:

    >>> twice = lambda latents: 2.0 * latents
    >>> perceptual_path_length(twice, (8,), num_samples=100) > 0.0
    True

    Reference: [Karras et al., 2018](https://arxiv.org/abs/1812.04948)
    """
    _check_settings(num_samples, epsilon, batch_size, kept)
    features = features or (lambda samples: samples)
    random = np.random.default_rng(seed)
    ends = random.normal(size=(2, num_samples, *latent_shape))
    positions = random.uniform(0.0, 1.0 - epsilon, size=num_samples)

    def features_at(part, step):
        latents = interpolate(*ends[:, part], positions[part] + step)
        return as_vectors(features(generator(latents)), "features")

    lengths = np.empty(num_samples)
    for start in range(0, num_samples, batch_size):
        part = slice(start, start + batch_size)
        step = features_at(part, epsilon) - features_at(part, 0.0)
        lengths[part] = (step * step).sum(axis=1) / epsilon**2
    if kept is not None:
        low, high = np.quantile(lengths, kept)
        lengths = lengths[(lengths >= low) & (lengths <= high)]
    return float(lengths.mean())


def _check_settings(num_samples, epsilon, batch_size, kept):
    arguments.positive_int("num_samples", num_samples)
    arguments.positive_int("batch_size", batch_size)
    arguments.fraction("epsilon", epsilon, ends="()")
    if kept is not None and not 0.0 <= kept[0] < kept[1] <= 1.0:
        raise ValueError(
            "`kept` must be a pair of quantiles, the smaller one first, or "
            f"`None`. Received: kept={kept}"
        )


@keras.saving.register_keras_serializable(package="keras_ganloss")
class PerceptualPathLength(GameMetric):
    """How far samples move when latents move a little, in the mean.

    `perceptual_path_length` of a game's (averaged) generator: small where
    samples change smoothly with their latents, large where the generator
    jumps from one kind of samples to another. Zero for a generator that makes
    one sample only, so read it beside a measure of variety.

    Args:
        features: What sees: see `FrechetDistance`. Of `"samples"` the length
            is that in pixels.
        value_range: See `FrechetDistance`.
        num_samples, epsilon, seed: See `perceptual_path_length`; the
            same latents each time, unless `seed` is `None`. Defaults to
            1000, 1e-4 and 0.
        name: Optional name.

    Raises:
        ValueError: If an argument is out of range; in `compile`, if the
            generator takes more than a latent.

    Example:

    ```python
    gan.compile(metrics=[PerceptualPathLength("fashion_and_digits")])
    gan.evaluate(test_images, return_dict=True)["perceptual_path_length"]
    ```

    Reference: [Karras et al., 2018](https://arxiv.org/abs/1812.04948)
    """

    def __init__(
        self,
        features: Any,
        value_range: Sequence[float] = (-1.0, 1.0),
        num_samples: int = 1000,
        epsilon: float = 1e-4,
        seed: int = 0,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        _check_settings(num_samples, epsilon, 1, None)
        self.features = features
        self.value_range = tuple(value_range)
        self.num_samples = num_samples
        self.epsilon = epsilon
        self.seed = seed
        self.network = feature_networks.get(features, value_range)

    def check_game(self, game: Any) -> None:
        latent_shape = getattr(game, "latent_shape", None)
        one = isinstance(latent_shape, tuple)
        if not one or game.takes_condition:
            raise ValueError(
                "`PerceptualPathLength` walks from latent to latent, for "
                "generators that take one and nothing else. For others call "
                "`perceptual_path_length` with a function that adds what "
                f"they take. Received: {type(game).__name__} with "
                f"latent_shape={latent_shape}"
            )

    def make_state(self, sample_shapes: Any) -> None:
        self.network.num_features(sample_shapes)  # Whether it fits.

    def measure(self, game: Any) -> Any:
        def generate(latents):
            return game.run_generator(game.generator, latents, False)

        return perceptual_path_length(
            generate,
            game.latent_shape,
            self.network,
            self.num_samples,
            self.epsilon,
            seed=self.seed,
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "features": keras.saving.serialize_keras_object(self.features),
            "value_range": self.value_range,
            "num_samples": self.num_samples,
            "epsilon": self.epsilon,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        features = keras.saving.deserialize_keras_object(config["features"])
        return cls(**{**config, "features": features})
