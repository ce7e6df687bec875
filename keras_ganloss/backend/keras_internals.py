"""Private names of Keras, in one place, each with a test of its own."""

import contextlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any
from typing import TypeVar

import keras

# What `keras.Model.compile` leaves in a model, apart from how it runs.
COMPILED = (
    "compiled",
    "loss",
    "optimizer",
    "_compile_config",
    "_compile_loss",
    "_compile_metrics",
    "_loss_tracker",
)

Class = TypeVar("Class", bound=type)


def flatten_layers(layer: Any, include_self: bool = True) -> list[Any]:
    """Returns a layer and all layers in it, of models and of wrappers, too.

    Args:
        layer: A `keras.Layer`, such as a model.
        include_self: Boolean, whether `layer` itself is among them.
    """
    return layer._flatten_layers(include_self=include_self)


def nodes(network: keras.Model) -> list[Any]:
    """Returns the calls of layers that a network is, those of inputs first.

    Args:
        network: A functional or sequential `keras.Model`.
    """
    if isinstance(network, keras.Sequential):
        network = network._functional
    by_depth = sorted(network._nodes_by_depth.items(), reverse=True)
    return [node for _, nodes in by_depth for node in nodes]


def run_with(
    network: keras.Model, inputs: Any, replace: Callable[..., Any]
) -> Any:
    """Calls a functional network whose layers are replaced by others.

    It is what `keras.models.clone_model` does, which begins with inputs alone.

    Args:
        network: A functional or sequential `keras.Model`.
        inputs: What to call it on.
        replace: Function of a layer or operation that returns another.
    """
    if isinstance(network, keras.Sequential):
        network = network._functional
    return network._run_through_graph(inputs, operation_fn=replace)


def clone_with(network: keras.Model, replace: Callable[..., Any]) -> Any:
    """Returns a network of the same calls, some of other layers.

    Args:
        network: A functional or sequential `keras.Model`.
        replace: Function of a layer that returns it, or another.
    """
    clone = keras.models.clone_model(network, clone_function=replace)
    clone._trainable = network._trainable  # The setter reaches into layers.
    return clone


def stored_value(variable: Any) -> Any:
    """Returns what a variable holds outside of all scopes."""
    return variable._value


def trained_by(optimizer: Any) -> list[Any]:
    """Returns the variables that an optimizer was built on, in its order."""
    return optimizer._trainable_variables


def index_of(optimizer: Any, variable: Any) -> int:
    """Returns which of an optimizer's variables one is."""
    return optimizer._get_variable_index(variable)


def start_at(model: keras.Model, epoch: int) -> None:
    """Lets the `fit` that is about to begin start at another epoch.

    Args:
        model: A compiled `keras.Model`, in `on_train_begin`.
        epoch: Int; or `None`, where `fit` says.
    """
    model._initial_epoch = epoch


def minimized_by_callbacks(metric: Any) -> Any:
    """Tells callbacks that less of a metric is better; returns the metric."""
    metric._direction = "down"
    return metric


def potentially_trainable(network: keras.Model) -> list[Any]:
    """Returns the weights of a network that can be trained, frozen or not.

    `trainable = False` hides them from `trainable_weights`. What is made with
    `trainable=False`, such as moving statistics, is never among them.

    Args:
        network: A built `keras.Model`.

    Returns:
        List of `keras.Variable`s, each once, in the order of
        `network.weights`.
    """
    ids = {id(variable) for variable in network.trainable_weights}
    for layer in flatten_layers(network):
        ids |= {id(variable) for variable in layer._trainable_variables}
    return [weight for weight in network.weights if id(weight) in ids]


@contextlib.contextmanager
def only_trainable(
    networks: Sequence[keras.Model], variables: Any
) -> Iterator[None]:
    """Within the block these variables of networks are trainable, no others.

    Args:
        networks: List of `keras.Model`.
        variables: List of `keras.Variable`s.
    """
    ids = {id(variable) for variable in variables}
    layers = [
        (layer, layer.trainable)
        for network in networks
        for layer in flatten_layers(network)
    ]
    weights = [
        (weight, weight.trainable)
        for network in networks
        for weight in potentially_trainable(network)
    ]
    try:
        # The public setter does nothing to the layers of a model that has the
        # value already, and reaches into layers that others share.
        for layer, _ in layers:
            layer._trainable = True
        for weight, _ in weights:
            weight.trainable = id(weight) in ids
        yield
    finally:
        for layer, trainable in layers:
            layer._trainable = trainable
        for weight, trainable in weights:
            weight.trainable = trainable


def replace_layer(owner: Any, name: str, layer: Any) -> None:
    """Sets an attribute to a layer, or `None`, and forgets the one before.

    Keras goes on to count the variables of a layer whose attribute was set
    to another one.

    Args:
        owner: A `keras.Layer`.
        name: The name of the attribute.
        layer: A `keras.Layer`, or `None`.
    """
    before = getattr(owner, name, None)
    if before is not None and before is not layer:
        locked = owner._tracker.locked
        owner._tracker.unlock()
        owner._tracker.untrack(before)
        if locked:
            owner._tracker.lock()
    setattr(owner, name, layer)


def compile_arguments(model: keras.Model) -> dict[str, Any]:
    """Returns what a model was compiled with: the objects, not their configs.

    Args:
        model: A compiled `keras.Model`.
    """
    return dict(model._compile_config.config)


def compiled_as(
    model: keras.Model, other: keras.Model, losses: Any = ()
) -> Any:
    """Returns a model as if it were compiled as another one is.

    It has the class, layers and weights of the first; what is compiled into
    the first stays as it is.

    Args:
        model: A `keras.Model`.
        other: A compiled one.
        losses: What its layers have added to the loss, for when they have
            been called again since. Defaults to what they hold now.
    """
    result = object.__new__(type(model))
    vars(result).update(vars(model))
    vars(result).update({name: getattr(other, name) for name in COMPILED})
    vars(result)["_losses_override"] = list(losses)
    return result


def loss_tracker(model: keras.Model) -> Any:
    """Returns the metric that is a compiled model's `loss` in the logs."""
    return model._loss_tracker


def without_loss_tracker(model: keras.Model) -> Any:
    """Lets the logs of a compiled model have no `loss`; returns the model."""
    model._loss_tracker = None
    return model


class Term(keras.metrics.Mean):
    """The mean of a term of a loss."""

    def update_state(
        self, value: Any, count: int, sample_weight: Any = None
    ) -> None:
        del sample_weight
        super().update_state(value, count)


def minimized(name: str) -> Any:
    """Returns a compiled model that has one metric, a mean to be minimized.

    Callbacks such as `EarlyStopping` look at metrics of this kind alone when
    they are not told whether less is better. The model's `compute_metrics`
    takes the value for `y` and how many samples it is of for `y_pred`.

    Args:
        name: The metric's name.
    """
    model = keras.Model(name=f"monitored_{name}")
    model.built = True
    metric = minimized_by_callbacks(Term(name))
    model.compile(optimizer=None, metrics=[metric], jit_compile=False)
    without_loss_tracker(model).compute_metrics(None, 0.0, 1.0)  # Builds it.
    model.reset_metrics()
    return model


def build_compiled(
    model: keras.Model,
    inputs: Callable[..., Any],
    iterator: Any = None,
    data_batch: Any = None,
) -> None:
    """Makes the variables of a compiled model's losses and metrics.

    Args:
        model: A compiled `keras.Model`.
        inputs: Function that returns what the model is called on, given the
            first part of the data, both nests of `keras.KerasTensor`.
        iterator, data_batch: What Keras passes to its own method.
    """

    def seen(batch):
        x, *others = keras.utils.unpack_x_y_sample_weight(batch)
        x = keras.tree.map_structure(
            lambda leaf: keras.KerasTensor(
                leaf.shape, keras.backend.standardize_dtype(leaf.dtype)
            ),
            x,
        )
        return inputs(x), *others

    def batches():  # Of which Keras takes one, if it needs any.
        for first, last, data in iterator:
            is_list = isinstance(data, (list, tuple))
            yield first, last, [seen(data[0] if is_list else next(data))]

    if data_batch is not None:
        data_batch = seen(data_batch)
    model._symbolic_build(iterator=batches(), data_batch=data_batch)


def overrides(model: keras.Model, method: Any) -> bool:
    """Whether a model has its own version of a method of `keras.Model`."""
    own = getattr(type(model), method)
    return own is not getattr(keras.Model, method)


class BatchNormalization(keras.layers.BatchNormalization):
    """Abstract: batch normalization whose moments a subclass computes."""

    def moments(self, inputs: Any, axes: Any) -> tuple[Any, Any]:
        """Returns the mean and the variance along axes, without them.

        Args:
            inputs: Tensor, of one replica, none of which is masked.
            axes: List of ints.
        """
        raise NotImplementedError

    def _moments(self, inputs, mask):
        # Keras's own over replicas and under a mask, which it sums up by
        # itself, are right twice.
        if self.synchronized or mask is not None:
            return super()._moments(inputs, mask)
        return self.moments(inputs, self._reduction_axes)


def jax_trainer(trainer: Class) -> Class:
    """Decorates a mix-in of models that are trained on JAX.

    Its `before_steps(iterator, data_batch)` is called before the first step.
    And what Keras takes out of the variables is noted then. Keras notes it
    after the step, so that an error in the first one, such as data of a wrong
    shape, would leave a model without weights.
    """

    def _symbolic_build(self, iterator=None, data_batch=None):
        self.before_steps(iterator, data_batch)
        super(trainer, self)._symbolic_build(
            iterator=iterator, data_batch=data_batch
        )

    def _get_jax_state(self, purge_model_variables=False, **kinds):
        state = super(trainer, self)._get_jax_state(
            purge_model_variables=purge_model_variables, **kinds
        )
        if purge_model_variables:
            self._jax_state = dict(zip(filter(kinds.get, kinds), state))
        return state

    trainer._symbolic_build = _symbolic_build
    trainer._get_jax_state = _get_jax_state
    return trainer


def tensorflow_trainer(trainer: Class) -> Class:
    """Decorates a mix-in of models that are trained on TensorFlow.

    Its `before_steps(iterator, data_batch)` is called before the first step,
    in place of what Keras does there under a strategy. And what
    `named_state()` returns, a dict of all state, is what
    `tf.train.Checkpoint` finds, which finds none in Keras's lists; what it
    does find is saved once.
    """

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        self.before_steps(iterator, data_batch)

    def _trackable_children(self, save_type="checkpoint", **kwargs):
        children = super(trainer, self)._trackable_children(save_type, **kwargs)
        if save_type == "checkpoint":
            children |= self.named_state()
        return children

    trainer._maybe_symbolic_build = _maybe_symbolic_build
    trainer._trackable_children = _trackable_children
    return trainer
