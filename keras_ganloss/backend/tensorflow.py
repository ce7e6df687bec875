"""The backend contract on TensorFlow."""

import contextlib
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from keras_ganloss.backend import keras_internals
from keras_ganloss.backend import tensorflow_distribution as distribution
from keras_ganloss.backend.scoped_values import ScopedValues


@keras_internals.tensorflow_trainer
class Trainer:
    """Mix-in: Keras's stateful `train_step` and `test_step`."""

    def train_step(self, data: Any) -> dict[str, Any]:
        if distribution.in_replica():
            return distribution.replica_step(self, self.update_players, data)
        # Operations that do not read the batch must not run ahead of it: at
        # the end of a source of unknown length they would run once too often.
        batch = [leaf for leaf in tf.nest.flatten(data) if tf.is_tensor(leaf)]
        with tf.control_dependencies(batch):
            return self.update_players(data)

    def test_step(self, data: Any) -> dict[str, Any]:
        if distribution.in_replica():
            return distribution.replica_step(self, self.judge_players, data)
        return self.judge_players(data)

    def check_step(self, data: Any) -> Any:
        """What replicas do before their first step, which is only traced."""
        return distribution.replica_step(self, self.check_players, data)

    def compile(
        self, *args: Any, jit_compile: Any = "auto", **kwargs: Any
    ) -> None:
        distribution.check_compile(self, jit_compile)
        super().compile(*args, jit_compile=jit_compile, **kwargs)

    def before_steps(self, iterator: Any, data_batch: Any) -> None:
        """Makes the variables of what Keras computes in the step, before it.

        The networks are built. Keras would take the mean of the replicas'
        batches for it, which fails if they differ in size, and on several
        workers.
        """
        strategy = distribution.get_strategy(self)
        if strategy is None or not self.compiled_within:
            return
        if iterator is not None:
            _, _, batches = next(iter(iterator))
            data_batch = keras.tree.map_structure(
                lambda leaf: strategy.experimental_local_results(leaf)[0],
                next(batches),
            )
        with strategy.scope():
            for model in self.compiled_within:
                keras_internals.build_compiled(
                    model, self.inputs_within, data_batch=data_batch
                )

    def make_train_function(self, force: bool = False) -> None:
        """Compiles the loop over `steps_per_execution` batches.

        Keras boxes and unboxes the logs of every step in it; small networks
        feel that. Here they are read once, after the last one.
        """
        if self.train_function is not None and not force:
            return
        if distribution.get_strategy(self) is not None:
            self.train_function = distribution.make_function(
                self,
                self.train_step,
                self.get_metrics_result,
                self.check_step,
            )
        elif self.steps_per_execution == 1 or self.run_eagerly:
            super().make_train_function(force)
        else:
            self.train_function = self._make_loop()

    def make_test_function(self, force: bool = False) -> None:
        if self.test_function is not None and not force:
            return
        if distribution.get_strategy(self) is None:
            super().make_test_function(force)
        else:
            self.test_function = distribution.make_function(
                self, self.test_step, self.get_evaluation_result
            )

    def _make_loop(self):
        step = tf.function(
            self.train_step,
            jit_compile=self.jit_compile,
            reduce_retracing=True,
            autograph=False,
        )
        num_steps = self.steps_per_execution

        def body(index, batch, iterator):
            step(batch.get_value())
            following = tf.cond(
                index + 1 < num_steps,
                iterator.get_next_as_optional,
                lambda: batch,
            )
            return index + 1, following

        @tf.function(reduce_retracing=True, autograph=False)
        def run_many(iterator):
            step(iterator.get_next())
            tf.while_loop(
                lambda index, batch: tf.logical_and(
                    index < num_steps, batch.has_value()
                ),
                lambda index, batch: body(index, batch, iterator),
                [1, iterator.get_next_as_optional()],
                parallel_iterations=1,
            )
            return self.get_metrics_result()

        def run(iterator):
            if isinstance(iterator, tf.data.Iterator):
                return run_many(iterator)
            for _, data in zip(range(num_steps), iterator):
                logs = step(data)  # From `train_on_batch`.
            return logs

        return run


def compute_gradients(
    function: Callable[..., Any], variables: Any, scales: Any
) -> tuple[Any, Any, Any]:
    """Differentiates each loss with respect to its own variables.

    Args:
        function: Returns a list of scalar losses, and anything else.
        variables: For each loss, the list of `keras.Variable`s.
        scales: For each loss, a function applied before it is differentiated
            (loss scaling).

    Returns:
        The unscaled losses, whatever else `function` returned, and for each
        loss the list of its gradients.
    """
    values = [[variable.value for variable in group] for group in variables]
    with tf.GradientTape(
        persistent=len(values) > 1, watch_accessed_variables=False
    ) as tape:
        tape.watch(values)
        losses, others = function()
        scaled = [scale(loss) for scale, loss in zip(scales, losses)]
        part = distribution.current_part()
        if part is not None:
            scaled = [loss * tf.cast(part.share, loss.dtype) for loss in scaled]
    gradients = [
        [_dense(gradient) for gradient in tape.gradient(loss, group)]
        for loss, group in zip(scaled, values)
    ]
    return losses, others, gradients


def _dense(gradient):
    # Of an embedding it has one row a lookup, and Keras's optimizers square
    # the rows before they add those of the same index.
    return gradient if gradient is None else tf.convert_to_tensor(gradient)


def apply_gradients(optimizer: Any, gradients: Any, variables: Any) -> None:
    """Updates variables."""
    if distribution.in_replica():
        distribution.apply_gradients(optimizer, gradients, variables)
    elif distribution.scales_loss(optimizer):
        # It refuses the way below, and does not need it: whether it updates
        # at all hangs on every gradient.
        optimizer.apply(gradients, variables)
    else:
        # Where Keras sees a replica, be it the only one, it sums gradients
        # over replicas, and that sum is one operation for all of them. For
        # TensorFlow's graph optimizer each update then waits for every
        # gradient, so it drops what else made an update wait for earlier
        # reads of the variable; later it takes the operation apart, and a
        # read may come after the update. Not being in a replica, Keras does
        # not sum.
        tf.distribute.get_replica_context().merge_call(
            lambda _: optimizer.apply(gradients, variables)
        )


def value_and_input_gradients(
    function: Callable[..., Any], inputs: Any
) -> tuple[Any, Any, Any]:
    """Calls a function and differentiates the sum of its value.

    An input that the function ignores has a gradient of zeros.

    Args:
        function: Returns a value, a tensor or a nest, and anything else.
        inputs: A tensor or a nest of tensors.

    Returns:
        The value, whatever else came, and the gradients as `inputs`.
    """
    leaves = keras.tree.flatten(inputs)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(leaves)
        value, others = function(inputs)
        total = tf.add_n(
            [tf.reduce_sum(output) for output in keras.tree.flatten(value)]
        )
    gradients = tape.gradient(
        total, leaves, unconnected_gradients=tf.UnconnectedGradients.ZERO
    )
    return value, others, keras.tree.pack_sequence_as(inputs, gradients)


def gradients_of_each(
    function: Callable[..., Any], inputs: Any
) -> tuple[Any, Any]:
    """Calls a function and differentiates each scalar that it returns.

    Args:
        function: Returns a list of scalars, and anything else.
        inputs: List of tensors.

    Returns:
        Whatever else came, and for each scalar the list of its gradients, or
        `None` if it does not depend on the inputs.
    """
    with tf.GradientTape(
        persistent=True, watch_accessed_variables=False
    ) as tape:
        tape.watch(inputs)
        scalars, others = function(inputs)
    gradients = []
    for scalar in scalars:
        found = tape.gradient(scalar, inputs)
        reached = any(gradient is not None for gradient in found)
        found = [
            tf.zeros_like(leaf) if gradient is None else gradient
            for leaf, gradient in zip(inputs, found)
        ]
        gradients.append(found if reached else None)
    return others, gradients


def values_and_gradients(
    function: Callable[..., Any], variables: Any
) -> tuple[Any, Any]:
    """Calls a function and differentiates the two tensors it returns.

    Args:
        function: Returns a list of two tensors. They can be differentiated
            further, by whatever else differentiates around this call.
        variables: List of `keras.Variable`s.

    Returns:
        The tensors, and for each the list of the gradients of its sum.
    """
    inputs = [variable.value for variable in variables]
    if tf.executing_eagerly():
        with tf.GradientTape(
            persistent=True, watch_accessed_variables=False
        ) as tape:
            tape.watch(inputs)
            values = function()
        differentiate = tape.gradient
    else:
        values = function()
        differentiate = tf.gradients
    gradients = [
        [
            None if gradient is None else tf.convert_to_tensor(gradient)
            for gradient in differentiate(value, inputs)
        ]
        for value in values
    ]
    return values, gradients


def unreached(
    function: Callable[..., Any], groups: list[Any]
) -> list[list[int]]:
    """Returns the indices of scalars that do not depend on variables."""
    found = []

    def run():
        values = [[variable.value for variable in group] for group in groups]
        # The weights nearest to a loss most often answer for all, and
        # nothing behind them is differentiated then.
        with (
            ScopedValues(),
            _tape([group[-1:] for group in values]) as near,
            _tape(values) as far,
        ):
            scalars = [make() for make in function()]
        for ones, group in zip(scalars, values, strict=True):
            found.append(
                [
                    index
                    for index, scalar in enumerate(ones)
                    if not _reaches(near, scalar, group[-1:])
                    and not _reaches(far, scalar, group)
                ]
            )

    # It is traced, and never run.
    if distribution.in_replica():
        run()  # Replicas may meet in it, which no inner graph can do.
        return found
    tf.function(run, autograph=False).get_concrete_function()
    return found


@contextlib.contextmanager
def _tape(values):
    with tf.GradientTape(
        persistent=True, watch_accessed_variables=False
    ) as tape:
        tape.watch(values)
        yield tape


def _reaches(tape, scalar, values):
    gradients = tape.gradient(scalar, values)
    return any(gradient is not None for gradient in gradients)


def remembers_computation() -> bool:
    """Whether tensors that exist already can be differentiated."""
    return not tf.executing_eagerly()


def switch(index: Any, functions: list[Callable[..., Any]]) -> None:
    """Runs one of several functions for what it does to the model's state."""
    if distribution.in_replica():
        distribution.switch(index, functions)
        return

    def for_effect(function):
        def run():
            function()
            # All branches must return the same structure.
            return tf.constant(0)

        return run

    tf.switch_case(index, [for_effect(function) for function in functions])


def call_if(predicate: Any, function: Callable[..., Any]) -> Any:
    """Returns what a function returns if a predicate holds, else zero."""
    if tf.executing_eagerly() and not distribution.in_replica():
        return function() if predicate else 0.0
    scope = ScopedValues()
    dtypes = []

    def run():
        with scope:
            value = tf.convert_to_tensor(function())
        dtypes.append(value.dtype)
        return value, scope.changes()

    def skip():  # Traced after `run`, so that what it writes is known.
        return tf.zeros((), dtypes[-1]), scope.originals()

    if distribution.in_replica():
        # Replicas that do something together, such as a sum, cannot do it in
        # a branch: it is done, and thrown away.
        value, written = keras.tree.map_structure(
            lambda one, other: tf.where(predicate, one, other), run(), skip()
        )
    else:
        value, written = tf.cond(predicate, run, skip)
    scope.commit(written)
    return value


def in_float64(function: Callable[..., Any], *tensors: Any) -> Any:
    """Calls a function on float64 copies of tensors."""
    return function(*(keras.ops.cast(tensor, "float64") for tensor in tensors))


def check_finite(tensor: Any, message: str) -> Any:
    """Returns `tensor`; raises `message` at run time if it is not finite.

    XLA has no such check: there it is the identity.
    """
    return tf.debugging.check_numerics(tensor, message)


class SeedGenerator(keras.random.SeedGenerator):
    """A generator of seeds that differ between replicas."""

    def next(self, ordered: bool = True) -> Any:
        return distribution.fold_in_replica(super().next(ordered))


def without_padding(samples: Any) -> Any:
    """Returns a nest of samples without those that do not count.

    Scalars, which are of no sample, stay.
    """
    part = distribution.current_part()
    if part is None or not part.padded:
        return samples

    def first_rows(leaf):
        return leaf if leaf is None or leaf.ndim == 0 else leaf[: part.count]

    return keras.tree.map_structure(first_rows, samples)


def sum_over_replicas(value: Any) -> Any:
    """Returns the sum of a tensor over the replicas."""
    return distribution.sum_over_replicas(value)


def global_gradients(gradients: Any) -> list[Any]:
    """Returns the sums over the replicas of gradients, `None`s included."""
    return [
        gradient if gradient is None else sum_over_replicas(gradient)
        for gradient in gradients
    ]


def random_state_kept() -> Any:
    """Does nothing: data are shuffled by states of their own."""
    return contextlib.nullcontext()


def unscaled(loss: Any) -> Any:
    """Undoes the division of a loss by the number of replicas."""
    replicas = num_replicas()
    return loss if replicas == 1 else loss * replicas


def num_replicas() -> int:
    """Returns how many replicas the strategy in scope has."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def global_sums(variables: Any) -> Any:
    """Does nothing: sums are those of all samples, wherever they are read."""
    del variables
    return contextlib.nullcontext()


def divide_by_share(total: Any) -> Any:
    """Turns a sum over this replica's samples into a term like a mean.

    Terms are averaged over replicas by their share of the samples.
    """
    part = distribution.current_part()
    if part is None:
        return total
    return tf.math.divide_no_nan(total, tf.cast(part.share, total.dtype))
