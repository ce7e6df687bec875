"""The abstract model that is measured: its metrics, and `evaluate`."""

import functools
import inspect

import keras

from keras_ganloss import backend
from keras_ganloss.game import metric_checks
from keras_ganloss.game.range_checks import warn_of_range
from keras_ganloss.game.readable_data import check_readable
from keras_ganloss.metrics.results import results_of
from keras_ganloss.metrics.running_means import RunningMeans
from keras_ganloss.metrics.sample_metric import SampleMetric
from keras_ganloss.utils.variables import random_state_kept


class MeasuredModel(backend.Trainer, keras.Model):
    """Abstract: a model with means of its logs, and metrics of the user.

    Args:
        **kwargs: See `keras.Model`.
    """

    # Nest of shapes of the samples, or `None` if they are not known.
    sample_shapes = None
    # What to do where parts of the data are not as long as each other.
    if_lengths_differ = "Leave out what has no partner."
    # Compiled `keras.Model`s whose losses and metrics are parts of the step.
    compiled_within = ()

    def made_of(self, x, y):
        """Returns a dict of the name of a network to the data it shall make.

        Args:
            x, y: Samples as `fit` gets them.
        """
        del y
        return {"generator": x}

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.means = None
        self._has_seen_data = False
        self.user_metrics = []

    def set_metrics(self, names, metrics):
        """Takes the names of the logs, and the metrics of `compile`.

        Raises:
            ValueError: If the metrics are no list of `keras.metrics.Metric`
                objects with names of their own.
        """
        self.user_metrics = metric_checks.check_metrics(metrics)
        self.means = RunningMeans(names)
        for metric in self.sample_metrics:
            metric.set_game(self)
        metric_checks.build_metrics(self.sample_metrics, self.sample_shapes)
        # What they are called; those with several numbers will say more.
        self._measured = tuple(metric.name for metric in self.sample_metrics)
        self._own = tuple(metric.name for metric in self.step_metrics[1:])

    @property
    def metrics(self):
        if self.means is None:
            return []
        within = [m for model in self.compiled_within for m in model.metrics]
        return [self.means, *self.user_metrics, *within]

    @property
    def batch_metrics(self):
        """List of the user's metrics of real and fake samples of a step."""
        return [m for m in self.user_metrics if not isinstance(m, SampleMetric)]

    @property
    def step_metrics(self):
        """List of the metrics of every step, those of training too."""
        return [m for m in self.metrics if not isinstance(m, SampleMetric)]

    @property
    def sample_metrics(self):
        """List of the metrics that are read at the end of `evaluate`."""
        return [m for m in self.metrics if isinstance(m, SampleMetric)]

    @property
    def metrics_names(self):
        """Names of what the last `evaluate` returned, in its order."""
        if self.means is None:
            return []
        return [*self._own, *self._measured, *sorted(self.means.names)]

    def get_metrics_result(self):
        """Returns a dict of what the metrics of every step say so far."""
        return _joint_results(self.step_metrics)

    def random_state_kept(self, seed=None):
        """A block after which the random state is put back.

        Args:
            seed: Optional int, the random state within the block.
        """
        return random_state_kept(self, seed)

    @functools.wraps(keras.Model.fit)
    def fit(self, *args, **kwargs):
        call = inspect.signature(super().fit).bind(*args, **kwargs)
        x, y = call.arguments.get("x"), call.arguments.get("y")
        check_readable(self, call.arguments)
        if not self._has_seen_data:
            warn_of_range(self, x, y)
            self._has_seen_data = True
        metric_checks.warn_of_unmeasured(self.sample_metrics, call.arguments)
        return super().fit(*args, **kwargs)

    @functools.wraps(keras.Model.evaluate)
    def evaluate(self, *args, return_dict=False, **kwargs):
        call = inspect.signature(super().evaluate).bind(*args, **kwargs)
        check_readable(self, call.arguments)
        # A run with `validation_data` trains as one without.
        with self.random_state_kept():
            logs = super().evaluate(*args, return_dict=True, **kwargs)
        own = [*results_of(self.step_metrics[1:]), *logs]
        self._own = tuple(
            name for name in dict.fromkeys(own) if name not in self.means.names
        )
        # Once, and outside of what is compiled: an eigendecomposition, say.
        results = _joint_results(self.sample_metrics)
        self._measured = tuple(results)
        logs = {**logs, **{name: float(x) for name, x in results.items()}}
        if return_dict:
            return logs
        return [logs[name] for name in self.metrics_names]


def _joint_results(metrics):
    """Returns a dict of what metrics say of the samples of all processes."""
    variables = [v for metric in metrics for v in metric.variables]
    with backend.joint(variables):
        return results_of(metrics)
