"""How alike the images of a set are, as a measure of their variety."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss.metrics.multi_scale_similarity import multi_scale_similarity
from keras_ganloss.metrics.multi_scale_similarity import scale_weights
from keras_ganloss.metrics.pairwise import BLOCK
from keras_ganloss.metrics.results import prefix_keys
from keras_ganloss.metrics.sample_buffer import SampleBuffer
from keras_ganloss.metrics.sample_metric import SampleMetric
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Shape
from keras_ganloss.utils.typing import Tensor


def similarity_within(
    images: Tensor,
    num_pairs: int = 1000,
    value_range: Sequence[float] = (-1.0, 1.0),
    num_scales: int | None = None,
    seed: int | None = None,
) -> float:
    """Mean similarity of random pairs of images: high where variety is low.

    Meant to be compared with that of real images; above it, the generator
    makes less different images than there are.

    Args:
        images: Array or tensor of shape `(num_images, height, width,
            num_channels)`, at least two.
        num_pairs: Int, how many pairs are drawn. Defaults to 1000.
        value_range, num_scales: See `multi_scale_similarity`.
        seed: Optional int, which makes the draws reproducible.

    Returns:
        Float.

    Raises:
        ValueError: If there are fewer than two images; and see
            `multi_scale_similarity`.

    Example:

    >>> images = np.zeros((2, 16, 16, 1)) + [[[[-1.0]]], [[[1.0]]]]
    >>> round(similarity_within(images), 3)
    0.0

    Reference: [Odena et al., 2016](https://arxiv.org/abs/1610.09585)
    """
    images = np.asarray(ops.convert_to_numpy(images))
    if len(images) < 2 or num_pairs < 1:
        raise ValueError(
            "Pairs need at least two images. Received: "
            f"images.shape={images.shape}, num_pairs={num_pairs}"
        )
    random = np.random.default_rng(seed)
    first = random.integers(len(images), size=num_pairs)
    steps = random.integers(1, len(images), size=num_pairs)
    second = (first + steps) % len(images)
    size = max(1, BLOCK // images[0].size)
    total = 0.0
    for start in range(0, num_pairs, size):
        pairs = (each[start : start + size] for each in (first, second))
        similarity = multi_scale_similarity(
            *(images[pair] for pair in pairs), value_range, num_scales
        )
        total += ops.convert_to_numpy(similarity).sum()
    return float(total / num_pairs)


class NeighborSimilarity(keras.metrics.Metric):
    """Similarity of each image to the one that came before it.

    Args:
        num_images: Int, how many of the first images count.
        shape: Tuple, the shape of an image.
        value_range, num_scales: See `multi_scale_similarity`.
        name: Name.
    """

    def __init__(
        self,
        num_images: int,
        shape: Shape,
        value_range: Sequence[float],
        num_scales: int,
        name: str,
    ) -> None:
        super().__init__(name=name, dtype="float32")
        self.value_range = value_range
        self.num_scales = num_scales
        self.last: Any = self.add_variable(shape, "zeros", name="last")
        self.found: SampleBuffer = SampleBuffer(
            num_images, (), name=f"{name}_found"
        )

    def update_state(self, images: Tensor) -> None:
        images = ops.cast(images, "float32")
        before = ops.concatenate([self.last.value[None], images[:-1]], axis=0)
        self.found.update_state(
            multi_scale_similarity(
                images, before, self.value_range, self.num_scales
            )
        )
        self.last.assign(images[-1])

    def result(self) -> Any:
        """Returns the mean, a float."""
        found = self.found.result()[1:]  # Before the first one came none.
        if not found.size:
            raise ValueError(
                "Pairs need at least two images. Received: "
                f"{len(self.found.result())} in the whole evaluation"
            )
        return float(found.mean(dtype="float64"))


@keras.saving.register_keras_serializable(package="keras_ganloss")
class SimilarityWithin(SampleMetric):
    """How alike generated images are to each other, beside real ones.

    By `multi_scale_similarity` of each image to the one that came before it:
    generated images come in no order, so these are random pairs. The logs
    get `fake_similarity` and `real_similarity`. Where the former is higher,
    the generator makes less different images than there are. Shuffle real
    images that are sorted, or they look more alike than they are.

    Args:
        num_samples: Int, how many images of each kind count, the first ones.
            Defaults to 1000.
        value_range, num_scales: See `multi_scale_similarity`.
        name: Optional name, which then goes before each key.

    Raises:
        ValueError: If an argument is none, or if the samples are not images,
            or too small ones.

    Example:

    >>> metric = SimilarityWithin()
    >>> metric.update_state(ops.ones((3, 16, 16, 1)), ops.ones((3, 16, 16, 1)))
    >>> round(metric.result()["fake_similarity"], 3)
    1.0

    References:
    - [Wang et al., 2003](https://doi.org/10.1109/ACSSC.2003.1292216)
    - [Odena et al., 2016](https://arxiv.org/abs/1610.09585)
    """

    def __init__(
        self,
        num_samples: int = 1000,
        value_range: Sequence[float] = (-1.0, 1.0),
        num_scales: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        arguments.positive_int("num_samples", num_samples)
        self.num_samples = num_samples
        self.value_range = arguments.value_range("value_range", value_range)
        self.num_scales = num_scales

    def make_state(self, sample_shapes: Any) -> None:
        shape = sample_shapes[0][1:]
        if len(sample_shapes) != 1 or len(shape) != 3 or None in shape:
            raise ValueError(
                "Samples must be images of a known shape `(height, width, "
                f"num_channels)`. Received: sample shapes {sample_shapes}"
            )
        scale_weights(shape, self.num_scales)
        self.real, self.fake = (
            NeighborSimilarity(
                self.num_samples, shape, self.value_range, self.num_scales, name
            )
            for name in ("real", "fake")
        )

    def collect(self, real: Nest, fake: Nest) -> None:
        self.real.update_state(real)
        self.fake.update_state(fake)

    def result(self) -> Any:
        similarities = {
            "fake_similarity": self.fake.result(),
            "real_similarity": self.real.result(),
        }
        return prefix_keys(self, similarities)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_samples": self.num_samples,
            "value_range": self.value_range,
            "num_scales": self.num_scales,
        }
