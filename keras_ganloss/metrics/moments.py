"""Mean and covariance of features that come in batches."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss import backend
from keras_ganloss.metrics.exact_sum import ExactSum
from keras_ganloss.metrics.exact_sum import exact_difference
from keras_ganloss.metrics.exact_sum import exact_products
from keras_ganloss.metrics.numpy_value import numpy_value


class Moments(keras.metrics.Metric):
    """Mean and unbiased covariance of features that come in batches.

    Features are taken relative to the mean of the first batch, that of all
    replicas: where they are large and differ by little, sums of their
    squares would hold nothing but the mean. The result is the same whatever
    the batches.

    Args:
        num_features: Int.
        name: Optional name.
    """

    origin: keras.Variable
    has_origin: keras.Variable

    def __init__(self, num_features: int, name: str = "moments") -> None:
        super().__init__(name=name, dtype="float32")
        self.num_features = num_features
        # Of the features and of a one, so that there are sums and the number
        # of samples too.
        self.products: ExactSum = ExactSum((num_features + 1, num_features + 1))
        # No sums: every replica has the same values.
        self.origin, self.has_origin = [
            self.add_variable(
                shape,
                "zeros",
                dtype="float32",
                aggregation="only_first_replica",
                name=part,
            )
            for shape, part in (((num_features,), "origin"), ((), "has_origin"))
        ]

    def update_state(self, features: Any) -> None:
        """Adds features.

        Args:
            features: Tensor of shape `(batch_size, num_features)`.
        """
        features = ops.cast(features, "float32")
        ones = ops.ones_like(features[:, :1])
        sums = backend.sum_over_replicas(
            ops.sum(ops.concatenate([ones, features], axis=1), axis=0)
        )
        # A part of a global batch may be empty, and so may all of it.
        num = ops.maximum(sums[0], 1.0)
        known = self.has_origin.value > 0
        origin = ops.where(known, self.origin.value, sums[1:] / num)
        self.origin.assign(origin)
        self.has_origin.assign(
            ops.maximum(self.has_origin.value, ops.minimum(sums[0], 1.0))
        )
        rows, lost = exact_difference(features, origin)
        rows = ops.concatenate([ones, rows], axis=1)
        lost = ops.concatenate([ops.zeros_like(ones), lost], axis=1)
        for term in exact_products(rows, lost):
            self.products.update_state(term)

    def result(self) -> Any:
        """Returns the number of samples, their mean and their covariance.

        Float64 numpy arrays, with NaN where a feature was not finite or
        where there are too few samples.
        """
        products = self.products.result()
        num = products[0, 0]
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = products[0, 1:] / num
            centered = products[1:, 1:] - num * np.outer(mean, mean)
            mean = mean + numpy_value(self.origin).astype("float64")
            return num, mean, centered / (num - 1.0)

    def get_config(self) -> dict[str, Any]:
        return {"num_features": self.num_features, "name": self.name}
