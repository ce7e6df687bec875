"""The backend contract on PyTorch; `backend/__init__.py` describes it."""

import contextlib
import functools
from collections.abc import Callable
from typing import Any

import keras
import torch
from torch.nn.attention import SDPBackend
from torch.nn.attention import sdpa_kernel

from keras_ganloss.backend import torch_distribution as distribution
from keras_ganloss.backend.scoped_values import ScopedValues

# An odd number, and another one than the distance between processes.
SEED_STRIDE = 0x85EBCA6B


class Trainer:
    """Mix-in: Keras's stateful `train_step` and `test_step`."""

    in_step: bool = (
        False  # Whether all processes have begun with the same weights.
    )
    history = None  # Keras sets it in `fit`.

    def train_step(self, data: Any) -> dict[str, Any]:
        if not distribution.is_active():
            return self.update_players(data)
        if self.updates.differentiates_twice:
            raise ValueError(
                "This update rule differentiates gradients, of which a "
                "process has only those of its own part of the batch. Train "
                "in one process. Received: "
                f"updates={type(self.updates).__name__}"
            )
        if not self.in_step:
            self._get_in_step()
        state = [
            variable
            for network in (*self.d_networks, *self.g_networks)
            for variable in network.non_trainable_variables
        ]
        with distribution.share_of(data), distribution.averaged(state):
            return self.update_players(data)

    def test_step(self, data: Any) -> dict[str, Any]:
        if not distribution.is_active():
            return self.judge_players(data)
        with distribution.share_of(data):
            return self.judge_players(data)

    @functools.wraps(keras.Model.fit)
    def fit(self, *args: Any, **kwargs: Any) -> Any:
        self.in_step = False
        return super().fit(*args, **kwargs)

    def _get_in_step(self):
        # By now callbacks have restored what they had saved.
        if self.history is not None:
            distribution.check_steps(self.history.params.get("steps"))
        distribution.broadcast([*self.variables, *self.optimizer.variables])
        self.in_step = True

    def compile(
        self,
        *args: Any,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        **kw: Any,
    ) -> None:
        if steps_per_execution != 1:
            raise ValueError(
                "`steps_per_execution` must be 1 on torch, which has no loop "
                "of its own. Received: steps_per_execution="
                f"{steps_per_execution}"
            )
        penalties = (*self.penalties, *self.g_penalties)
        twice = [p.name for p in penalties if p.differentiates_twice]
        if self.updates.differentiates_twice:
            twice.append(type(self.updates).__name__)
        if jit_compile is True and twice:
            raise ValueError(
                "`jit_compile=True` cannot go with a penalty on gradients on "
                "torch: `torch.compile` does not differentiate twice. Leave "
                "`jit_compile` out, or use the TensorFlow or JAX backend. "
                f"Received: jit_compile=True, penalties={twice}"
            )
        super().compile(
            *args,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            **kw,
        )


def compute_gradients(
    function: Callable[..., Any], variables: Any, scales: Any
) -> tuple[Any, Any, Any]:
    """Differentiates each loss with respect to its own variables."""
    with torch.enable_grad():
        losses, others = function()
        scaled = [scale(loss) for scale, loss in zip(scales, losses)]
    share = distribution.current_share()
    if share is not None:
        scaled = [share * loss for loss in scaled]
    gradients = []
    for index, (loss, group) in enumerate(zip(scaled, variables)):
        found = torch.autograd.grad(
            loss,
            [variable.value for variable in group],
            retain_graph=index + 1 < len(scaled),
            allow_unused=True,
        )
        if share is not None:
            found = distribution.sum_all(found)
        gradients.append(list(found))
    return _detach(losses), _detach(others), gradients


def _detach(nest):
    return keras.tree.map_structure(
        lambda leaf: leaf.detach() if torch.is_tensor(leaf) else leaf, nest
    )


def apply_gradients(optimizer: Any, gradients: Any, variables: Any) -> None:
    """Updates variables, which must not become part of a graph."""
    with torch.no_grad():
        optimizer.apply(gradients, variables)


def value_and_input_gradients(
    function: Callable[..., Any], inputs: Any
) -> tuple[Any, Any, Any]:
    """Calls a function and differentiates the sum of its value.

    An input that the function ignores has a gradient of zeros.
    """
    twice = torch.is_grad_enabled()  # Not in `evaluate`.

    def watched(leaf):
        # A sample that a generator made stays connected to it.
        return leaf if leaf.requires_grad else leaf.detach().requires_grad_()

    with torch.enable_grad():
        inputs = keras.tree.map_structure(watched, inputs)
        # Of the kernels for attention one alone can be differentiated twice.
        with sdpa_kernel(SDPBackend.MATH):
            value, others = function(inputs)
        total = sum(leaf.sum() for leaf in keras.tree.flatten(value))
        leaves = keras.tree.flatten(inputs)
        gradients = [None] * len(leaves)
        if total.requires_grad:  # A constant does not.
            gradients = torch.autograd.grad(
                total, leaves, create_graph=twice, allow_unused=True
            )
    gradients = [
        torch.zeros_like(leaf) if gradient is None else gradient
        for leaf, gradient in zip(leaves, gradients)
    ]
    gradients = keras.tree.pack_sequence_as(inputs, gradients)
    if not twice:
        value, others = _detach(value), _detach(others)
    return value, others, gradients


def gradients_of_each(
    function: Callable[..., Any], inputs: Any
) -> tuple[Any, Any]:
    """Calls a function and differentiates each scalar that it returns."""
    scalars, others = function(inputs)
    gradients = []
    for scalar in scalars:
        found = [None]
        if scalar.requires_grad:  # A constant does not.
            found = torch.autograd.grad(
                scalar, inputs, retain_graph=True, allow_unused=True
            )
        reached = any(gradient is not None for gradient in found)
        found = [
            torch.zeros_like(leaf) if gradient is None else gradient
            for leaf, gradient in zip(inputs, found)
        ]
        gradients.append(found if reached else None)
    return others, gradients


def values_and_gradients(
    function: Callable[..., Any], variables: Any
) -> tuple[Any, Any]:
    """Calls a function and differentiates the two tensors it returns."""
    with torch.enable_grad():
        values = function()
    inputs = [variable.value for variable in variables]
    gradients = [
        torch.autograd.grad(
            value.sum(), inputs, retain_graph=True, allow_unused=True
        )
        for value in values
    ]
    return values, gradients


# Operations that are flat, to which torch gives a gradient of zeros.
FLAT = ("Ceil", "Floor", "Heaviside", "Round", "Sgn", "Sign", "Trunc")


def unreached(
    function: Callable[..., Any], groups: list[Any]
) -> list[list[int]]:
    """Returns the indices of scalars that do not depend on variables."""
    with random_state_kept(), ScopedValues(), torch.enable_grad():
        scalars = [make() for make in function()]
    leaves = [{id(variable.value) for variable in group} for group in groups]
    return [
        [i for i, one in enumerate(ones) if not mine & _leaves(one)]
        for ones, mine in zip(scalars, leaves, strict=True)
    ]


def _leaves(tensor):
    """Returns the ids of the tensors that a gradient of one flows to."""
    nodes, seen, found = [getattr(tensor, "grad_fn", None)], set(), set()
    while nodes:
        node = nodes.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if node.name().partition("Backward")[0] in FLAT:
            continue
        found.add(id(getattr(node, "variable", None)))
        nodes.extend(following for following, _ in node.next_functions)
    return found


def remembers_computation() -> bool:
    """Whether tensors that exist already can be differentiated."""
    return True


def switch(index: Any, functions: list[Callable[..., Any]]) -> None:
    """Runs one of several functions for what it does to the model's state."""
    functions[int(index)]()


def call_if(predicate: Any, function: Callable[..., Any]) -> Any:
    """Returns what a function returns if a predicate holds, else zero."""
    return function() if bool(predicate) else 0.0


def in_float64(function: Callable[..., Any], *tensors: Any) -> Any:
    """Calls a function on float64 copies of tensors."""
    return function(*(keras.ops.cast(tensor, "float64") for tensor in tensors))


def check_finite(tensor: Any, message: str) -> Any:
    """Returns `tensor`; raises `message` if it is on the CPU and not finite.

    Elsewhere the check would make every step wait for the device.
    """
    if tensor.device.type == "cpu" and not torch.isfinite(tensor).all():
        raise ValueError(message)
    return tensor


class SeedGenerator(keras.random.SeedGenerator):
    """A generator of seeds that differ between processes.

    Keras adds the seed and the number of the draw on torch: seed 1 would draw
    what seed 0 draws, one draw later, and what a layer with the same seed
    draws. Here the seeds lie far apart on the ring of 32 bits.
    """

    def next(self, ordered: bool = True) -> Any:
        first, second = super().next(ordered)
        first = (first.long() + 1) * SEED_STRIDE
        seed = torch.stack([first, second]).to(second.dtype)  # Modulo 2^32.
        return distribution.fold_in_rank(seed)


def without_padding(samples: Any) -> Any:
    """Returns `samples`, which all count."""
    return samples


def sum_over_replicas(value: Any) -> Any:
    """Returns the sum of a tensor over the processes."""
    if distribution.current_share() is None:
        return value
    return distribution.sum_over_processes(value)


def global_gradients(gradients: Any) -> Any:
    """Returns `gradients`, which `compute_gradients` has summed."""
    return gradients


def random_state_kept() -> Any:
    """A block after which torch's global random state is put back.

    Every pass over a `DataLoader`, and so each `predict` and `evaluate`, draws
    from it, and the order in which `fit` shuffles comes from it too.
    """
    return torch.random.fork_rng(devices=[])


def num_replicas() -> int:
    """Returns how many processes there are."""
    return distribution.num_processes()


def unscaled(loss: Any) -> Any:
    """Returns `loss`, which Keras has not divided."""
    return loss


def global_sums(variables: Any) -> Any:
    """Within the block, sums are those over all processes."""
    values = []
    if distribution.is_active():
        values = distribution.global_sums(variables)
    return keras.StatelessScope(values) if values else contextlib.nullcontext()


def divide_by_share(total: Any) -> Any:
    """Turns a sum over this process's samples into a term like a mean.

    Terms are averaged over processes by their share of the samples.
    """
    share = distribution.current_share()
    return total if share is None else total / share
