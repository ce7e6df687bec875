"""Several torch processes that train one model, each on its own data.

The user's script calls `torch.distributed.init_process_group` and gives every
process its part of the data. Nothing here happens otherwise.

After each step every variable is the same in all processes: gradients are
averaged over the global batch, and so is what else a step changes, such as
moving statistics. Random states are the same too; the process's rank is
folded into what is drawn.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import torch
from torch import distributed

# Seeds of several ranks lie far apart on the ring of 32 bits: torch counts
# upwards from a seed. An odd number near the golden section of 2^32.
SEED_STRIDE = 0x9E3779B1

_shares = []  # Of the global batch, this process's; empty outside of a step.


def num_processes() -> int:
    """How many processes train together."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_world_size()
    return 1


def is_active() -> bool:
    """Whether there are several processes."""
    return num_processes() > 1


def current_share() -> Any:
    """This process's share of the global batch, `None` outside of a step."""
    return _shares[-1] if _shares else None


@contextlib.contextmanager
def share_of(data: Any) -> Iterator[None]:
    """Within the block, `current_share` is that of a batch."""
    samples, _, _ = keras.utils.unpack_x_y_sample_weight(data)
    count = float(len(keras.tree.flatten(samples)[0]))
    _shares.append(count / float(sum_over_processes(count)))
    try:
        yield
    finally:
        _shares.pop()


def sum_over_processes(value: Any) -> Any:
    """Returns the sum of a tensor over the processes, differentiable."""
    return _Sum.apply(keras.ops.convert_to_tensor(value, dtype="float32"))


class _Sum(torch.autograd.Function):
    """A sum over processes, of whose gradient every process has a part."""

    @staticmethod
    def forward(context, value):
        del context
        total = value.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(context, gradient):
        del context
        return _Sum.apply(gradient)


def sum_all(tensors: Any) -> Any:
    """Returns the sums of a list of tensors, `None`s included, in one go."""
    present = [tensor for tensor in tensors if tensor is not None]
    if not present:
        return tensors
    flat = torch.cat([tensor.detach().reshape(-1) for tensor in present])
    distributed.all_reduce(flat)
    parts = iter(flat.split([tensor.numel() for tensor in present]))
    return [
        None
        if tensor is None
        else next(parts).reshape(tensor.shape).to(tensor.dtype)
        for tensor in tensors
    ]


def fold_in_rank(seed: Any) -> Any:
    """Returns a seed of the process's own, within a step."""
    if current_share() is None:
        return seed
    first, second = seed.tolist()
    first = (first + distributed.get_rank() * SEED_STRIDE) % 2**32
    first -= 2**32 * (first >= 2**31)  # The bits of an unsigned number.
    return torch.tensor([first, second], dtype=seed.dtype, device=seed.device)


def broadcast(variables: Any) -> None:
    """Gives variables the values they have in the process of rank 0."""
    for variable in variables:
        value = variable.value.detach().clone()
        distributed.broadcast(value, src=0)
        variable.assign(value)


@contextlib.contextmanager
def averaged(variables: Any) -> Iterator[None]:
    """Averages those variables that the block assigns to.

    A frozen weight need not travel, and rounding would change it.
    """
    versions = [variable.value._version for variable in variables]
    yield
    changed = [
        variable
        for variable, version in zip(variables, versions)
        if variable.value._version != version
    ]
    means = sum_all([current_share() * variable.value for variable in changed])
    for variable, mean in zip(changed, means):
        variable.assign(mean)


def global_sums(variables: Any) -> list[Any]:
    """Returns pairs of variables and their sums, for a stateless scope."""
    summed = [v for v in variables if v.aggregation == "sum"]
    return list(zip(summed, sum_all([v.value for v in summed])))


def check_steps(steps: int) -> None:
    """Raises if processes would do different numbers of steps, and wait."""
    steps = torch.tensor(-1 if steps is None else steps)
    steps = keras.ops.convert_to_tensor(steps)
    bounds = torch.stack([steps, -steps])
    distributed.all_reduce(bounds, distributed.ReduceOp.MAX)
    largest, smallest = int(bounds[0]), -int(bounds[1])
    if largest != smallest:
        raise ValueError(
            "Every process must train on the same number of batches an epoch, "
            "or the others wait for it for ever. Give them parts of the data "
            "of the same length, or pass `steps_per_epoch`. Received: "
            f"{int(steps)} batches in this process, from {smallest} to "
            f"{largest} in all"
        )
