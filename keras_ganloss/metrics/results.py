"""What metrics say, and under which names."""

from typing import Any

from keras_ganloss.utils.registry import snake_case


def results_of(metrics: Any) -> dict[str, Any]:
    """Returns a dict of name to value, dicts of values taken apart."""
    results = {}
    for metric in metrics:
        result = metric.result()
        if not isinstance(result, dict):
            result = {metric.name: result}
        results.update(result)
    return results


def prefix_keys(metric: Any, numbers: Any) -> dict[str, Any]:
    """Returns the numbers of a metric under the keys that the logs get.

    Two metrics of one kind would overwrite each other: a name that the user
    gave goes before each key.

    Args:
        metric: A `keras.metrics.Metric`.
        numbers: Dict.
    """
    if metric.name == snake_case(type(metric).__name__):
        return numbers
    return {f"{metric.name}_{key}": value for key, value in numbers.items()}
