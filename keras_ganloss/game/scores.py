"""What is measured of a game, in its steps and at the end of `evaluate`."""

from typing import Any

from keras_ganloss import backend
from keras_ganloss.game import metric_checks
from keras_ganloss.metrics.gradient_norms import GradientNorms
from keras_ganloss.metrics.results import results_of
from keras_ganloss.metrics.running_means import RunningMeans
from keras_ganloss.metrics.sample_metric import SampleMetric


def set_metrics(game: Any, names: Any) -> None:
    """Gives a game the means of its logs, and builds its metrics.

    Args:
        game: A `Game` with its `user_metrics`.
        names: The names of the logs.
    """
    game.means = RunningMeans(names)
    of_samples = sample_metrics(game)
    for metric in of_samples:
        metric.set_game(game)
    metric_checks.build_metrics(of_samples, game.sample_shapes)
    # What they are called; those with several numbers will say more.
    game.measured_in_steps = tuple(m.name for m in step_metrics(game)[1:])
    game.measured_at_end = tuple(metric.name for metric in of_samples)


def step_metrics(game: Any) -> list[Any]:
    """Returns the metrics of every step, in training and in `evaluate`."""
    others = (SampleMetric, GradientNorms)
    return [m for m in game.metrics if not isinstance(m, others)]


def gradient_norms(game: Any) -> list[Any]:
    """Returns the metrics of training alone: one `GradientNorms`, or none."""
    return [m for m in game.user_metrics if isinstance(m, GradientNorms)]


def sample_metrics(game: Any) -> list[Any]:
    """Returns the metrics that are read at the end of `evaluate`."""
    return [m for m in game.metrics if isinstance(m, SampleMetric)]


def global_results(metrics: Any) -> dict[str, Any]:
    """Returns a dict of what metrics say of the samples of all processes."""
    variables = [v for metric in metrics for v in metric.variables]
    with backend.global_sums(variables):
        return results_of(metrics)


def with_sample_metrics(game: Any, logs: dict[str, Any]) -> dict[str, Any]:
    """Returns the logs of `evaluate`, and what metrics say of all samples.

    Once, and outside of what is compiled: an eigendecomposition, say.
    """
    own = [*results_of(step_metrics(game)[1:]), *logs]
    game.measured_in_steps = tuple(
        name for name in dict.fromkeys(own) if name not in game.means.names
    )
    results = global_results(sample_metrics(game))
    game.measured_at_end = tuple(results)
    return {**logs, **{name: float(x) for name, x in results.items()}}
