"""The backend contract on JAX; `backend/__init__.py` describes it.

Keras state is read and written as everywhere else; a scope stands between.
JAX differentiates pure functions, so a function that is differentiated runs
in a scope of its own, and what it wrote comes out as one of its results.
"""

import jax
import keras
from jax import numpy as jnp


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
    pairs = [pair for group in zip(groups, state) for pair in zip(*group)]
    with keras.StatelessScope(pairs, collect_losses=True) as scope:
        logs = step(data)
    return logs, tuple(
        [scope.get_current_value(variable) for variable in group]
        for group in groups
    )


class _Fork(keras.StatelessScope):
    """A scope that starts as the one around it and knows what was written.

    What is written in it must leave a pure function as one of its results,
    `written()`, for `adopt` to write it in the scope around.
    """

    def __init__(self):
        super().__init__(collect_losses=True)
        self.variables = {}

    def __enter__(self):
        super().__enter__()
        if self.original_scope is not None:
            self.state_mapping.update(self.original_scope.state_mapping)
        return self

    def add_update(self, update):
        super().add_update(update)
        self.variables[id(update[0])] = update[0]

    def written(self):
        return {key: self.state_mapping[key] for key in self.variables}

    def adopt(self, values):
        for key, variable in self.variables.items():
            variable.assign(values[key])


def compute_gradients(function, variables, scales):
    """Differentiates each loss with respect to its own variables."""
    fork = _Fork()

    def run(values):
        with fork:
            for group, group_values in zip(variables, values):
                fork.state_mapping.update(zip(map(id, group), group_values))
            losses, others = function()
            scaled = [
                scale(jnp.asarray(loss)) for scale, loss in zip(scales, losses)
            ]
        return scaled, (losses, others, fork.written())

    values = [[variable.value for variable in group] for group in variables]
    scaled, pull_back, (losses, others, written) = jax.vjp(
        run, values, has_aux=True
    )
    fork.adopt(written)
    gradients = []
    for index in range(len(scaled)):
        chosen = [jnp.zeros_like(loss) for loss in scaled]
        chosen[index] = jnp.ones_like(scaled[index])
        gradients.append(pull_back(chosen)[0][index])
    return losses, others, gradients


def apply_gradients(optimizer, gradients, variables):
    """Updates variables; a loss-scaling optimizer must do it statelessly."""
    targets = (variables, optimizer.variables)
    values, slots = (
        [variable.value for variable in group] for group in targets
    )
    results = optimizer.stateless_apply(slots, gradients, values)
    for group, group_values in zip(targets, results):
        for variable, value in zip(group, group_values):
            variable.assign(value)


def value_and_input_gradients(function, inputs):
    """Calls a function and differentiates the sum of its value."""
    fork = _Fork()

    def run(inputs):
        with fork:
            value, others = function(inputs)
        total = sum(jnp.sum(leaf) for leaf in keras.tree.flatten(value))
        return total, (value, others, fork.written())

    gradients, (value, others, written) = jax.grad(run, has_aux=True)(inputs)
    fork.adopt(written)
    return value, others, gradients


def cond(predicate, true_function, false_function):
    """Runs one of two functions for what it does to the model's state."""
    if not isinstance(predicate, jax.core.Tracer):  # With `run_eagerly`.
        true_function() if predicate else false_function()
        return
    forks = _Fork(), _Fork()

    def state_after(fork, function):
        with fork:
            known = list(fork.state_mapping)
            function()
        return {key: fork.state_mapping[key] for key in known}

    state = jax.lax.cond(
        predicate,
        lambda: state_after(forks[0], true_function),
        lambda: state_after(forks[1], false_function),
    )
    for fork in forks:
        fork.adopt(state)


def check_finite(tensor, message):
    """Returns `tensor`; raises `message` with `run_eagerly` if not finite.

    A compiled JAX function cannot raise.
    """
    if (
        not isinstance(tensor, jax.core.Tracer)
        and not jnp.isfinite(tensor).all()
    ):
        raise ValueError(message)
    return tensor


# One process is one device: there are no replicas.
SeedGenerator = keras.random.SeedGenerator


def unpad(samples):
    """Returns `samples`, which all count."""
    return samples


def sum_over_replicas(value):
    """Returns `value`."""
    return value


def sum_as_mean(total):
    """Returns `total`."""
    return total
