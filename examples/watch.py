"""
Title: Watching a GAN learn
Description: Pictures, a monitor, a page about the run, and TensorBoard.
Runs in: 5 minutes on a CPU; `--smoke` for half a minute, as in CI.

The losses of a GAN say little, since each depends on the other player. What to
look at instead, and how to have it drawn while `fit` runs.
"""

import argparse
import os
import pathlib

# TensorFlow says a lot about graphics cards before it begins.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from quickstart import NUM_DIGITS
from quickstart import load_digits
from quickstart import make_discriminator
from quickstart import make_generator

from keras_ganloss import GAN
from keras_ganloss.callbacks import GameMonitor
from keras_ganloss.callbacks import LatentGrid
from keras_ganloss.callbacks import NearestFakes
from keras_ganloss.callbacks import NearestReals
from keras_ganloss.callbacks import Report
from keras_ganloss.callbacks import SampleGrid
from keras_ganloss.callbacks import TensorBoard
from keras_ganloss.callbacks import TruncationGrid
from keras_ganloss.metrics import FrechetDistance
from keras_ganloss.penalties import R1

NUM_HELD_OUT = 500
ROWS = 8
DIGITS = np.arange(ROWS)

"""
## The data

As in `quickstart.py`, in random order, with some digits held out: what is
learned shows on these, what is only known by heart does not.
"""


def load_split():
    """Returns images and labels to train on, and held out ones."""
    images, labels = load_digits()
    order = np.random.default_rng(0).permutation(len(images))
    images, labels = images[order], labels[order]
    return (
        (images[NUM_HELD_OUT:], labels[NUM_HELD_OUT:]),
        (images[:NUM_HELD_OUT], labels[:NUM_HELD_OUT]),
    )


"""
## The game

That of `quickstart.py`, and a metric: how far the statistics of generated
digits are from those of the held out ones, in the eyes of a small classifier
that comes with the package. Lower is better.
"""


def make_gan():
    gan = GAN(make_generator(), make_discriminator(), seed=0)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.0, beta_2=0.99),
        g_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.0, beta_2=0.99),
        d_loss="modified_minimax",
        penalties=[R1(0.2)],
        ema=0.995,
        metrics=[FrechetDistance("fashion_and_digits")],
    )
    return gan


"""
## The pictures

Five questions, each a row of answers after every epoch:

* What do the same latents become? (`SampleGrid`)
* Is the way from one latent to another smooth, as it is for a generator that
  has learned rather than memorized? (`LatentGrid`)
* What does truncation give, and take? (`TruncationGrid`)
* Is there something like each held out digit? (`NearestFakes`)
* Are generated digits copies of those trained on? (`NearestReals`)

Each writes its files into a directory of its own, and the page shows them.
Without a directory there is only the page.
"""


def make_pictures(run, real, held_out):
    """Returns picture callbacks; the data are `(images, labels)`."""
    rows = np.repeat(np.arange(NUM_DIGITS), 12)
    _, first = np.unique(held_out[1], return_index=True)
    return [
        SampleGrid(run / "samples", num=len(rows), columns=12, condition=rows),
        LatentGrid(run / "latents", columns=12, condition=DIGITS, every=2),
        TruncationGrid(
            run / "truncation",
            columns=ROWS,
            # Each digit several times, to see them become alike.
            condition=np.repeat([2, 3], ROWS // 2),
            every=2,
        ),
        NearestFakes(
            run / "nearest_fakes",
            held_out[0][first[:ROWS]],
            num=1000,
            condition=np.arange(1000) % NUM_DIGITS,
            every=4,
        ),
        NearestReals(
            run / "nearest_reals",
            real[0],
            num=ROWS,
            condition=DIGITS,
            every=4,
        ),
    ]


"""
## The monitor, the page, TensorBoard

`GameMonitor` names what goes wrong and says what to change. It comes first,
since its numbers are drawn by those behind it. Open `report.html` in a browser,
also while the run goes on; `tensorboard --logdir` shows the histograms.
"""


def make_callbacks(run, real, held_out):
    """Returns the list of callbacks of `fit`."""
    monitor = GameMonitor(
        real=tuple(part[:512] for part in real), held_out=held_out
    )
    pictures = make_pictures(run, real, held_out)
    return [
        monitor,
        *pictures,
        TensorBoard(run / "logs", pictures[:1], data=held_out, every=4),
        Report(run / "report.html", pictures, monitor=monitor),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument(
        "--output", type=pathlib.Path, default=pathlib.Path("output/watch")
    )
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--smoke", action="store_true", help="a few batches")
    arguments = parser.parse_args()

    keras.utils.set_random_seed(0)  # The networks' first weights.
    real, held_out = load_split()
    epochs = arguments.epochs
    if arguments.smoke:
        real, epochs = tuple(part[:640] for part in real), 4

    callbacks = make_callbacks(arguments.output, real, held_out)
    history = make_gan().fit(
        *real,
        batch_size=64,
        epochs=epochs,
        validation_data=held_out,
        callbacks=callbacks,
    )
    for finding in callbacks[0].findings:
        print(f"Epoch {finding.epoch}: {finding.name} ({finding.evidence})")
    accuracy = history.history["val_d_accuracy"][-1]
    distances = history.history["val_frechet_distance"]
    print(
        f"Done: after {epochs} epochs the discriminator scores {accuracy:.3f} "
        f"of the held out digits above the generated ones, and the Fréchet "
        f"distance has gone from {distances[0]:.1f} to {distances[-1]:.1f}. "
        f"The page is {arguments.output}/report.html; for the histograms, run "
        f"tensorboard --logdir {arguments.output}/logs"
    )


if __name__ == "__main__":
    main()
