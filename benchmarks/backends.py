"""
Title: Cost of a training step on each backend
Description: CPU seconds a step of `GAN.fit` on TensorFlow, JAX and torch, each
    beside a loop by hand of the same math, interleaved in one process a
    backend.
Runs in: a quarter of an hour on two CPU cores; `--nets dcgan` for less.
"""

import argparse
import functools
import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

BACKENDS = ("tensorflow", "torch", "jax")
NUM = {"mlp": 320, "dcgan": 12, "wgan_gp": 12}  # Batches a round.
if os.environ.get("KERAS_BACKEND") == "jax":  # Its convolutions are slow.
    NUM.update(dcgan=3, wgan_gp=3)
TITLES = {
    "tensorflow": "TensorFlow",
    "torch": "torch",
    "jax": "JAX",
    "by_hand": "by hand",
    "channels_first": "by hand, `torch.nn` channels first",
}


def samples(name):
    """Returns float32 samples of all batches of a round."""
    import games
    import numpy as np

    shape = (NUM[name], games.BATCH_SIZE, *games.sample_shape(name))
    return np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")


def ours(name):
    """`GAN.fit` on arrays."""
    import games

    gan = games.make_gan(name)
    batches = samples(name)
    data = batches.reshape(-1, *batches.shape[2:])
    return lambda: gan.fit(
        data, batch_size=games.BATCH_SIZE, shuffle=False, verbose=0
    )


def on_tensorflow(name):
    """Returns the contestants of `step.py`."""
    import step

    dataset = step.make_dataset(name)
    spe = step.SPE.get(name, 1)
    return {
        "ours": step.ours(name, dataset, NUM[name], spe),
        "by_hand": step.by_hand(name, dataset, NUM[name], spe),
    }


def on_torch(name):
    import games
    import hand_written_torch
    import nets_torch
    import torch

    latent_dim = 2 if name == "mlp" else 128

    def by_hand(networks, batches, **kwargs):
        optimizers = [hand_written_torch.adam(network) for network in networks]
        functions = [functools.partial(n, **kwargs) for n in networks]
        if name == "wgan_gp":
            step = hand_written_torch.wgan_step(
                *functions, optimizers, latent_dim, games.D_STEPS
            )
        else:
            step = hand_written_torch.logistic_step(
                *functions, optimizers, latent_dim
            )

        def run():
            for batch in batches:
                step(batch)

        return run

    batches = torch.from_numpy(samples(name))
    first = batches if name == "mlp" else batches.movedim(-1, 2).contiguous()
    return {
        "ours": ours(name),
        "by_hand": by_hand(games.make_networks(name), batches, training=True),
        "channels_first": by_hand(getattr(nets_torch, name)(), first),
    }


def on_jax(name):
    import games
    import hand_written_jax

    networks = games.make_networks(name)
    if name == "wgan_gp":
        run = hand_written_jax.wgan_step(*networks, games.D_STEPS)
    else:
        run = hand_written_jax.logistic_step(*networks)
    return {
        "ours": ours(name),
        "by_hand": functools.partial(run, samples(name)),
    }


MAKERS = {"tensorflow": on_tensorflow, "torch": on_torch, "jax": on_jax}


def measure(name, rounds):
    """Returns CPU and wall milliseconds a batch, lists over the rounds."""
    runs = MAKERS[os.environ["KERAS_BACKEND"]](name)
    for run in runs.values():
        run()  # Compilation, and the first touch of the memory.
        run()
    times = {who: ([], []) for who in runs}
    for _ in range(rounds):
        for who, run in runs.items():
            cpu, wall = time.process_time(), time.perf_counter()
            run()
            times[who][0].append((time.process_time() - cpu) / NUM[name] * 1e3)
            times[who][1].append((time.perf_counter() - wall) / NUM[name] * 1e3)
    return times


def report(name, times):
    """Prints a row a contestant; ratios are taken round by round."""
    for who, (cpu, wall) in times.items():
        ratios = [a / b for a, b in zip(times["ours"][0], cpu)]
        backend = TITLES[os.environ["KERAS_BACKEND"]]
        row = [name, backend, TITLES.get(who, "`GAN.fit`")]
        row += [f"{statistics.median(cpu):.2f}", f"{min(cpu):.2f}"]
        row += [f"{statistics.median(wall):.2f}"]
        row += [f"{statistics.median(ratios):.2f}"]
        row += [f"{min(times['ours'][0]) / min(cpu):.2f}"]
        print("| " + " | ".join(row) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nets", nargs="+", default=list(NUM))
    parser.add_argument("--backends", nargs="+", default=BACKENDS)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", help="net to measure on KERAS_BACKEND")
    options = parser.parse_args()
    if options.only:
        report(options.only, measure(options.only, options.rounds))
        return
    versions = ", ".join(
        f"{package} {importlib.metadata.version(package)}"
        for package in ("keras", *options.backends)
    )
    print(
        f"Python {platform.python_version()}, {versions}, {os.cpu_count()} "
        f"CPU cores. Batch 64, {options.rounds} interleaved rounds; "
        "milliseconds a discriminator update, median and least; `GAN.fit` "
        "over each row, by CPU time, median of the rounds and least by "
        "least.\n"
    )
    names = ["net", "backend", "who", "CPU ms", "least", "wall ms"]
    names += ["`GAN.fit` /", "least /"]
    print("| " + " | ".join(names) + " |")
    print("|---" * len(names) + "|", flush=True)
    for name in options.nets:
        for backend in options.backends:
            command = [sys.executable, __file__, "--only", name]
            subprocess.run(
                [*command, "--rounds", str(options.rounds)],
                env={**os.environ, "KERAS_BACKEND": backend},
                check=True,
            )


if __name__ == "__main__":
    main()
