"""The backend contract on PyTorch."""

import keras
import torch


class Trainer:
    """Mix-in: Keras's stateful `train_step` and `test_step`."""

    def train_step(self, data):
        return self.update_players(data)

    def test_step(self, data):
        return self.judge_players(data)


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
    with torch.enable_grad():
        losses, others = function()
        scaled = [scale(loss) for scale, loss in zip(scales, losses)]
    gradients = []
    for index, (loss, group) in enumerate(zip(scaled, variables)):
        found = torch.autograd.grad(
            loss,
            [variable.value for variable in group],
            retain_graph=index + 1 < len(scaled),
            allow_unused=True,
        )
        gradients.append(list(found))
    return _detach(losses), _detach(others), gradients


def _detach(nest):
    return keras.tree.map_structure(
        lambda leaf: leaf.detach() if torch.is_tensor(leaf) else leaf, nest
    )


def apply_gradients(optimizer, gradients, variables):
    """Updates variables, which must not become part of a graph."""
    with torch.no_grad():
        optimizer.apply(gradients, variables)


def value_and_input_gradients(function, inputs):
    """Calls a function and differentiates the sum of its value.

    An input that the function ignores has a gradient of zeros.

    Args:
        function: Returns a value, a tensor or a nest, and anything else.
        inputs: A tensor or a nest of tensors.

    Returns:
        The value, whatever else came, and the gradients as `inputs`.
    """
    twice = torch.is_grad_enabled()  # Not in `evaluate`.

    def watched(leaf):
        # A sample that a generator made stays connected to it.
        return leaf if leaf.requires_grad else leaf.detach().requires_grad_()

    with torch.enable_grad():
        inputs = keras.tree.map_structure(watched, inputs)
        value, others = function(inputs)
        total = sum(leaf.sum() for leaf in keras.tree.flatten(value))
        leaves = keras.tree.flatten(inputs)
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


def cond(predicate, true_function, false_function):
    """Runs one of two functions for what it does to the model's state."""
    true_function() if bool(predicate) else false_function()


def check_finite(tensor, message):
    """Returns `tensor`; raises `message` if it is on the CPU and not finite.

    Elsewhere the check would make every step wait for the device.
    """
    if tensor.device.type == "cpu" and not torch.isfinite(tensor).all():
        raise ValueError(message)
    return tensor
