"""What metrics say, and under which names."""

from typing import Any


def results_of(metrics: Any) -> dict[str, Any]:
    """Returns a dict of name to value, dicts of values taken apart."""
    results = {}
    for metric in metrics:
        result = metric.result()
        if not isinstance(result, dict):
            result = {metric.name: result}
        results.update(result)
    return results
