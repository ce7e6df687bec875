"""Training under `tf.distribute`: several replicas equal one device.

A replica sees its part of the global batch. Every term of a loss is a mean
over samples (or the same on every replica), so the global term is the mean
over replicas weighted by how many samples each has, and Keras optimizers add
the replicas' gradients up: a loss times the replica's share of the global
batch is all it takes. Metrics count samples, and add up when they are read.
"""

import contextlib
import threading
from collections.abc import Callable
from typing import Any
from typing import NamedTuple

import keras
import tensorflow as tf

SUPPORTED: tuple[type, ...] = (
    tf.distribute.MirroredStrategy,
    tf.distribute.MultiWorkerMirroredStrategy,
    tf.distribute.OneDeviceStrategy,
    tf.distribute.TPUStrategy,
)
UNSUPPORTED: tuple[type, ...] = (
    tf.distribute.ParameterServerStrategy,
    tf.distribute.experimental.CentralStorageStrategy,
)


class Part(NamedTuple):
    """What one replica has of a global batch.

    Attributes:
        count: Scalar, how many samples.
        share: Scalar, `count` by the number of samples of all replicas.
        padded: Whether there may be a sample that does not count.
    """

    count: Any
    share: Any
    padded: bool


# One Python thread a replica: what belongs to a replica may not be kept on
# the model.
_thread = threading.local()


def current_part() -> Any:
    """Returns the `Part` of this replica's step, or `None` outside of one."""
    return getattr(_thread, "part", None)


@contextlib.contextmanager
def _entered(part):
    before = current_part()
    _thread.part = part
    try:
        yield
    finally:
        _thread.part = before


def get_strategy(model: keras.Model) -> Any:
    """Returns the strategy a model trains under, or `None`."""
    strategy = model.distribute_strategy
    return strategy if isinstance(strategy, SUPPORTED) else None


def in_replica() -> bool:
    """Whether this is the code of one replica."""
    return (
        tf.distribute.has_strategy()
        and not tf.distribute.in_cross_replica_context()
    )


# Checks.


def check_compile(model: keras.Model, jit_compile: Any) -> None:
    """Raises for what does not train, or not as on one device, on replicas."""
    if isinstance(model.distribute_strategy, UNSUPPORTED):
        raise ValueError(
            "Replicas must update in step. Use `tf.distribute."
            "MirroredStrategy` on one machine, `MultiWorkerMirroredStrategy` "
            "on several. Received: strategy="
            f"{type(model.distribute_strategy).__name__}"
        )
    strategy = get_strategy(model)
    if strategy is None:
        return
    if jit_compile is True:
        raise ValueError(
            "Under a strategy the step is not compiled with XLA as a whole: "
            "it updates variables of other devices, which XLA refuses. Pass "
            "`jit_compile='auto'` or `False`; a saved model can be loaded "
            "with `compile=False` and compiled anew. Received: "
            f"jit_compile=True, strategy={type(strategy).__name__}"
        )
    if model.updates.differentiates_twice:
        raise ValueError(
            "This update rule differentiates gradients, of which a replica "
            "has only those of its own part of the batch. Train on one "
            "device, or use the JAX backend and `keras.distribution`. "
            f"Received: updates={type(model.updates).__name__}, "
            f"strategy={type(strategy).__name__}"
        )
    for name in ("d_optimizer", "g_optimizer"):
        steps = getattr(
            _inner(getattr(model, name)), "gradient_accumulation_steps", None
        )
        if steps:
            raise ValueError(
                "Keras optimizers cannot accumulate gradients under a "
                "strategy. Use larger batches, or more replicas. Received: "
                f"{name}.gradient_accumulation_steps={steps}, "
                f"strategy={type(strategy).__name__}"
            )
    check_scope(model, strategy)


def check_scope(model: keras.Model, strategy: Any) -> None:
    """Raises if a variable was made outside of the strategy's scope."""
    variables = [*model.variables, *model.metrics_variables]
    for optimizer in (model.d_optimizer, model.g_optimizer):
        variables.extend(optimizer.variables)
    outside = [
        variable.path
        for variable in variables
        if not strategy.extended.variable_created_in_scope(variable.value)
    ]
    if outside:
        raise ValueError(
            "Networks, optimizers, metrics and the model must be made, and "
            "`compile` be called, within `with strategy.scope():`, or the "
            "replicas would not share their variables. Received: "
            f"{len(outside)} variables made outside of the scope of "
            f"{type(strategy).__name__}, such as {outside[0]!r}"
        )


def _inner(optimizer):
    return getattr(optimizer, "inner_optimizer", optimizer)


def scales_loss(optimizer: Any) -> bool:
    """Whether an optimizer wraps another one and scales its loss."""
    return _inner(optimizer) is not optimizer


# The step of one replica.


def replica_step(model: keras.Model, step: Any, data: Any) -> Any:
    """Runs `step(data)` on this replica's part of the global batch."""
    data = keras.tree.map_structure(
        lambda leaf: leaf if leaf is None else tf.convert_to_tensor(leaf), data
    )
    leaf = next(x for x in keras.tree.flatten(data) if x is not None)
    count = tf.shape(leaf)[0]
    total = tf.cast(sum_over_replicas(count), "float32")
    share = tf.math.divide_no_nan(tf.cast(count, "float32"), total)
    padded = leaf.shape[0] is None
    if padded:
        data = keras.tree.map_structure(lambda x: _pad(x, count), data)
    with _entered(Part(count, share, padded)):
        logs = step(data)
        _average_statistics(model, share)
    return logs


def _pad(leaf, count):
    """Makes one sample of zeros of an empty part, the mean of which is NaN."""
    if leaf is None:
        return None
    padded = tf.cond(
        tf.equal(count, 0),
        lambda: tf.zeros(
            tf.concat([[1], tf.shape(leaf)[1:]], axis=0), leaf.dtype
        ),
        lambda: tf.identity(leaf),
    )
    padded.set_shape(leaf.shape)
    return padded


def _average_statistics(model, share):
    """Gives moving statistics of layers the mean over the replicas."""
    networks = [*model.d_networks, *model.g_networks]
    statistics = {
        id(variable): variable
        for network in networks
        for variable in network.non_trainable_weights
        if variable.dtype.startswith("float")
    }
    for variable in statistics.values():
        value = tf.convert_to_tensor(variable.value)
        mean = sum_over_replicas(value * tf.cast(share, value.dtype))
        variable.assign(mean)


def sum_over_replicas(value: Any) -> Any:
    """Returns the sum of a tensor over the replicas."""
    if not in_replica():
        return value
    context = tf.distribute.get_replica_context()
    return context.all_reduce(tf.distribute.ReduceOp.SUM, value)


def fold_in_replica(seed: Any) -> Any:
    """Returns a seed of this replica's own."""
    if not in_replica():
        return seed
    context = tf.distribute.get_replica_context()
    replica = tf.cast(context.replica_id_in_sync_group, seed.dtype)
    return tf.random.experimental.stateless_fold_in(seed, replica)


def apply_gradients(optimizer: Any, gradients: Any, variables: Any) -> None:
    """Updates variables with the sum of the replicas' gradients.

    Keras clips, and looks for overflows, before it sums. There the sum is
    made first, and given to Keras as the gradient of the first replica.
    """
    inner = _inner(optimizer)
    limits = (inner.clipnorm, inner.global_clipnorm, inner.clipvalue)
    if scales_loss(optimizer) or any(limit is not None for limit in limits):
        context = tf.distribute.get_replica_context()
        first = tf.equal(context.replica_id_in_sync_group, 0)
        gradients = [
            gradient
            if gradient is None
            else _of_first(first, sum_over_replicas(gradient))
            for gradient in gradients
        ]
    optimizer.apply(gradients, variables)


def _of_first(first, gradient):
    return tf.where(first, gradient, tf.zeros_like(gradient))


def switch(index: Any, functions: list[Callable[..., Any]]) -> None:
    """Runs one of several functions on every replica.

    Optimizers leave the replicas to meet, which no branch within a replica
    can do: the replicas meet first, and the branch contains them all.
    """
    part = current_part()

    def resumed(function):
        def run():
            with _entered(part):  # In another thread than this.
                function()

        return run

    def merged(strategy, index, functions):
        def on_replicas(function):
            def run():
                strategy.run(lambda call: call(), args=(function,))
                return tf.constant(0)

            return run

        tf.switch_case(
            strategy.experimental_local_results(index)[0],
            [on_replicas(function) for function in functions],
        )

    tf.distribute.get_replica_context().merge_call(
        merged, args=(index, [resumed(function) for function in functions])
    )


# The loop.


def make_function(
    model: keras.Model,
    step: Any,
    get_logs: Callable[[], dict[str, Any]],
    check: Any = None,
) -> Callable[..., Any]:
    """Returns the function of an iterator that `fit` or `evaluate` calls.

    Args:
        model: A game.
        step: Function of the batch of a replica.
        get_logs: Function that returns what metrics say after it.
        check: Optional function, likewise, that is traced before the first
            step, and never run.
    """
    strategy = get_strategy(model)
    check_scope(model, strategy)
    num_steps = model.steps_per_execution
    compiled = (
        (lambda function: function)
        if model.run_eagerly
        else tf.function(reduce_retracing=True, autograph=False)
    )

    def logs():
        with strategy.scope():  # Read here, metrics are those of all replicas.
            return get_logs()

    def run_next(iterator):
        following = iterator.get_next_as_optional()

        def run():
            strategy.run(step, args=(following.get_value(),))
            return tf.constant(1)

        return tf.cond(following.has_value(), run, lambda: tf.constant(0))

    def run_several(iterator):
        def body(num_run, more):
            del more
            ran = run_next(iterator)
            return num_run + ran, tf.cast(ran, "bool")

        num_run, _ = tf.while_loop(
            lambda num_run, more: tf.logical_and(num_run < num_steps, more),
            body,
            [tf.constant(0), tf.constant(True)],
            parallel_iterations=1,
        )

        def end():
            iterator.get_next()  # Says to Keras that the epoch is over.
            return tf.constant(0)

        tf.cond(tf.equal(num_run, 0), end, lambda: tf.constant(0))

    @tf.function(autograph=False)
    def check_iterator(iterator):
        strategy.run(check, args=(iterator.get_next(),))

    @tf.function(autograph=False)
    def check_batch(data):
        strategy.run(check, args=(data,))

    @compiled
    def run_iterator(iterator):
        if num_steps == 1:
            strategy.run(step, args=(iterator.get_next(),))
        else:
            run_several(iterator)
        return logs()

    @compiled
    def run_batch(data):
        strategy.run(step, args=(data,))
        return logs()

    def function(iterator):
        checks = check is not None and not model.gradients_are_checked
        if isinstance(
            iterator, (tf.data.Iterator, tf.distribute.DistributedIterator)
        ):
            if checks:
                check_iterator.get_concrete_function(iterator)
            return run_iterator(iterator)
        # `train_on_batch`: every replica gets the whole batch.
        for _, data in zip(range(num_steps), iterator):
            if checks:
                check_batch.get_concrete_function(data)
            results = run_batch(data)
        return results

    return function
