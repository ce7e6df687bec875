"""Private names of Keras, in one place, each with a test of its own."""

import contextlib

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


def potentially_trainable(network):
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
    for layer in network._flatten_layers():
        ids |= {id(variable) for variable in layer._trainable_variables}
    return [weight for weight in network.weights if id(weight) in ids]


@contextlib.contextmanager
def only_trainable(networks, variables):
    """Within the block these variables of networks are trainable, no others.

    Args:
        networks: List of `keras.Model`.
        variables: List of `keras.Variable`s.
    """
    ids = {id(variable) for variable in variables}
    layers = [
        (layer, layer.trainable)
        for network in networks
        for layer in network._flatten_layers()
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


def replace_layer(owner, name, layer):
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


def compile_arguments(model):
    """Returns what a model was compiled with: the objects, not their configs.

    Args:
        model: A compiled `keras.Model`.
    """
    return dict(model._compile_config.config)


def compiled_as(model, other, losses=()):
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


def loss_tracker(model):
    """Returns the metric that is a compiled model's `loss` in the logs."""
    return model._loss_tracker


def without_loss_tracker(model):
    """Lets the logs of a compiled model have no `loss`; returns the model."""
    model._loss_tracker = None
    return model


class Term(keras.metrics.Mean):
    """The mean of a term of a loss, of which less is better."""

    _direction = "down"

    def update_state(self, value, count, sample_weight=None):
        del sample_weight
        super().update_state(value, count)


def minimized(name):
    """Returns a compiled model that has one metric, a mean to be minimized.

    Callbacks such as `EarlyStopping` look at metrics of this kind alone when
    they are not told whether less is better. The model's `compute_metrics`
    takes the value for `y` and how many samples it is of for `y_pred`.

    Args:
        name: The metric's name.
    """
    model = keras.Model(name=f"monitored_{name}")
    model.built = True
    model.compile(optimizer=None, metrics=[Term(name)], jit_compile=False)
    without_loss_tracker(model).compute_metrics(None, 0.0, 1.0)  # Builds it.
    model.reset_metrics()
    return model


def build_compiled(model, iterator=None, data_batch=None):
    """Makes the variables of a compiled model's losses and metrics.

    Args:
        model: A compiled `keras.Model`.
        iterator, data_batch: What Keras passes to its own method.
    """
    model._symbolic_build(iterator=iterator, data_batch=data_batch)


def overrides(model, method):
    """Whether a model has its own version of a method of `keras.Model`."""
    own = getattr(type(model), method)
    return own is not getattr(keras.Model, method)
