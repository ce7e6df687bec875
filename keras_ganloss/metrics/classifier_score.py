"""The classifier score, of which the Inception score is one."""

import math
from collections.abc import Sequence
from typing import Any
from typing import Self

import keras
import numpy as np
from keras import ops

from keras_ganloss import backend
from keras_ganloss.metrics import feature_networks
from keras_ganloss.metrics.exact_sum import ExactSum
from keras_ganloss.metrics.sample_metric import SampleMetric
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


def classifier_score(logits: Tensor) -> Tensor:
    """How sure a classifier is of each sample, and how evenly over classes.

    `exp(mean KL(p(y|x) || p(y)))`: 1 where the classifier says the same of
    every sample, the number of classes where it is sure of each and they are
    spread evenly. Papers give the mean over 10 splits of the samples, which is
    smaller: call it on each split for that.

    Args:
        logits: Tensor of shape `(num_samples, num_classes)`.

    Returns:
        Float64 scalar; on JAX inside of a compiled function float32, unless
        `jax_enable_x64` is on.

    Example:

    >>> float(classifier_score([[1000.0, 0.0], [0.0, 1000.0]]))
    2.0

    Reference: [Salimans et al., 2016](https://arxiv.org/abs/1606.03498)
    """

    def compute(logits):
        log_posterior = ops.log_softmax(logits, axis=1)
        num_samples = ops.cast(ops.shape(logits)[0], logits.dtype)
        # In logarithms: a class that no sample has any chance of is no NaN.
        log_prior = ops.logsumexp(log_posterior, axis=0) - ops.log(num_samples)
        divergence = ops.sum(
            ops.exp(log_posterior) * (log_posterior - log_prior), axis=1
        )
        # Not `ops.mean`: on JAX and on torch it computes in float32.
        return ops.exp(ops.sum(divergence) / num_samples)

    return backend.in_float64(compute, logits)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class ClassifierScore(SampleMetric):
    """How sure a classifier is of what is made, and how evenly over classes.

    Larger is better, at most the number of classes. With an Inception
    network it is called the Inception score. It looks at made samples alone:
    that real ones have variety within a class, it does not know. It is one
    score of all samples, not the mean over 10 splits of them, which papers
    give and which is smaller: a split knows the classes' shares from fewer
    samples. NaN if a sample is not finite.

    Args:
        classifier: `"fashion_and_digits"` (gray 28 x 28 images, 20 classes),
            `"efficientnet_lite0"` (color images, 1000 classes; needs an extra
            package), or any `keras.Model` or function of a batch of samples
            that returns logits.
        value_range: See `FeatureMetric`.
        name: Optional name.

    Raises:
        ValueError: If an argument is something else, and in the end if there
            are no samples.

    Example:

    ```python
    gan.compile(metrics=[ClassifierScore("fashion_and_digits")])
    gan.evaluate(test_images)
    ```

    Reference: [Salimans et al., 2016](https://arxiv.org/abs/1606.03498)
    """

    def __init__(
        self,
        classifier: Any,
        value_range: Sequence[float] = (-1.0, 1.0),
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        # As an attribute, a network of the user is saved along with the game.
        self.classifier = classifier
        self.value_range = tuple(value_range)
        self.network = feature_networks.get(
            classifier, value_range, feature_networks.CLASSIFIERS
        )

    def make_state(self, sample_shapes: Any) -> None:
        num_classes = self.network.num_features(sample_shapes)
        # The number of samples, their negative entropies, and how likely
        # each class is.
        self.sums = ExactSum((2 + num_classes,), name="sums")

    def collect(self, real: Nest, fake: Nest) -> None:
        del real

        def compute(logits):
            log_posterior = ops.log_softmax(logits, axis=1)
            posterior = ops.exp(log_posterior)
            # A class without any chance adds nothing, and no NaN.
            entropy = posterior * ops.maximum(log_posterior, -1e4)
            one = ops.ones_like(logits[:, :1])
            entropy = ops.sum(entropy, axis=1, keepdims=True)
            columns = ops.concatenate([one, entropy, posterior], axis=1)
            return ops.sum(columns, axis=0)

        self.sums.update_state(backend.in_float64(compute, self.network(fake)))

    def result(self) -> Any:
        sums = self.sums.result() if self.built else np.zeros(1)
        if sums[0] == 0.0:
            raise ValueError(
                "`ClassifierScore` needs at least one made sample. "
                "Received: 0 made samples"
            )
        _, negative_entropy, *prior = sums / sums[0]
        if not np.isfinite(sums).all():
            return math.nan
        prior = np.array([share for share in prior if share > 0.0])
        return math.exp(negative_entropy - (prior * np.log(prior)).sum())

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "classifier": keras.saving.serialize_keras_object(self.classifier),
            "value_range": self.value_range,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        classifier = keras.saving.deserialize_keras_object(config["classifier"])
        return cls(**{**config, "classifier": classifier})
