"""The backend contract on JAX.

Keras state is read and written as everywhere else; a scope stands between.
JAX differentiates pure functions, so a function that is differentiated runs
in a scope of its own, and what it wrote comes out as one of its results.
"""

import contextlib

import jax
import keras
from jax import numpy as jnp

_scopes = []  # Those entered here, innermost last.


class Trainer:
    """Mix-in: Keras's stateless `train_step` and `test_step`."""

    def train_step(self, state, data):
        groups = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.optimizer.variables,
            self.metrics_variables,
        )
        return _stateless(self.update_players, groups, state, data)

    def test_step(self, state, data):
        groups = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.metrics_variables,
        )
        return _stateless(self.judge_players, groups, state, data)


def _stateless(step, groups, state, data):
    scope = _Scope()
    for variables, values in zip(groups, state):
        for variable, value in zip(variables, values):
            scope.state_mapping[id(variable)] = value
    with _entered(scope):
        logs = step(data)
    return logs, tuple(
        [scope.get_current_value(variable) for variable in variables]
        for variables in groups
    )


class _Scope(keras.StatelessScope):
    """A scope that starts from another one and remembers what was written."""

    def __init__(self, parent=None):
        super().__init__(collect_losses=True)
        if parent is not None:
            self.state_mapping.update(parent.state_mapping)
        self.written = {}

    def add_update(self, update):
        super().add_update(update)
        self.written[id(update[0])] = update[0]


@contextlib.contextmanager
def _entered(scope):
    _scopes.append(scope)
    try:
        with scope:
            yield
    finally:
        _scopes.pop()


def _fork(function, replaced=()):
    """Runs a function in a scope of its own.

    Returns what it returned, and a dict of what it wrote.
    """
    scope = _Scope(_scopes[-1] if _scopes else None)
    scope.state_mapping.update(replaced)
    with _entered(scope):
        result = function()
    return result, _Written(
        list(scope.written.values()),
        [scope.state_mapping[key] for key in scope.written],
    )


@jax.tree_util.register_pytree_node_class
class _Written:
    """Variables and the values they got, as a result of a pure function."""

    def __init__(self, variables, values):
        self.variables = variables
        self.values = values

    def adopt(self):
        for variable, value in zip(self.variables, self.values):
            variable.assign(value)

    def tree_flatten(self):
        return self.values, tuple(self.variables)

    @classmethod
    def tree_unflatten(cls, variables, values):
        return cls(variables, values)


def compute_gradients(function, variables, scales):
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

    def run(values):
        replaced = {
            id(variable): value
            for group, group_values in zip(variables, values)
            for variable, value in zip(group, group_values)
        }
        (losses, others), written = _fork(function, replaced)
        scaled = [
            scale(jnp.asarray(loss)) for scale, loss in zip(scales, losses)
        ]
        return scaled, (losses, others, written)

    values = [[variable.value for variable in group] for group in variables]
    scaled, pull_back, (losses, others, written) = jax.vjp(
        run, values, has_aux=True
    )
    gradients = []
    for index in range(len(scaled)):
        seeds = [
            jnp.full_like(loss, float(position == index))
            for position, loss in enumerate(scaled)
        ]
        gradients.append(pull_back(seeds)[0][index])
    written.adopt()
    return losses, others, gradients


def apply_gradients(optimizer, gradients, variables):
    """Updates variables; a loss-scaling optimizer must do it statelessly."""
    values, optimizer_values = optimizer.stateless_apply(
        [variable.value for variable in optimizer.variables],
        gradients,
        [variable.value for variable in variables],
    )
    for variable, value in zip(variables, values):
        variable.assign(value)
    for variable, value in zip(optimizer.variables, optimizer_values):
        variable.assign(value)


def value_and_input_gradients(function, inputs):
    """Calls a function and differentiates the sum of its value.

    Args:
        function: Returns a value, a tensor or a nest, and anything else.
        inputs: A tensor or a nest of tensors.

    Returns:
        The value, whatever else came, and the gradients as `inputs`.
    """

    def run(inputs):
        (value, others), written = _fork(lambda: function(inputs))
        total = sum(jnp.sum(leaf) for leaf in keras.tree.flatten(value))
        return total, (value, others, written)

    gradients, (value, others, written) = jax.grad(run, has_aux=True)(inputs)
    written.adopt()
    return value, others, gradients


def cond(predicate, true_function, false_function):
    """Runs one of two functions for what it does to the model's state."""

    def state_after(function):
        scope = _Scope(_scopes[-1])
        with _entered(scope):
            function()
        return {
            key: scope.state_mapping[key] for key in _scopes[-1].state_mapping
        }

    state = jax.lax.cond(
        predicate,
        lambda: state_after(true_function),
        lambda: state_after(false_function),
    )
    _scopes[-1].state_mapping.update(state)


def check_finite(tensor, message):
    """Returns `tensor`: a compiled JAX function cannot raise."""
    del message
    return tensor
