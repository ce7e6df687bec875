"""One worker of a cluster on this machine; `test_multi_worker.py` starts two.

Usage: multi_worker.py INDEX PORT,PORT DIRECTORY [EPOCH_TO_DIE_IN]
"""
# ruff: noqa: E402  The cluster is told before TensorFlow starts.

import json
import os
import pathlib
import signal
import sys

INDEX = int(sys.argv[1])
PORTS = sys.argv[2].split(",")
DIRECTORY = pathlib.Path(sys.argv[3])
DIES_IN = int(sys.argv[4]) if len(sys.argv) > 4 else None

os.environ["TF_CONFIG"] = json.dumps(
    {
        "cluster": {"worker": [f"127.0.0.1:{port}" for port in PORTS]},
        "task": {"type": "worker", "index": INDEX},
    }
)

import tensorflow as tf

# Before anything else runs on TensorFlow.
STRATEGY = tf.distribute.MultiWorkerMirroredStrategy()

import keras
import numpy as np
from games import adam
from games import data
from games import game
from games import train
from games import values


class Dies(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == DIES_IN:
            os.kill(os.getpid(), signal.SIGKILL)


def main():
    gan = game(STRATEGY, adam, d_steps=2, ema=0.9)
    chief = INDEX == 0
    backup = keras.callbacks.BackupAndRestore(
        DIRECTORY / "backup",
        # The chief writes; the others only read what it wrote.
        save_freq="epoch" if chief else 10**9,
        delete_checkpoint=False,
    )
    history = train(gan, epochs=2, callbacks=[backup, Dies()])
    samples, conditions = data(21)
    results = gan.evaluate(
        samples, conditions, batch_size=8, verbose=0, return_dict=True
    )
    generated = gan.generate(7, conditions[:7], seed=1, batch_size=4)
    (DIRECTORY / f"worker_{INDEX}.json").write_text(
        json.dumps({"history": history, "evaluate": results})
    )
    np.savez(DIRECTORY / f"worker_{INDEX}.npz", generated, *values(gan))


main()
