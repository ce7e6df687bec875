"""How many classes, or tuples of classes, samples reach, and how evenly."""

from collections.abc import Sequence
from typing import Any
from typing import Self

import keras
import numpy as np
from keras import ops

from keras_ganloss.metrics import feature_networks
from keras_ganloss.metrics.mode_coverage import coverage_of_counts
from keras_ganloss.metrics.numpy_value import numpy_value
from keras_ganloss.metrics.results import prefix_keys
from keras_ganloss.metrics.sample_metric import SampleMetric
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Shape
from keras_ganloss.utils.typing import Tensor


def class_coverage(classes: Any, num_classes: int) -> dict[str, Any]:
    """How many classes samples reach, and how evenly.

    For samples of which a classifier tells the class. Samples of several
    parts, such as three digits in the channels of one image, have a class
    for each part, and every tuple of classes is a mode:
    `num_classes ** num_parts` of them.

    Args:
        classes: Int array or tensor of shape `(num_samples,)` or
            `(num_samples, num_parts)`, from 0 to `num_classes - 1`.
        num_classes: Int.

    Returns:
        Dict of numbers:

        - `classes`: how many (tuples of) classes there are.
        - `classes_kl`: `KL(generated || uniform)`. Zero for an even spread,
          `log(num_modes)` for a single one. Chance alone makes it about
          `(num_modes - 1) / (2 * num_samples)`.

    Raises:
        ValueError: If there are no samples, or classes out of range.

    Example:

    >>> class_coverage([[0, 0], [0, 1], [1, 0], [1, 1]], num_classes=2)
    {'classes': 4, 'classes_kl': 0.0}

    References:
    - [Metz et al., 2016](https://arxiv.org/abs/1611.02163)
    - [Lin et al., 2017](https://arxiv.org/abs/1712.04086)
    """
    classes = np.asarray(ops.convert_to_numpy(classes))
    if classes.size == 0 or classes.ndim not in (1, 2):
        raise ValueError(
            "`classes` must be of shape `(num_samples,)` or `(num_samples, "
            "num_parts)`, with at least one sample. Received: "
            f"classes.shape={classes.shape}"
        )
    if classes.min() < 0 or classes.max() >= num_classes:
        raise ValueError(
            f"`classes` must be from 0 to {num_classes - 1}. Received: "
            f"num_classes={num_classes}, classes from {classes.min()} to "
            f"{classes.max()}"
        )
    parts = classes.astype("int64").reshape(len(classes), -1)
    num_modes = num_classes ** parts.shape[1]
    counts = np.bincount(modes_of(parts, num_classes), minlength=num_modes)
    return class_statistics(counts)


def modes_of(classes: Any, num_classes: int) -> Tensor:
    """Returns the numbers of tuples of classes, the first part slowest.

    Args:
        classes: Int array or tensor of shape `(num_samples, num_parts)`.
        num_classes: Int.

    Returns:
        Array or tensor of shape `(num_samples,)`.
    """
    modes = 0
    for part in range(classes.shape[1]):
        modes = modes * num_classes + classes[:, part]
    return modes


def class_statistics(counts: Any) -> dict[str, Any]:
    """Returns the numbers of `class_coverage` from the samples of each mode.

    Args:
        counts: Array of shape `(num_modes,)`.
    """
    captured, divergence = coverage_of_counts(counts)
    return {"classes": captured, "classes_kl": divergence}


def for_each_channel(classifier: Any, image_shape: Shape) -> keras.Model:
    """Makes a network of gray images classify each channel of an image.

    Args:
        classifier: A `keras.Model` of images of one channel that returns
            logits of shape `(batch_size, num_classes)`.
        image_shape: Tuple `(height, width, num_channels)`.

    Returns:
        A `keras.Model` that returns logits of shape
        `(batch_size, num_channels, num_classes)`.
    """
    images = keras.Input(image_shape)
    logits = [
        classifier(images[..., channel : channel + 1], training=False)
        for channel in range(image_shape[-1])
    ]
    return keras.Model(images, ops.stack(logits, axis=1))


@keras.saving.register_keras_serializable(package="keras_ganloss")
class ClassCoverage(SampleMetric):
    """How many classes, or tuples of classes, fakes reach, and how evenly.

    For stacked digits, whose three channels are a digit each: 1000 tuples.
    The logs get `classes` and `classes_kl`, which `class_coverage`
    describes. The real samples do not matter: the classes have to be equally
    likely.

    Args:
        classifier: A network by its name (see `ClassifierScore`), a
            `keras.Model` or a function of samples that returns logits, of
            shape `(batch_size, num_classes)` or `(batch_size, num_parts,
            num_classes)`. `for_each_channel` makes one for stacked images.
        num_classes: Int, at least 2.
        value_range: See `FeatureMetric`.
        name: Optional name, which then goes before each key.

    Raises:
        ValueError: If an argument is none, or if the classifier has another
            number of classes.

    Example:

    >>> metric = ClassCoverage(lambda logits: logits, num_classes=2)
    >>> metric.update_state(real=None, fake=ops.array([[0.5, 0.1], [2.0, 1.0]]))
    >>> metric.result()["classes"]
    1

    References:
    - [Metz et al., 2016](https://arxiv.org/abs/1611.02163)
    - [Lin et al., 2017](https://arxiv.org/abs/1712.04086)
    """

    def __init__(
        self,
        classifier: Any,
        num_classes: int,
        value_range: Sequence[float] = (-1.0, 1.0),
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.classifier = classifier
        self.num_classes = arguments.int_of_at_least(
            2, "num_classes", num_classes
        )
        self.value_range = tuple(value_range)
        self.network = feature_networks.get(
            classifier, value_range, feature_networks.CLASSIFIERS
        )

    def make_state(self, sample_shapes: Any) -> None:
        num_logits = self.network.num_features(sample_shapes)
        num_parts, others = divmod(num_logits, self.num_classes)
        if others:
            raise ValueError(
                f"`classifier` must return {self.num_classes} logits a part "
                f"of a sample. Received: num_classes={self.num_classes}, "
                f"{num_logits} logits a sample"
            )
        self.counts = self.add_variable(
            (self.num_classes**num_parts,), "zeros", "int32", name="counts"
        )

    def collect(self, real: Nest, fake: Nest) -> None:
        del real
        logits = self.network(fake)
        num_parts = logits.shape[1] // self.num_classes
        logits = ops.reshape(logits, (-1, num_parts, self.num_classes))
        classes = ops.cast(ops.argmax(logits, axis=2), "int32")
        modes = modes_of(classes, self.num_classes)
        num_modes = self.counts.shape[0]
        ones = ops.ones_like(modes)
        self.counts.assign_add(ops.segment_sum(ones, modes, num_modes))

    def result(self) -> Any:
        return prefix_keys(self, class_statistics(numpy_value(self.counts)))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "classifier": keras.saving.serialize_keras_object(self.classifier),
            "num_classes": self.num_classes,
            "value_range": self.value_range,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        classifier = keras.saving.deserialize_keras_object(config["classifier"])
        return cls(**{**config, "classifier": classifier})
