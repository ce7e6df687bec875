"""What metrics say, and under which names."""


def results_of(metrics):
    """Returns a dict of name to value, dicts of values taken apart."""
    results = {}
    for metric in metrics:
        result = metric.result()
        if not isinstance(result, dict):
            result = {metric.name: result}
        results.update(result)
    return results
