"""
Title: Two processes against one
Description: Steps a second of two torch processes (gloo), of two JAX processes
    (gloo) and of two TensorFlow workers, each pinned to one core and each with
    its own batch of 64, as a share of twice those of one pinned process. And
    how far the weights of the two are apart.
Runs in: some minutes on two CPU cores, which should have nothing else to do.
"""

import argparse
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

BATCH_SIZE = 64  # Of a process.
NUM = {"torch": 12, "tensorflow": 12, "jax": 3}  # Batches a round.
TITLES = {"torch": "torch", "tensorflow": "TensorFlow", "jax": "JAX"}


def pin(rank):
    """Keeps this process, and its threads to come, on one core."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, [cores[rank % len(cores)]])
    os.environ["OMP_NUM_THREADS"] = "1"


def join_torch(rank, num_processes, ports):
    import torch

    torch.set_num_threads(1)
    if num_processes > 1:
        torch.distributed.init_process_group(
            "gloo",
            init_method=f"tcp://127.0.0.1:{ports[0]}",
            rank=rank,
            world_size=num_processes,
        )


def join_jax(rank, num_processes, ports):
    import jax
    import keras

    if num_processes > 1:
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        keras.distribution.initialize(
            f"127.0.0.1:{ports[0]}", num_processes, rank
        )
        keras.distribution.set_distribution(
            keras.distribution.DataParallel(auto_shard_dataset=False)
        )


def join_tensorflow(rank, num_processes, ports):
    import tensorflow as tf

    if num_processes == 1:
        return None
    workers = [f"127.0.0.1:{port}" for port in ports]
    os.environ["TF_CONFIG"] = json.dumps(
        {
            "cluster": {"worker": workers},
            "task": {"type": "worker", "index": rank},
        }
    )
    return tf.distribute.MultiWorkerMirroredStrategy()


JOIN = {"torch": join_torch, "jax": join_jax, "tensorflow": join_tensorflow}


def work(name, rounds, rank, num_processes, ports):
    """Trains in one process; prints its rounds and its weights' sums."""
    backend = os.environ["KERAS_BACKEND"]
    pin(rank)
    strategy = JOIN[backend](rank, num_processes, ports)

    import games
    import keras
    import numpy as np

    # TensorFlow cuts the global batch itself, the others get their part.
    parts = num_processes if strategy is not None else 1
    num = NUM[backend] * (20 if name == "mlp" else 1)
    shape = (num * BATCH_SIZE * parts, *games.sample_shape(name))
    seed = 0 if strategy is not None else rank
    data = np.random.default_rng(seed).uniform(-1, 1, shape).astype("float32")
    keras.utils.set_random_seed(0)
    if strategy is None:
        gan = games.make_gan(name)
    else:
        with strategy.scope():
            gan = games.make_gan(name)

    def run():
        gan.fit(data, batch_size=BATCH_SIZE * parts, shuffle=False, verbose=0)

    run()  # Compilation.
    wall, cpu = [], []
    for _ in range(rounds):
        began = time.perf_counter(), time.process_time()
        run()
        wall.append((time.perf_counter() - began[0]) / num)
        cpu.append((time.process_time() - began[1]) / num)
    weights = np.concatenate([w.reshape(-1) for w in gan.get_weights()])
    np.save(f"{os.environ['SCALING_RESULTS']}_{rank}.npy", weights)
    print(json.dumps({"wall": wall, "cpu": cpu}), flush=True)


def start(backend, name, rounds, num_processes, directory):
    """Runs one or two processes; returns their times, and how far apart."""
    import numpy as np

    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [str(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    results = os.path.join(directory, f"{backend}_{num_processes}")
    processes = [
        subprocess.Popen(
            [
                *(sys.executable, __file__, "--net", name),
                *("--rounds", str(rounds), "--rank", str(rank)),
                *("--processes", str(num_processes), "--ports", *ports),
            ],
            env={
                **os.environ,
                "KERAS_BACKEND": backend,
                "OMP_NUM_THREADS": "1",
                "SCALING_RESULTS": results,
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(num_processes)
    ]
    outputs = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise SystemExit(f"A process on {backend} failed.")
    weights = [
        np.load(f"{results}_{rank}.npy") for rank in range(num_processes)
    ]
    apart = np.abs(weights[0] - weights[-1]).max()
    return [json.loads(text.splitlines()[-1]) for text in outputs], apart


def report(backend, name, rounds, directory):
    """Prints a row: milliseconds a step, and the efficiency."""
    (one,), _ = start(backend, name, rounds, 1, directory)
    two, apart = start(backend, name, rounds, 2, directory)
    row = [TITLES[backend], name]
    row += [f"{1e3 * statistics.median(t['wall']):.1f}" for t in (one, two[0])]
    for kind, average in (
        ("wall", statistics.median),
        ("cpu", statistics.median),
        ("wall", min),
    ):
        row += [f"{average(one[kind]) / average(two[0][kind]):.2f}"]
    row += [f"{apart:.1e}"]
    print("| " + " | ".join(row) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--net", default="dcgan")
    parser.add_argument("--backends", nargs="+", default=list(NUM))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--rank", type=int, help="of a process to be")
    parser.add_argument("--processes", type=int)
    parser.add_argument("--ports", nargs="+")
    options = parser.parse_args()
    if options.rank is not None:
        work(
            options.net,
            options.rounds,
            options.rank,
            options.processes,
            options.ports,
        )
        return
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} CPU cores, one "
        f"a process. Batch {BATCH_SIZE} a process, {options.rounds} rounds; "
        "wall milliseconds a step; efficiency: what one process needs over "
        "what two need for twice the samples.\n"
    )
    names = ["backend", "net", "one process", "two processes", "efficiency"]
    names += ["by CPU time", "least by least", "weights apart"]
    print("| " + " | ".join(names) + " |")
    print("|---" * len(names) + "|", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        for backend in options.backends:
            report(backend, options.net, options.rounds, directory)


if __name__ == "__main__":
    main()
