"""Values of variables of metrics."""

import keras
import numpy as np

from keras_ganloss.metrics.numpy_value import numpy_value


def test_value_of_a_variable():
    metric = keras.metrics.Mean()
    metric.update_state([1.0, 2.0])
    value = numpy_value(metric.total)
    assert isinstance(value, np.ndarray) and value == 3.0
