"""
Title: Two processes that train one GAN, on torch
Description: `torchrun` starts them, each on its own data; gradients are shared.
Runs in: half a minute on two CPU cores; `--smoke` for a little less, as in CI.

    torchrun --nproc_per_node=2 examples/torch_processes.py
"""

import argparse
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
from keras import layers

from keras_ganloss import GAN
from keras_ganloss.penalties import R1

"""
## The process group

`torchrun` tells each process its rank and where the others are. On graphics
cards choose the card first, `torch.cuda.set_device(int(os.environ[
"LOCAL_RANK"]))`, and "nccl" in place of "gloo". Once the group exists, `fit`
works in it; there is no wrapper around the model.
"""


def join_group():
    """Returns this process's rank and the number of processes."""
    if "RANK" not in os.environ:
        return 0, 1  # Started without `torchrun`.
    torch.distributed.init_process_group("gloo")
    return torch.distributed.get_rank(), torch.distributed.get_world_size()


"""
## The data

Every process trains on a part of its own. All need the same number of batches:
a process that had one more would wait for the others in vain.
"""


def load_ring(num, seed):
    """Returns points `(num, 2)` of a ring of eight heaps."""
    rng = np.random.default_rng(seed)
    angles = 2 * np.pi * rng.integers(8, size=num) / 8
    centers = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return (centers + 0.05 * rng.normal(size=(num, 2))).astype("float32")


"""
## The game

As on one device. First weights need no seed: those of rank 0 are given to all
when `fit` begins. The latents differ, the random state that is saved does not.
"""


def make_gan():
    generator = keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(64, "leaky_relu"),
            layers.Dense(64, "leaky_relu"),
            layers.Dense(2),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(64, "leaky_relu"),
            layers.Dense(64, "leaky_relu"),
            layers.Dense(1),
        ]
    )
    gan = GAN(generator, discriminator, seed=0)
    gan.compile(
        keras.optimizers.Adam(1e-3, beta_1=0.0),
        keras.optimizers.Adam(1e-3, beta_1=0.0),
        penalties=[R1(0.1)],
        ema=0.99,
    )
    return gan


def largest_difference(weights):
    """Returns how far the processes' weights are apart."""
    flat = torch.cat([torch.tensor(weight).reshape(-1) for weight in weights])
    largest, smallest = flat.clone(), flat.clone()
    torch.distributed.all_reduce(largest, torch.distributed.ReduceOp.MAX)
    torch.distributed.all_reduce(smallest, torch.distributed.ReduceOp.MIN)
    return float((largest - smallest).max())


"""
## Training

A global batch of 64 whatever the number of processes. The logs are those of
the global batch in every process, so one is enough to print them and to save.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--smoke", action="store_true", help="ten steps")
    parser.add_argument("--output", help="where rank 0 saves the model")
    arguments = parser.parse_args()
    steps = 10 if arguments.smoke else arguments.steps

    rank, num_processes = join_group()
    batch_size = 64 // num_processes
    gan = make_gan()
    gan.fit(
        load_ring(steps * batch_size, seed=rank),
        batch_size=batch_size,
        verbose=2 if rank == 0 else 0,
    )
    if rank == 0 and arguments.output:
        gan.save(arguments.output)
    if num_processes > 1:
        difference = largest_difference(gan.get_weights())
        if rank == 0:
            print(
                f"After {steps} steps the weights of {num_processes} "
                f"processes are at most {difference:.1e} apart."
            )
        torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main()
