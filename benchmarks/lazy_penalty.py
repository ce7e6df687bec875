"""
Title: Cost of a lazy penalty
Description: CPU seconds a step of WGAN-GP with the gradient penalty at every
    step and with `Every(penalty, steps)`, interleaved in one process.
Runs in: three minutes on two CPU cores; `--rounds 3` for less.
"""

import argparse
import os
import platform
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import nets
import numpy as np
from games import BATCH_SIZE
from games import D_STEPS
from games import optimizers

import keras_ganloss
from keras_ganloss.penalties import Every
from keras_ganloss.penalties import GradientPenalty


def make_run(penalty, samples, d_steps):
    """Returns a function that trains a game for one pass over samples."""
    gan = keras_ganloss.GAN(*nets.wgan_gp(), seed=0)
    gan.compile(
        *optimizers(),
        d_loss="wasserstein",
        penalties=[penalty],
        d_steps=d_steps,
    )
    return lambda: gan.fit(samples, batch_size=BATCH_SIZE, verbose=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--d-steps", type=int, default=D_STEPS)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batches", type=int, default=12)
    options = parser.parse_args()
    if options.batches % options.steps:
        parser.error("`--batches` must be a multiple of `--steps`.")
    shape = (options.batches * BATCH_SIZE, 28, 28, 1)
    samples = np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")
    penalty = GradientPenalty(10.0)
    runs = {
        "each step": make_run(penalty, samples, options.d_steps),
        f"every {options.steps}": make_run(
            Every(penalty, options.steps), samples, options.d_steps
        ),
    }
    for run in runs.values():
        run()  # Compiling, and the first touch of the memory.
    times = {name: [] for name in runs}
    for _ in range(options.rounds):
        for name, run in runs.items():
            start = time.process_time()
            run()
            seconds = time.process_time() - start
            times[name].append(seconds / options.batches * 1e3)
    print(
        f"Python {platform.python_version()}, Keras {keras.__version__} on "
        f"{keras.backend.backend()}, {os.cpu_count()} CPU cores. WGAN-GP "
        f"nets, batch {BATCH_SIZE}, the generator plays every "
        f"{options.d_steps}. step, medians of "
        f"{options.rounds} interleaved rounds of {options.batches} steps."
    )
    for name, values in times.items():
        print(f"{name}: {statistics.median(values):.1f} CPU ms a step")
    each, lazy = times.values()
    ratios = [one / other for one, other in zip(lazy, each)]
    print(
        f"ratio: {statistics.median(ratios):.3f} "
        f"(from {min(ratios):.3f} to {max(ratios):.3f})"
    )


if __name__ == "__main__":
    main()
