"""Mistakes in the metrics, found before training."""

import warnings
from collections.abc import Iterable
from typing import Any

import keras

from keras_ganloss.utils import arguments


def check_metrics(metrics: Iterable[Any]) -> list[Any]:
    """Returns the list of metrics.

    Raises:
        ValueError: If they are no list of `keras.metrics.Metric` objects with
            names of their own.
    """
    metrics = arguments.as_list("metrics", metrics)
    for metric in metrics:
        if not isinstance(metric, keras.metrics.Metric):
            raise ValueError(
                "`metrics` must be `keras.metrics.Metric` objects of "
                "`update_state(real, fake)`; names of Keras metrics compare "
                "labels, which a game has not. Received: "
                f"metric={metric!r} (of type {type(metric).__name__})"
            )
    names = [metric.name for metric in metrics]
    if len(set(names)) < len(names):
        raise ValueError(
            "Each of the `metrics` must have a name of its own, or one would "
            "overwrite the other in the logs. Pass `name=` to one of them. "
            f"Received: metrics called {names}"
        )
    return metrics


def build_metrics(metrics: Any, sample_shapes: Any) -> None:
    """Builds `SampleMetric`s, before a step that is compiled needs them.

    Args:
        metrics: List of them.
        sample_shapes: List of the shapes of samples, or `None` if the
            networks do not tell.
    """
    for metric in metrics:
        if sample_shapes is None and not metric.built:
            raise ValueError(
                "The generator does not tell the shape of its samples, which "
                f"`{type(metric).__name__}` needs. Build it first: "
                "`metric.build([(None, 28, 28, 1)])`. Received: "
                f"metric={metric.name!r}, a subclassed generator"
            )
        if not metric.built:
            metric.build(sample_shapes)


def warn_of_unmeasured(metrics: Any, arguments: Any) -> None:
    """Warns of metrics that a call of `fit` will not measure.

    Args:
        metrics: List of `SampleMetric`s.
        arguments: Dict of the arguments of `fit`.
    """
    validates = arguments.get("validation_data") is not None
    if metrics and not validates and not arguments.get("validation_split"):
        warnings.warn(
            "Metrics of samples are measured in `evaluate`, and in `fit` on "
            "`validation_data`, since training changes the generator all the "
            "time. Pass `validation_data` to see them after each epoch. "
            f"Received: metrics={[metric.name for metric in metrics]}, "
            "validation_data=None",
            stacklevel=3,
        )
