"""
Title: Cost of a training step
Description: CPU seconds, wall time and peak memory a step of `GAN.fit`,
    beside a class written as keras.io's examples are and a hand-written
    `tf.function` loop of the same math, interleaved in one process.
Runs in: 15 minutes on two CPU cores; `--nets mlp --rounds 3` for one net.
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
import nets
import numpy as np
import tensorflow as tf

import keras_ganloss
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import R2
from keras_ganloss.penalties import GradientPenalty

BATCH_SIZE = 64
D_STEPS = 3  # Of WGAN-GP, as in the keras.io example.
NETS = {"mlp": 6400, "dcgan": 48, "wgan_gp": 24, "dcgan_r1_r2": 48}
CONTESTANTS = ("ours", "keras_io", "hand_written")


def make_dataset(name):
    """Returns an endless `tf.data.Dataset` of random batches."""
    shape = (2,) if name == "mlp" else (28, 28, 1)
    samples = np.random.default_rng(0).uniform(-1, 1, (2048, *shape))
    dataset = tf.data.Dataset.from_tensor_slices(samples.astype("float32"))
    return dataset.batch(BATCH_SIZE, drop_remainder=True).cache().repeat()


def make_networks(name):
    return getattr(nets, name.removesuffix("_r1_r2"))()


def optimizers():
    return [keras.optimizers.Adam(2e-4, beta_1=0.5) for _ in range(2)]


def ours(name, dataset, num, spe):
    gan = keras_ganloss.GAN(*make_networks(name), seed=0)
    options = {
        "wgan_gp": {
            "d_loss": "wasserstein",
            "penalties": [GradientPenalty(10.0)],
            "d_steps": D_STEPS,
        },
        "dcgan_r1_r2": {"penalties": [R1(1.0), R2(1.0)]},
    }
    gan.compile(*optimizers(), steps_per_execution=spe, **options.get(name, {}))
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


MAKERS = dict(zip(CONTESTANTS, (ours, keras_io, by_hand)))


def measure(name, rounds, spe, factor):
    """Returns CPU and wall milliseconds a step, lists over the rounds."""
    num = max(D_STEPS, int(NETS[name] * factor) // D_STEPS * D_STEPS)
    if spe > 1:
        num = num // spe * spe
    dataset = make_dataset(name)
    runs = {key: MAKERS[key](name, dataset, num, spe) for key in CONTESTANTS}
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


def peak_memory(name, policy, spe):
    """Returns the peak resident memory of each contestant, in MB."""
    peaks = {}
    for key in CONTESTANTS:
        command = [sys.executable, __file__, "--only", key, "--nets", name]
        command += ["--policies", policy, "--spe", str(spe)]
        output = subprocess.run(
            command, check=True, capture_output=True, text=True
        )
        peaks[key] = float(output.stdout.split()[-1])
    return peaks


def run_only(key, name, spe):
    """Trains one contestant alone and prints its peak memory in MB."""
    num = max(spe, 24)
    run = MAKERS[key](name, make_dataset(name), num, spe)
    run()
    run()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def report(name, policy, times, peaks):
    cpu = {key: statistics.median(times[key][0]) for key in CONTESTANTS}
    wall = {key: statistics.median(times[key][1]) for key in CONTESTANTS}
    ratio = {
        key: statistics.median(
            a / b for a, b in zip(times["ours"][0], times[key][0])
        )
        for key in CONTESTANTS[1:]
    }
    row = [name, policy]
    row += [f"{cpu[key]:.2f}" for key in CONTESTANTS]
    row += [f"{wall[key]:.2f}" for key in CONTESTANTS]
    row += [f"{ratio[key]:.2f}" for key in CONTESTANTS[1:]]
    row += [f"{peaks[key]:.0f}" if peaks else "-" for key in CONTESTANTS]
    print("| " + " | ".join(row) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nets", nargs="+", default=list(NETS))
    parser.add_argument(
        "--policies", nargs="+", default=["float32", "mixed_bfloat16"]
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--factor", type=float, default=1.0)
    parser.add_argument("--spe", type=int, help="steps_per_execution")
    parser.add_argument("--no-memory", action="store_true")
    parser.add_argument("--only", choices=CONTESTANTS)
    options = parser.parse_args()
    if not options.only:
        print(
            f"Python {platform.python_version()}, TensorFlow {tf.__version__}, "
            f"Keras {keras.__version__}, {os.cpu_count()} CPU cores, batch "
            f"{BATCH_SIZE}, medians of {options.rounds} interleaved rounds; "
            "milliseconds a discriminator update; ratios ours / theirs of "
            "CPU time, round by round; peak memory in MB\n"
        )
        names = [
            f"{kind} {key}" for kind in ("CPU", "wall") for key in CONTESTANTS
        ]
        names += [f"ours / {key}" for key in CONTESTANTS[1:]]
        names += [f"MB {key}" for key in CONTESTANTS]
        print("| net | policy | " + " | ".join(names) + " |")
        print("|---" * (len(names) + 2) + "|", flush=True)
    for name in options.nets:
        for policy in options.policies:
            keras.config.set_dtype_policy(policy)
            spe = options.spe or (32 if name == "mlp" else 1)
            if options.only:
                run_only(options.only, name, spe)
                continue
            times = measure(name, options.rounds, spe, options.factor)
            peaks = {}
            if not options.no_memory:
                peaks = peak_memory(name, policy, spe)
            report(name, policy, times, peaks)


if __name__ == "__main__":
    main()
