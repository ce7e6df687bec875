"""Explicit losses and metrics, as Keras computes them."""

import inspect
import numbers
from collections.abc import Iterable
from typing import Any
from typing import NamedTuple

import keras

from keras_ganloss import backend
from keras_ganloss.backend import keras_internals
from keras_ganloss.balances import Balance
from keras_ganloss.game.calls import weight_losses
from keras_ganloss.game.ends import get_head
from keras_ganloss.metrics.gradient_norms import GradientNorms
from keras_ganloss.metrics.sample_metric import SampleMetric
from keras_ganloss.utils.masks import bind_masks
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.registry import snake_case
from keras_ganloss.utils.suggestions import did_you_mean
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor

BY_SHAPE = ("accuracy", "acc")  # Names that Keras resolves by shapes.
_NAMES = sorted({*BY_SHAPE, *map(snake_case, dir(keras.metrics))})


class Answers(NamedTuple):
    """What Keras compares in a step, as the data and the network gave it.

    Attributes:
        source: What the network was called on.
        target: What should have come out, a tensor or a nest of tensors.
        output: What came out, likewise.
        masks: The Keras masks of the outputs, `None` where there is none.
        sample_weight: Weights of any shape that Keras takes, or `None`.
        layer_losses: List of what layers added to the loss meanwhile.
    """

    source: Any
    target: Any
    output: Any
    masks: Any
    sample_weight: Any
    layer_losses: Any = ()

    def of(self, output: Any, network: keras.Model) -> "Answers":
        """Returns what there is of one output.

        Args:
            output: Its name or index; or `None`, where there is one alone.
            network: The `keras.Model` that answered.
        """
        check_one_output(output, keras.tree.flatten(self.output), network)
        pick = get_head(0 if output is None else output, network, "output")

        def part(nest):
            return pick(structured_as(self.output, nest, network))

        weight = self.sample_weight
        if keras.tree.is_nested(weight):
            weight = part(weight)
        return self._replace(
            target=part(self.target),
            output=pick(self.output),
            masks=pick(self.masks),
            sample_weight=weight,
        )


class Supervision:
    """A network's explicit loss and metrics, which Keras itself computes.

    They are compiled into a model of their own, so that a network that is
    compiled already stays as it is, and several games may have it.

    Args:
        network: A `keras.Model`. Its own `compute_loss` and
            `compute_metrics` are used, if it has such.
        loss, loss_weights, metrics, weighted_metrics: See
            `keras.Model.compile`.

    Raises:
        ValueError: If there is a name that Keras does not know.

    Attributes:
        has_loss: Whether there is an explicit loss.
    """

    def __init__(
        self,
        network: keras.Model,
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
    ) -> None:
        check_outputs("loss", loss, network)
        for argument, entries in (
            ("metrics", metrics),
            ("weighted_metrics", weighted_metrics),
        ):
            check_metrics(argument, entries)
            check_outputs(argument, entries, network)
        self.network = network
        self.loss = loss
        own = keras_internals.overrides(network, "compute_loss")
        self.has_loss: bool = loss is not None or own
        self._compiled = keras.Model(name="supervision")
        # Keras looks for it: losses and metrics go by these names.
        self._compiled.output_names = getattr(network, "output_names", None)
        self._compiled.compile(
            optimizer=None,
            loss=loss,
            loss_weights=loss_weights,
            metrics=metrics,
            weighted_metrics=weighted_metrics,
            jit_compile=False,
        )
        self._term = None
        if self.has_loss:
            self._term = keras_internals.minimized("supervised")
        else:
            keras_internals.without_loss_tracker(self._compiled)

    @property
    def model(self) -> Any:
        """The network as it is now, compiled with this loss and metrics."""
        return keras_internals.compiled_as(self.network, self._compiled)

    @property
    def models(self) -> list[Any]:
        """The models whose metrics are part of the logs."""
        return [self.model] if self._term is None else [self.model, self._term]

    def compute_loss(
        self, answers: Any, training: bool, layer_losses: Any = ()
    ) -> Tensor:
        """Returns what Keras would minimize, losses of layers included.

        Args:
            answers: `Answers`.
            training: Bool, whether this is no step of `evaluate`.
            layer_losses: List of what layers added when they made the
                answers, if they may have been called again since.
        """
        compute = keras_internals.compiled_as(
            self.network, self._compiled, layer_losses
        ).compute_loss
        mode = {}  # Older overrides do not take it.
        if "training" in inspect.signature(compute).parameters:
            mode["training"] = training
        loss = compute(*_arguments(answers), **mode)
        return backend.unscaled(widen(loss))

    def measure(
        self, answers: Any, loss: Any, batch_size: int, training: bool
    ) -> dict[str, Any]:
        """Updates the metrics, and the mean of the loss.

        Args:
            answers: See `compute_loss`.
            loss: What it returned, or `None` if it was not asked: on a
                batch without a turn of the generator, or without a weight.
            batch_size: How many samples there are.
            training: See `compute_loss`.

        Returns:
            Dict of what `compute_metrics` of the network's own adds to the
            results of the metrics.
        """
        model = self.model
        if self.has_loss:
            if loss is None:
                losses = [*answers.layer_losses, *weight_losses([self.network])]
                loss = self.compute_loss(answers, training, losses)
            tracker = keras_internals.loss_tracker(model)
            tracker.update_state(loss, sample_weight=batch_size)
            self._term.compute_metrics(None, loss, batch_size)
        logs = model.compute_metrics(*_arguments(answers))
        if not keras_internals.overrides(model, "compute_metrics"):
            return {}
        known = model.get_metrics_result()
        return {name: logs[name] for name in logs if name not in known}

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `compile`, serialized as Keras does it."""
        config = self._compiled.get_compile_config()
        return {
            name: config[name]
            for name in ("loss", "loss_weights", "metrics", "weighted_metrics")
        }


def _arguments(answers):
    output = bind_masks(answers.output, answers.masks)
    return answers.source, answers.target, output, answers.sample_weight


def settings_of(model: keras.Model) -> dict[str, Any]:
    """Returns what a compiled model was compiled with, as a dict.

    Raises:
        ValueError: If it is not compiled with a loss.
    """
    own = keras_internals.overrides(model, "compute_loss")
    if not model.compiled or (model.loss is None and not own):
        raise ValueError(
            "`model` must be compiled with a loss. Call "
            "`model.compile(optimizer, loss)` first, or make a "
            "`SupervisedGAN(model, discriminator)` and compile that. "
            f"Received: model={model.name!r}, compiled={model.compiled}"
        )
    arguments = keras_internals.compile_arguments(model)
    return {
        "loss": model.loss,
        "g_optimizer": model.optimizer,
        "metrics": arguments["metrics"],
        "weighted_metrics": arguments["weighted_metrics"],
        "output_weights": arguments["loss_weights"],
        "run_eagerly": model.run_eagerly,
        "steps_per_execution": model.steps_per_execution,
    }


def check_no_own_step(model: keras.Model) -> None:
    """Raises for a model whose way of training the game would replace."""
    for method in ("train_step", "test_step", "predict_step"):
        if keras_internals.overrides(model, method):
            raise ValueError(
                f"`{type(model).__name__}` has a `{method}` of its own, which "
                "would not run: a game has its own step. Put what the model "
                "minimizes into `compute_loss`, and what it measures into "
                "`compute_metrics`, which a game does ask; or pass the "
                "network inside of it, such as `keras.Model(model.inputs, "
                f"model.outputs)`. Received: generator={model.name!r} with "
                f"`{method}` overridden"
            )


def check_metrics(argument: str, metrics: Any) -> None:
    """Raises if there is a name among metrics that Keras does not know.

    Keras itself looks at the first batch, when much may have been loaded.

    Args:
        argument: What they are called, for the message.
        metrics: A nest of names, objects and functions.
    """
    for metric in keras.tree.flatten(metrics):
        if isinstance(metric, str) and metric.lower() not in BY_SHAPE:
            try:
                keras.metrics.get(metric)
            except ValueError:
                raise ValueError(
                    f"`{argument}` must be metrics of Keras: names, objects "
                    f"or functions. {did_you_mean(metric, _NAMES)}Received: "
                    f"{argument}={metric!r}"
                ) from None


def check_outputs(argument: str, entries: Any, network: keras.Model) -> None:
    """Raises if a dict has keys that are no outputs of a network.

    Args:
        argument: What the dict is called, for the message.
        entries: A dict, or anything else, which is Keras's to judge.
        network: A `keras.Model`.
    """
    names = output_names(network)
    if not isinstance(entries, dict) or names is None:
        return
    if argument != "loss" and len(network.outputs) == 1:
        return  # Keras flattens metrics of one output, whatever the keys.
    unknown = [key for key in entries if key not in names]
    if unknown:
        raise ValueError(
            f"`{argument}` does not fit the generator's outputs. "
            f"{did_you_mean(unknown[0], names)}Pass one for all outputs, or a "
            "dict or list as the generator's outputs, with `None` for those "
            f"without one. Received: {argument} for {unknown}, outputs {names}"
        )


def output_names(network: keras.Model) -> list[Any] | None:
    """Returns the names of a functional network's outputs, or `None`."""
    layers = getattr(network, "output_names", None)
    if layers is None:
        return None
    keys = network.output if isinstance(network.output, dict) else ()
    return [*keys, *(name for name in layers if name not in keys)]


def check_one_output(
    output: Any, outputs: list[Any], network: keras.Model
) -> None:
    """Raises unless it is said which of several outputs is meant.

    Args:
        output: See `penalties.Distance`.
        outputs: List of the outputs of a network, as far as they are known.
        network: The `keras.Model`.
    """
    is_one = isinstance(output, (int, str)) or output is None
    if not is_one or (output is None and len(outputs) > 1):
        raise ValueError(
            "A `Distance` is of one output. Pass `output=`, its name or index."
            f" Received: output={output!r}, {len(outputs)} outputs called "
            f"{output_names(network)}"
        )


def split_weights(
    loss_weights: Any,
    output_weights: Any,
    terms: Iterable[str],
    loss: Any,
    network: keras.Model,
) -> tuple[Any, Any]:
    """Returns the factors of a game's terms, and those of outputs.

    Args:
        loss_weights: `None`, a dict of names of terms and of outputs to
            factors, or what Keras takes: a number or a list.
        output_weights: `None`, or what Keras takes: a number, list or dict.
        terms: Names of the game's terms.
        loss: The explicit loss.
        network: The `keras.Model` whose outputs are weighed.

    Raises:
        ValueError: If a key is neither, if there are factors of outputs but
            no explicit loss, or if they are no numbers.
    """
    own, others = {}, loss_weights
    if isinstance(loss_weights, Balance):
        own, others = loss_weights, None
    if isinstance(loss_weights, dict):
        own = {key: loss_weights[key] for key in loss_weights if key in terms}
        others = {k: loss_weights[k] for k in loss_weights if k not in own}
        _check_keys(others, terms, loss, network)
    if others is None or others == {}:
        others = output_weights
    elif isinstance(others, dict) and isinstance(output_weights, dict):
        others = {**output_weights, **others}
    elif output_weights is not None:
        raise ValueError(
            "The outputs have factors already. Pass all of them, in the same "
            "way. Received: "
            f"loss_weights={loss_weights!r}, output_weights={output_weights!r}"
        )
    if others is not None and loss is None:
        raise ValueError(
            "`loss_weights` of outputs need a `loss`. Received: "
            f"loss_weights={loss_weights!r}, loss=None"
        )
    return own, _complete(others, loss)


def _check_keys(weights, terms, loss, network):
    names = output_names(network)
    if names is None:
        names = list(loss) if isinstance(loss, dict) else []
    known = [*terms, *names]
    unknown = [key for key in weights if key not in known]
    if unknown:
        raise ValueError(
            "`loss_weights` must have keys of the terms of the game "
            f"{list(terms)} or of outputs of the generator {names}. "
            f"{did_you_mean(unknown[0], known)}Penalties carry their weight "
            f"themselves. Received: unknown keys {unknown}"
        )


def _complete(weights, loss):
    """Returns factors of outputs as Keras wants them: floats, one a loss."""
    for factor in keras.tree.flatten(weights):
        number = isinstance(factor, numbers.Real) and factor is not True
        if factor is not None and (not number or factor is False):
            raise ValueError(
                "Factors of outputs must be numbers: a schedule may weigh "
                "'supervised', the sum of the explicit losses. Received: "
                f"{factor!r}"
            )
    if isinstance(weights, dict) and isinstance(loss, dict):
        weights = {
            key: weights.get(key, 1.0)
            for key in loss
            if loss[key] is not None or key in weights
        }
    return keras.tree.map_structure(
        lambda factor: None if factor is None else float(factor), weights
    )


def split_metrics(metrics: Any) -> tuple[Any, Any]:
    """Returns the metrics of the game, and those that are Keras's to compute.

    Args:
        metrics: What `keras.Model.compile` takes. A list may hold
            `SampleMetric`s and a `GradientNorms` too, also beside one dict of
            output to metrics.
    """
    if not isinstance(metrics, (list, tuple)):
        return [], metrics
    own = (SampleMetric, GradientNorms)
    of_game = [m for m in metrics if isinstance(m, own)]
    others = [m for m in metrics if not isinstance(m, own)]
    if len(others) == 1 and isinstance(others[0], dict):
        others = others[0]
    return of_game, others or None


def join_metrics(of_game: Any, others: Nest) -> Any:
    """Returns what `split_metrics` takes apart."""
    if isinstance(others, dict):
        return [*of_game, others] if of_game else others
    return [*of_game, *(others or ())]


def structured_as(output: Tensor, target: Nest, network: keras.Model) -> Any:
    """Returns a target in the structure of an output, as Keras reads it.

    Args:
        output: A tensor or a nest of tensors.
        target: Likewise; a dict by the names of outputs may stand for a
            list, and one part alone may stand bare or in a list.
        network: The `keras.Model` that the output is of.
    """
    nested = isinstance(output, (dict, list, tuple))
    names = output_names(network) or ()
    if isinstance(target, dict) and not isinstance(output, dict):
        if set(target) == set(names):
            target = [target[name] for name in names]
    parts = keras.tree.flatten(target)
    if not nested and len(parts) == 1:
        return parts[0]
    if nested and parts == [target]:
        return keras.tree.pack_sequence_as(output, parts)
    return target


def mean_weight(sample_weight: Any) -> Any:
    """Returns one weight a sample, the mean of those of its parts.

    Args:
        sample_weight: Tensor of shape `(batch_size, ...)` or a nest of such,
            or `None`.
    """
    parts = [part for part in keras.tree.flatten(sample_weight)]
    parts = [_mean_of_sample(part) for part in parts if part is not None]
    return sum(parts) / len(parts) if parts else None


def _mean_of_sample(weight):
    axes = tuple(range(1, len(weight.shape)))
    return keras.ops.mean(weight, axis=axes) if axes else weight
