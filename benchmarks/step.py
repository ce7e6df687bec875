"""
Title: Cost of a training step
Description: CPU seconds, wall time and peak memory a step of `GAN.fit`,
    beside a class written as keras.io's examples are and a hand-written
    `tf.function` loop of the same math, interleaved in one process.
Runs in: half an hour on two CPU cores; `--nets mlp --rounds 3` for less.
"""

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import hand_written
import keras
import keras_io_style
import numpy as np
import tensorflow as tf
from games import BATCH_SIZE
from games import D_STEPS
from games import make_gan
from games import make_networks
from games import optimizers
from games import sample_shape

NETS = {"mlp": 3200, "dcgan": 12, "wgan_gp": 12, "dcgan_r1_r2": 12}
WHO = ("ours", "keras_io", "hand_written")
SPE = {"mlp": 32}  # steps_per_execution, 1 for the others.
POLICIES = ("float32", "mixed_bfloat16")


def make_dataset(name):
    """Returns an endless `tf.data.Dataset` of random batches."""
    shape = (2048, *sample_shape(name))
    samples = np.random.default_rng(0).uniform(-1, 1, shape)
    dataset = tf.data.Dataset.from_tensor_slices(samples.astype("float32"))
    return dataset.batch(BATCH_SIZE, drop_remainder=True).cache().repeat()


def ours(name, dataset, num, spe):
    gan = make_gan(name, steps_per_execution=spe)
    return lambda: gan.fit(dataset, steps_per_epoch=num, verbose=0)


def keras_io(name, dataset, num, spe):
    style = keras_io_style
    if name == "wgan_gp":
        model = style.KerasIoWGAN(*make_networks(name))
        num //= D_STEPS  # Its step has as many critic updates.
    else:
        penalties = (style.r1, style.r2) if name == "dcgan_r1_r2" else ()
        model = style.KerasIoGAN(*make_networks(name), penalties)
    model.compile(*optimizers(), steps_per_execution=spe)
    return lambda: model.fit(dataset, steps_per_epoch=num, verbose=0)


def by_hand(name, dataset, num, spe):
    del spe
    networks = make_networks(name)
    if name == "wgan_gp":
        step = hand_written.wgan_step(*networks, *optimizers(), D_STEPS)
        num //= D_STEPS
    else:
        weight = 1.0 if name == "dcgan_r1_r2" else 0.0
        step = hand_written.logistic_step(*networks, *optimizers(), weight)
    run = hand_written.loop(step)
    iterator = iter(dataset)
    count = tf.constant(num)
    return lambda: run(iterator, count)


MAKERS = dict(zip(WHO, (ours, keras_io, by_hand)))


def make(key, name, dataset, num, spe):
    """Returns the function that trains one contestant for `num` steps."""
    who, policy = key
    keras.config.set_dtype_policy(policy)
    return MAKERS[who](name, dataset, num, spe)


def measure(name, rounds, spe, keys):
    """Returns CPU and wall milliseconds a step, lists over the rounds."""
    dataset = make_dataset(name)
    num = NETS[name]
    runs = {key: make(key, name, dataset, num, spe) for key in keys}
    for run in runs.values():
        run()  # Tracing, and the first touch of the memory.
    times = {key: ([], []) for key in runs}
    for _ in range(rounds):
        for key, run in runs.items():
            cpu, wall = time.process_time(), time.perf_counter()
            run()
            times[key][0].append((time.process_time() - cpu) / num * 1e3)
            times[key][1].append((time.perf_counter() - wall) / num * 1e3)
    return times


def peak_memory(name, key):
    """Returns the peak resident memory of a contestant alone, in MB."""
    command = [sys.executable, __file__, "--only", *key, "--nets", name]
    output = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(output.stdout.split()[-1])


def run_only(key, name, spe):
    """Trains one contestant alone and prints its peak memory in MB."""
    num = max(spe, 24)
    run = make(key, name, make_dataset(name), num, spe)
    run()
    run()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def report(name, times, peaks):
    """Prints a row a contestant; ratios are taken round by round."""

    def ratio(key, other, kind):
        pairs = zip(times[key][kind], times[other][kind])
        return f"{statistics.median(a / b for a, b in pairs):.2f}"

    for key in times:
        who, policy = key
        row = [name, policy, who]
        row += [f"{statistics.median(times[key][kind]):.2f}" for kind in (0, 1)]
        row += [ratio(key, ("keras_io", "float32"), 0)]
        row += [ratio(key, (other, policy), 0) for other in WHO[1:]]
        row += [f"{peaks[key]:.0f}" if peaks else "-"]
        print("| " + " | ".join(row) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nets", nargs="+", default=list(NETS))
    parser.add_argument("--policies", nargs="+", default=POLICIES)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-memory", action="store_true")
    parser.add_argument("--only", nargs=2, metavar=("WHO", "POLICY"))
    options = parser.parse_args()
    if options.only:
        name = options.nets[0]
        run_only(tuple(options.only), name, SPE.get(name, 1))
        return
    print(
        f"Python {platform.python_version()}, TensorFlow {tf.__version__}, "
        f"Keras {keras.__version__}, {os.cpu_count()} CPU cores. Batch "
        f"{BATCH_SIZE}, medians of {options.rounds} interleaved rounds, "
        "milliseconds a discriminator update; ratios of CPU time; peak "
        "memory in MB, each alone in a process.\n"
    )
    names = ["net", "policy", "who", "CPU ms", "wall ms"]
    names += ["/ keras_io float32", "/ keras_io", "/ hand_written", "MB"]
    print("| " + " | ".join(names) + " |")
    print("|---" * len(names) + "|", flush=True)
    for name in options.nets:
        keys = [(who, policy) for policy in options.policies for who in WHO]
        times = measure(name, options.rounds, SPE.get(name, 1), keys)
        peaks = {}
        if not options.no_memory:
            peaks = {key: peak_memory(name, key) for key in keys}
        report(name, times, peaks)


if __name__ == "__main__":
    main()
