"""Mean and covariance of features that come in batches."""

import keras
import numpy as np
from keras import ops

from keras_ganloss.metrics.exact_sum import ExactSum
from keras_ganloss.metrics.exact_sum import exact_products


class Moments(keras.metrics.Metric):
    """Mean and unbiased covariance of features that come in batches.

    Args:
        num_features: Int.
        name: Optional name.
    """

    def __init__(self, num_features, name="moments"):
        super().__init__(name=name, dtype="float32")
        self.num_features = num_features
        # Of the features and of a one, so that there are sums and the number
        # of samples too.
        self.products = ExactSum((num_features + 1, num_features + 1))

    def update_state(self, features):
        """Adds features.

        Args:
            features: Tensor of shape `(batch_size, num_features)`.
        """
        features = ops.cast(features, "float32")
        rows = ops.concatenate(
            [ops.ones_like(features[:, :1]), features], axis=1
        )
        for term in exact_products(rows):
            self.products.update_state(term)

    def result(self):
        """Returns the number of samples, their mean and their covariance.

        Float64 numpy arrays, with NaN where a feature was not finite or
        where there are too few samples.
        """
        products = self.products.result()
        num = products[0, 0]
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = products[0, 1:] / num
            centered = products[1:, 1:] - num * np.outer(mean, mean)
            return num, mean, centered / (num - 1.0)

    def get_config(self):
        return {"num_features": self.num_features, "name": self.name}
