"""
Title: Killed at random moments, the run ends with the same bits
Description: A GAN with dropout, a gradient penalty and averaged weights is
    killed by SIGKILL at a random moment, started again, and compared with a
    run that was left alone: all variables, by SHA-256, and the history.
Runs in: 3 minutes on two CPU cores; needs a system with `fork`.
"""

import argparse
import hashlib
import json
import os
import pathlib
import random
import signal
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from keras_ganloss.callbacks import Backup
from keras_ganloss.data import ResumableArrays
from keras_ganloss.models import GAN
from keras_ganloss.penalties import R1

EPOCHS = 4
SAVE_FREQ = 3


def make_gan():
    keras.utils.set_random_seed(1)
    generator = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(16, "relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(16, "tanh"),
            keras.layers.Reshape((4, 4, 1)),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            keras.layers.Conv2D(8, 3, padding="same", activation="relu"),
            keras.layers.Dropout(0.3, seed=2),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    gan = GAN(generator, discriminator, seed=3)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.5),
        g_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.5),
        penalties=[R1(1.0)],
        d_steps=2,
        ema=0.99,
    )
    return gan


def digest(gan):
    """Returns one SHA-256 of every variable: networks, averages, optimizers,
    random states."""
    result = hashlib.sha256()
    variables = gan.variables + gan.optimizer.variables
    for variable in variables:
        result.update(keras.ops.convert_to_numpy(variable.value).tobytes())
    return f"{len(variables)} variables, SHA-256 {result.hexdigest()}"


def train(directory, started):
    """Trains, or goes on training; calls `started()` after the first batch."""
    images = np.random.default_rng(0).normal(size=(130, 4, 4, 1))
    data = ResumableArrays(images.astype("float32"), batch_size=8, seed=4)
    gan = make_gan()
    history = gan.fit(
        data,
        epochs=EPOCHS,
        verbose=0,
        callbacks=[
            keras.callbacks.LambdaCallback(
                on_train_batch_end=lambda batch, logs: started()
            ),
            Backup(directory / "backup", save_freq=SAVE_FREQ, data=data),
        ],
    )
    return {"digest": digest(gan), "history": history.history}


def run(directory, delay=None):
    """Runs `train` in a process of its own.

    Args:
        directory: Path of the directory of this run.
        delay: Seconds from the first batch to the kill. Defaults to `None`:
            left alone.

    Returns:
        What `train` returned, or `None` if it was killed, and the seconds
        from the first batch to the end.
    """
    directory.mkdir(exist_ok=True)
    reader, writer = os.pipe()
    # The parent has imported all modules and run no operation, so a fork is
    # safe, and saves a child the seconds that the imports take.
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reader)
            log = os.open(
                directory / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND
            )
            os.dup2(log, 1)
            os.dup2(log, 2)
            pending = [writer]
            result = train(
                directory, lambda: pending and os.close(pending.pop())
            )
            (directory / "result.json").write_text(json.dumps(result))
            code = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
        finally:
            os._exit(code)
    os.close(writer)
    os.read(reader, 1)  # Returns once the child has closed its end.
    os.close(reader)
    begin = time.monotonic()
    if delay is not None:
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    seconds = time.monotonic() - begin
    if os.WIFSIGNALED(status):
        return None, seconds
    if os.WEXITSTATUS(status):
        raise RuntimeError((directory / "log.txt").read_text())
    result = json.loads((directory / "result.json").read_text())
    return result, seconds


def position(directory):
    """Returns where the newest backup is, for the eye."""
    backups = sorted((directory / "backup").glob("backup_*"))
    if not backups:
        return "before the first backup"
    saved = json.loads((backups[-1] / "position.json").read_text())
    return f"saved at epoch {saved['epoch']} batch {saved['batch']}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--kills-per-run", type=int, default=1)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    moments = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as root:
        root = pathlib.Path(root)
        expected, seconds = run(root / "alone")
        print(f"left alone: {expected['digest']}, {seconds:.1f} s of training")
        same = killed = trial = 0
        while killed < arguments.kills:
            directory = root / f"killed_{trial}"
            trial += 1
            here = 0
            result = None
            while result is None:
                last = here == min(
                    arguments.kills_per_run, arguments.kills - killed
                )
                # Later lives have less left to train.
                share = seconds / (1 + 0.5 * here)
                delay = None if last else moments.uniform(0.0, share)
                result, _ = run(directory, delay)
                if result is None:
                    here += 1
                    leftover = list((directory / "backup").glob(".writing*"))
                    print(
                        f"killed after {delay:.3f} s, {position(directory)}"
                        + (", while writing" if leftover else "")
                    )
            killed += here
            if result == expected:
                same += here
            elif here:
                print(f"DIFFERENT: {result['digest']}")
        print(f"{same} of {killed} kills ended in the same bits")
        sys.exit(same != killed)


if __name__ == "__main__":
    main()
