"""
Title: Several machines
Description: `fit` under `MultiWorkerMirroredStrategy`, and after a crash.
Runs in: a minute on two CPU cores; `--smoke` for 40 seconds, as in CI.
"""

import argparse
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile

# TensorFlow says a lot about graphics cards before it begins.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

NUM_WORKERS = 2
BATCH_SIZE = 64

"""
## One program for all

Every machine runs this file. `TF_CONFIG` tells it who the others are and
which one it is; a cluster manager sets it. Without it, the program plays
cluster manager itself and starts two workers on this machine.

The strategy is made before TensorFlow does anything else.
"""


def make_strategy():
    import tensorflow as tf

    if "TF_CONFIG" not in os.environ:
        return tf.distribute.get_strategy()  # One process, one device.
    return tf.distribute.MultiWorkerMirroredStrategy()


def is_chief():
    task = json.loads(os.environ.get("TF_CONFIG", "{}")).get("task", {})
    return task.get("index", 0) == 0


"""
## The game

Points near a circle, each with the direction in which it lies. The generator
does not hear its latents (`Rescaling(0.0)`): every worker draws others, and
the result is to be compared with that of one process.
"""


def make_data(num):
    """Returns points and directions, each of shape `(num, 2)`."""
    random = np.random.default_rng(0)
    angle = random.uniform(0.0, 2.0 * np.pi, size=num)
    directions = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = directions + 0.1 * random.normal(size=(num, 2))
    return points.astype("float32"), directions.astype("float32")


def make_gan():
    import keras
    from keras import layers

    from keras_ganloss import GAN
    from keras_ganloss.penalties import R1

    keras.utils.set_random_seed(0)
    latent, direction = keras.Input((4,)), keras.Input((2,))
    x = layers.Concatenate()([layers.Rescaling(0.0)(latent), direction])
    x = layers.Dense(64, "relu")(x)
    generator = keras.Model([latent, direction], layers.Dense(2)(x))

    point, direction = keras.Input((2,)), keras.Input((2,))
    x = layers.Concatenate()([point, direction])
    x = layers.Dense(64, "relu")(x)
    discriminator = keras.Model([point, direction], layers.Dense(1)(x))

    gan = GAN(generator, discriminator, seed=0)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.5),
        g_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.5),
        penalties=[R1(0.1)],
    )
    return gan


"""
## Training

`batch_size` is that of all workers together. Each worker gets the same arrays
in the same order, and TensorFlow gives it its part of every batch.

The backup is written by the first worker and read by all, from a directory
that all can see. If a worker dies, the others cannot go on: the cluster
manager ends them too and starts all again, and `fit` continues with the epoch
in which they were.
"""


def work(directory, epochs, dies_in=None):
    import keras

    class Die(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == dies_in:
                os._exit(1)  # As if the power had failed.

    strategy = make_strategy()
    with strategy.scope():
        gan = make_gan()
    backup = keras.callbacks.BackupAndRestore(
        directory / "backup",
        save_freq="epoch" if is_chief() else 10**9,
        delete_checkpoint=False,
    )
    points, directions = make_data(9 * BATCH_SIZE + BATCH_SIZE // 2)
    history = gan.fit(
        points,
        directions,
        batch_size=BATCH_SIZE,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[backup, Die()],
    )
    if is_chief():
        print(f"Trained the epochs {[e + 1 for e in history.epoch]}")
        np.savez(directory / "weights.npz", *gan.get_weights())


"""
## A cluster on one machine
"""


def start_workers(directory, epochs, dies_in=None):
    """Starts the workers; the last one may die. Returns the processes."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    addresses = [f"127.0.0.1:{s.getsockname()[1]}" for s in sockets]
    for each in sockets:
        each.close()
    processes = []
    for index in range(NUM_WORKERS):
        config = {
            "cluster": {"worker": addresses},
            "task": {"type": "worker", "index": index},
        }
        command = [sys.executable, __file__, f"--epochs={epochs}"]
        command += ["--directory", str(directory)]
        if dies_in is not None and index == NUM_WORKERS - 1:
            command += [f"--dies-in={dies_in}"]
        environment = {**os.environ, "TF_CONFIG": json.dumps(config)}
        processes.append(subprocess.Popen(command, env=environment))
    return processes


def run_one(directory, epochs):
    """Trains without a cluster, for comparison."""
    directory.mkdir()
    work(directory, epochs)


def play_cluster_manager(directory, epochs):
    print(f"{NUM_WORKERS} workers; one dies in epoch {epochs}.", flush=True)
    *others, last = start_workers(directory, epochs, dies_in=epochs - 1)
    last.wait()
    for process in others:
        process.kill()
        process.wait()
    print("One is dead. All are started again.", flush=True)
    processes = start_workers(directory, epochs)
    if any([process.wait() for process in processes]):
        raise SystemExit("A worker failed.")
    print("One process, for comparison.", flush=True)
    run_one(directory / "one", epochs)
    results = [
        np.load(path / "weights.npz") for path in (directory, directory / "one")
    ]
    difference = max(
        np.abs(results[0][name] - results[1][name]).max()
        for name in results[0].files
    )
    print(f"Largest difference of a weight from one process: {difference:.1e}")
    if difference > 1e-5:
        raise SystemExit("Workers should equal one process.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--directory", type=pathlib.Path)
    parser.add_argument("--dies-in", type=int)
    arguments = parser.parse_args()
    epochs = 2 if arguments.smoke else arguments.epochs
    if "TF_CONFIG" in os.environ:
        work(arguments.directory, epochs, arguments.dies_in)
    else:
        with tempfile.TemporaryDirectory() as directory:
            play_cluster_manager(pathlib.Path(directory), epochs)


if __name__ == "__main__":
    main()
