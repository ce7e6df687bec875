"""Explicit losses and metrics between targets and outputs."""

import keras

from keras_ganloss.losses.reduction import reduce
from keras_ganloss.utils.precision import widen

OUTPUTS_HINT = (
    "Pass one for all outputs, or a dict or list structured as the "
    "generator's outputs, with `None` for outputs without one."
)


class SupervisedLoss:
    """Keras losses over the outputs of a network, weighted and summed.

    Args:
        loss: A Keras loss (name, object or function), or a nest of them
            with the structure of the network's outputs.
        weights: Dict of output name to factor, for a dict of losses.
    """

    def __init__(self, loss, weights):
        self.loss = loss
        self.weights = weights

    def __call__(self, targets, outputs, sample_weight=None):
        """Returns the weighted sum, a scalar.

        Args:
            targets, outputs: A tensor each, or a dict or list of tensors.
            sample_weight: Weights of shape `(batch_size,)`, or a dict or
                list of such as the outputs.
        """
        total = 0.0
        for name, loss, target, output in by_output(
            "loss", self.loss, targets, outputs
        ):
            values, reduction = _values(loss, widen(target), widen(output))
            weight = sample_weight
            if isinstance(weight, (dict, list, tuple)):
                weight = weight[name]
            value = reduce(values, reduction, weight)
            total = total + self.weights.get(name, 1.0) * value
        return total


def settings_of(model):
    """Returns what a compiled model was compiled with, as a dict.

    Raises:
        ValueError: If it is not compiled with a loss.
    """
    if not model.compiled or getattr(model, "loss", None) is None:
        raise ValueError(
            "`model` must be compiled with a loss. Call "
            "`model.compile(optimizer, loss)` first, or make a "
            "`SupervisedGAN(model, discriminator)` and compile that. "
            f"Received: model={model.name!r}, compiled={model.compiled}"
        )
    settings = keras.saving.deserialize_keras_object(model.get_compile_config())
    weights = settings.get("loss_weights") or {}
    if isinstance(weights, (list, tuple)):
        weights = dict(enumerate(weights))
    return {
        "loss": model.loss,
        "g_optimizer": model.optimizer,
        "metrics": settings.get("metrics"),
        "loss_weights": weights,
        "run_eagerly": model.run_eagerly,
        "steps_per_execution": model.steps_per_execution,
    }


def split_weights(loss, loss_weights):
    """Returns the factors of the game's terms, and those of outputs.

    Raises:
        ValueError: If there are factors of outputs, but no explicit loss.
    """
    weights = dict(loss_weights or {})
    own = {
        name: weights.pop(name)
        for name in list(weights)
        if name in ("adversarial", "supervised")
    }
    if weights and loss is None:
        raise ValueError(
            "`loss_weights` of outputs need a `loss`. Received: "
            f"loss_weights={loss_weights!r}, loss=None"
        )
    return own, weights


def mean_weight(sample_weight):
    """Returns one weight a sample, the mean of those of its parts.

    Args:
        sample_weight: Tensor of shape `(batch_size,)` or a nest of such, or
            `None`.
    """
    if sample_weight is None:
        return None
    parts = keras.tree.flatten(sample_weight)
    return sum(parts) / len(parts)


def _values(loss, target, output):
    loss = keras.losses.get(loss)
    if isinstance(loss, keras.losses.Loss):
        return loss.call(target, output), loss.reduction
    return loss(target, output), "sum_over_batch_size"


def by_output(argument, entries, targets, outputs):
    """Returns `(name, entry, target, output)` of each output with an entry.

    Args:
        argument: What the entries are called, for the error message.
        entries: One entry for all outputs, or a dict or a list of entries
            as the outputs; `None` where there is none.
        targets: A tensor, or a dict or list of tensors.
        outputs: Likewise.

    Raises:
        ValueError: If entries and outputs differ in structure.
    """
    if not isinstance(outputs, (dict, list, tuple)):
        if isinstance(entries, (list, tuple)) and len(entries) == 1:
            entries = entries[0]
        return [(None, entries, targets, outputs)]
    keys = list(outputs) if isinstance(outputs, dict) else range(len(outputs))
    if not isinstance(entries, (dict, list, tuple)):
        entries = {key: entries for key in keys}
    if isinstance(entries, (list, tuple)):
        entries = dict(enumerate(entries))
    unknown = [key for key in entries if key not in keys]
    if unknown:
        raise ValueError(
            f"`{argument}` does not fit the generator's outputs. "
            f"{OUTPUTS_HINT} Received: {argument} for {unknown}, outputs "
            f"{list(keys)}"
        )
    return [
        (key, entries[key], targets[key], outputs[key])
        for key in keys
        if entries.get(key) is not None
    ]


@keras.saving.register_keras_serializable(package="keras_ganloss")
class OutputMetric(keras.metrics.Metric):
    """A metric over one of several outputs.

    Args:
        metric: A `keras.metrics.Metric`.
        output: The key or index of the output.
    """

    def __init__(self, metric, output):
        super().__init__(name=f"{output}_{metric.name}")
        self.metric = metric
        self.output = output

    def update_state(self, targets, outputs, sample_weight=None):
        self.metric.update_state(
            targets[self.output], outputs[self.output], sample_weight
        )

    def result(self):
        return self.metric.result()

    def reset_state(self):
        self.metric.reset_state()

    def get_config(self):
        return {
            "metric": keras.saving.serialize_keras_object(self.metric),
            "output": self.output,
        }

    @classmethod
    def from_config(cls, config):
        return cls(**keras.saving.deserialize_keras_object(dict(config)))


def get_metrics(metrics):
    """Returns a flat list of metric objects of `(targets, outputs)`.

    Args:
        metrics: `None`, a list of Keras metrics (names, objects or
            functions), or a dict of output name to a metric or such a list.
    """
    if metrics is None:
        return []
    if isinstance(metrics, dict):
        return [
            OutputMetric(_metric(entry), output)
            for output, entries in metrics.items()
            for entry in keras.tree.flatten(entries)
        ]
    return [_metric(entry) for entry in keras.tree.flatten(metrics)]


def _metric(identifier):
    metric = keras.metrics.get(identifier)
    if not isinstance(metric, keras.metrics.Metric):
        return keras.metrics.MeanMetricWrapper(metric, name=metric.__name__)
    if isinstance(identifier, str):  # Called in the logs as it was here.
        config = {**metric.get_config(), "name": identifier}
        return type(metric).from_config(config)
    return metric
