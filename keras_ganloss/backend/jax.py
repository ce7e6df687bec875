"""The backend contract on JAX; `backend/__init__.py` describes it.

Keras state is read and written as everywhere else; a scope stands between.
JAX differentiates pure functions, so a function that is differentiated runs
in a scope of its own, and what it wrote comes out as one of its results.
"""

import contextlib
import functools
from collections.abc import Callable
from typing import Any

import jax
import keras
import numpy as np
from jax import numpy as jnp

from keras_ganloss.backend import keras_internals
from keras_ganloss.backend.scoped_values import ScopedValues


@keras_internals.jax_trainer
class Trainer:
    """Mix-in: Keras's stateless `train_step` and `test_step`."""

    def train_step(self, state: Any, data: Any) -> dict[str, Any]:
        groups = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.optimizer.variables,
            self.metrics_variables,
        )
        return _stateless(self.update_players, groups, state, data)

    def test_step(self, state: Any, data: Any) -> dict[str, Any]:
        groups = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.metrics_variables,
        )
        return _stateless(self.judge_players, groups, state, data)

    def before_steps(self, iterator: Any, data_batch: Any) -> None:
        """Makes the variables of what Keras computes in the step, before it."""
        for model in self.compiled_within:
            keras_internals.build_compiled(
                model, self.inputs_within, iterator, data_batch
            )


def _stateless(step, groups, state, data):
    pairs = [pair for group in zip(groups, state) for pair in zip(*group)]
    with keras.StatelessScope(pairs, collect_losses=True) as scope:
        logs = step(data)
    return logs, tuple(
        [scope.get_current_value(variable) for variable in group]
        for group in groups
    )


def compute_gradients(
    function: Callable[..., Any], variables: Any, scales: Any
) -> tuple[Any, Any, Any]:
    """Differentiates each loss with respect to its own variables."""
    scope = ScopedValues()

    def run(values):
        with scope:
            scope.state_mapping.update(values)
            losses, others = function()
            scaled = [
                scale(jnp.asarray(loss)) for scale, loss in zip(scales, losses)
            ]
        return scaled, (losses, others, scope.changes())

    # Each once: two losses may have the same variables.
    values = {
        id(variable): variable.value
        for group in variables
        for variable in group
    }
    scaled, pull_back, (losses, others, written) = jax.vjp(
        run, values, has_aux=True
    )
    scope.commit(written)
    gradients = []
    for index, group in enumerate(variables):
        chosen = [jnp.zeros_like(loss) for loss in scaled]
        chosen[index] = jnp.ones_like(scaled[index])
        found = pull_back(chosen)[0]
        gradients.append([found[id(variable)] for variable in group])
    return losses, others, gradients


def apply_gradients(optimizer: Any, gradients: Any, variables: Any) -> None:
    """Updates variables; a loss-scaling optimizer must do it statelessly."""
    targets = (variables, optimizer.variables)
    values, slots = (
        [variable.value for variable in group] for group in targets
    )
    results = optimizer.stateless_apply(slots, gradients, values)
    for group, group_values in zip(targets, results):
        for variable, value in zip(group, group_values):
            variable.assign(value)


def value_and_input_gradients(
    function: Callable[..., Any], inputs: Any
) -> tuple[Any, Any, Any]:
    """Calls a function and differentiates the sum of its value."""
    scope = ScopedValues()

    def run(inputs):
        with scope:
            value, others = function(inputs)
        total = sum(jnp.sum(leaf) for leaf in keras.tree.flatten(value))
        return total, (value, others, scope.changes())

    gradients, (value, others, written) = jax.grad(run, has_aux=True)(inputs)
    scope.commit(written)
    return value, others, gradients


def gradients_of_each(
    function: Callable[..., Any], inputs: Any
) -> tuple[Any, Any]:
    """Calls a function and differentiates each scalar that it returns."""
    scope = ScopedValues()
    reached, chosen = set(), []

    @jax.custom_vjp
    def note(*scalars):
        return scalars

    def forward(*scalars):
        reached.update(i for i, one in enumerate(scalars) if one.perturbed)
        return tuple(scalar.value for scalar in scalars), None

    def backward(_, slopes):  # A plain zero would go through all layers.
        return tuple(
            slope if index in chosen else None
            for index, slope in enumerate(slopes)
        )

    note.defvjp(forward, backward, symbolic_zeros=True)

    def run(inputs):
        with scope:
            scalars, others = function(inputs)
        # The last one is there because nothing is noted where none is reached.
        scalars = note(*map(jnp.asarray, scalars), jnp.sum(inputs[0]))
        return scalars, (others, scope.changes())

    scalars, pull_back, (others, written) = jax.vjp(run, inputs, has_aux=True)
    scope.commit(written)
    gradients = []
    for index in range(len(scalars) - 1):
        chosen[:] = [index]
        (found,) = pull_back(tuple(map(jnp.ones_like, scalars)))
        gradients.append(found if index in reached else None)
    return others, gradients


def values_and_gradients(
    function: Callable[..., Any], variables: Any
) -> tuple[Any, Any]:
    """Calls a function and differentiates the two tensors it returns."""

    def run():
        values = function()
        return [jnp.sum(value) for value in values], values

    identity = lambda total: total  # noqa: E731
    _, values, gradients = compute_gradients(
        run, [variables, variables], [identity, identity]
    )
    return values, gradients


def unreached(
    function: Callable[..., Any], groups: list[Any]
) -> list[list[int]]:
    """Returns the indices of scalars that do not depend on variables."""
    return [
        _unreached(lambda index=index: function()[index](), variables)
        for index, variables in enumerate(groups)
    ]


def _unreached(function, variables):
    reached = set()

    @jax.custom_vjp
    def note(*scalars):
        return scalars

    def forward(*scalars):  # Not called at all where none is reached.
        reached.update(i for i, one in enumerate(scalars) if one.perturbed)
        return tuple(scalar.value for scalar in scalars), None

    note.defvjp(forward, lambda _, slopes: slopes, symbolic_zeros=True)

    def run(values):
        with ScopedValues(values):
            return note(*map(jnp.asarray, function()))

    values = {id(variable): variable.value for variable in variables}
    # It is traced, and never run.
    scalars = jax.eval_shape(lambda values: jax.vjp(run, values)[0], values)
    return [i for i in range(len(scalars)) if i not in reached]


def remembers_computation() -> bool:
    """Whether tensors that exist already can be differentiated."""
    return False


def switch(index: Any, functions: list[Callable[..., Any]]) -> None:
    """Runs one of several functions for what it does to the model's state."""
    if not isinstance(index, jax.core.Tracer):  # With `run_eagerly`.
        functions[int(index)]()
        return
    scopes = [ScopedValues() for _ in functions]

    def state_after(scope, function):
        with scope:
            known = list(scope.state_mapping)
            function()
        return {key: scope.state_mapping[key] for key in known}

    state = jax.lax.switch(
        index,
        [
            functools.partial(state_after, *pair)
            for pair in zip(scopes, functions)
        ],
    )
    for scope in scopes:
        scope.commit(state)


def call_if(predicate: Any, function: Callable[..., Any]) -> Any:
    """Returns what a function returns if a predicate holds, else zero."""
    if not isinstance(predicate, jax.core.Tracer):  # With `run_eagerly`.
        return function() if predicate else 0.0
    scope = ScopedValues()
    dtypes = []

    def run():
        with scope:
            value = jnp.asarray(function())
        dtypes.append(value.dtype)
        return value, scope.changes()

    def skip():  # Traced after `run`, so that what it writes is known.
        return jnp.zeros((), dtypes[-1]), scope.originals()

    value, written = jax.lax.cond(predicate, run, skip)
    scope.commit(written)
    return value


def in_float64(function: Callable[..., Any], *tensors: Any) -> Any:
    """Calls a function on float64 copies of tensors.

    JAX has no float64 unless it is switched on, which a compiled function
    cannot do inside itself: there the widest type that is on serves.
    """
    if any(isinstance(tensor, jax.core.Tracer) for tensor in tensors):
        widest = jax.dtypes.canonicalize_dtype("float64")
        return function(*(jnp.asarray(tensor, widest) for tensor in tensors))
    with jax.enable_x64(True):
        return function(*(jnp.asarray(tensor, "float64") for tensor in tensors))


def check_finite(tensor: Any, message: str) -> Any:
    """Returns `tensor`; raises `message` with `run_eagerly` if not finite.

    A compiled JAX function cannot raise.
    """
    if isinstance(tensor, jax.core.Tracer):
        return tensor
    # By numpy: what JAX computes while a function is traced is traced, too.
    if not np.isfinite(np.asarray(tensor)).all():
        raise ValueError(message)
    return tensor


# One process is one device: there are no replicas.
SeedGenerator = keras.random.SeedGenerator


def without_padding(samples: Any) -> Any:
    """Returns `samples`, which all count."""
    return samples


def sum_over_replicas(value: Any) -> Any:
    """Returns `value`."""
    return value


def global_gradients(gradients: Any) -> Any:
    """Returns `gradients`."""
    return gradients


def random_state_kept() -> Any:
    """Does nothing: data are shuffled by states of their own."""
    return contextlib.nullcontext()


def num_replicas() -> int:
    """Returns one."""
    return 1


def unscaled(loss: Any) -> Any:
    """Returns `loss`, which Keras has not divided."""
    return loss


def global_sums(variables: Any) -> Any:
    """Does nothing: sums are those of all samples, wherever they are read."""
    del variables
    return contextlib.nullcontext()


def divide_by_share(total: Any) -> Any:
    """Returns `total`."""
    return total
