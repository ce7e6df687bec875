"""What the variables of metrics hold, when all is added up."""

from typing import Any

from keras import ops


def numpy_value(variable: Any) -> Any:
    """Returns the value of a variable of a metric as a numpy array.

    As a tensor first: where each of several replicas has a part of it, that
    is the sum, and nothing else is.

    Args:
        variable: What `keras.metrics.Metric.add_variable` returns.
    """
    return ops.convert_to_numpy(ops.convert_to_tensor(variable))
