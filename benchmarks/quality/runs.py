"""Runs of a benchmark: their budget, their record, their table."""

import argparse
import json
import math
import pathlib
import re
import time

import keras
import numpy as np


class CpuBudget(keras.callbacks.Callback):
    """Stops `fit` when the process has spent its CPU seconds.

    Args:
        seconds: Float.
    """

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds
        self.start = time.process_time()
        self.steps = 0

    @property
    def spent(self):
        """CPU seconds since it was made."""
        return time.process_time() - self.start

    def on_train_batch_end(self, batch, logs=None):
        self.steps = batch + 1
        if self.spent > self.seconds:
            self.model.stop_training = True


def fit_within(make, dataset, seconds, at_once=16):
    """Trains a game until its CPU seconds are spent.

    A twin of the game is trained for a moment to learn how many steps the
    budget will allow, which schedules have to know. It is paid for from the
    budget, as is what TensorFlow does before the first step.

    Args:
        make: Function of the number of steps that returns a compiled game,
            whose `fit` runs `at_once` steps at once.
        dataset: Endless `tf.data.Dataset` of batches.
        seconds: Float, CPU seconds.
        at_once: Int, the `steps_per_execution` of the game.

    Returns:
        The game, and its `CpuBudget`, which knows what was spent.
    """
    budget = CpuBudget(seconds)
    twin = make(1000)
    twin.fit(dataset, steps_per_epoch=at_once, verbose=0)
    before_first = budget.spent
    pace = CpuBudget(0.02 * seconds)
    twin.fit(dataset, steps_per_epoch=10**9, callbacks=[pace], verbose=0)
    left = max(seconds - budget.spent - before_first, 1.0)
    # A little less than there is time for: a schedule that has ended stands
    # still, one that is cut off is not finished.
    game = make(max(1, int(0.97 * left * pace.steps / pace.spent)))
    game.fit(dataset, steps_per_epoch=10**9, callbacks=[budget], verbose=0)
    return game, budget


def append(path, run):
    """Adds a run, a flat dict, to a file of one JSON object a line."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps(run) + "\n")


def load(path, **wanted):
    """Returns the runs of a file whose entries are those wanted."""
    path = pathlib.Path(path)
    lines = path.read_text().splitlines() if path.exists() else []
    runs = [json.loads(line) for line in lines]
    return [run for run in runs if wanted.items() <= run.items()]


def arguments(description, results, games, seeds, cpu_minutes, changes):
    """Parses what the benchmarks are asked.

    Args:
        description: The docstring of the script.
        results: Default path of the file of runs.
        games: List of names, all of which are run if nobody asks for others.
        seeds, cpu_minutes: Defaults.
        changes: List of names that are run only if asked for.
    """
    parser = argparse.ArgumentParser(
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=seeds)
    parser.add_argument("--cpu-minutes", type=float, default=cpu_minutes)
    parser.add_argument(
        "--only", nargs="+", choices=[*games, *changes], default=games
    )
    parser.add_argument(
        "--results", type=pathlib.Path, default=pathlib.Path(results),
        help="runs are added to this file, and those in it not repeated",
    )  # fmt: skip
    parser.add_argument(
        "--no-training", action="store_true", help="print the table alone"
    )
    return parser.parse_args()


def missing(options):
    """Yields the pairs of game and seed that are not in the file yet."""
    for seed in range(options.seeds):
        for game in options.only:
            wanted = {
                "game": game, "seed": seed, "cpu_minutes": options.cpu_minutes
            }  # fmt: skip
            if not options.no_training and not load(options.results, **wanted):
                yield wanted


def file_name(game):
    """Returns a game's name without what a path does not like."""
    return re.sub(r"\W+", "_", game).strip("_").lower()


def save_grid(path, images, columns=16):
    """Writes images, in [0, 1], side by side into one file."""
    num, height, width, channels = images.shape
    grid = images.reshape(-1, columns, height, width, channels)
    grid = grid.transpose(0, 2, 1, 3, 4)
    grid = grid.reshape(num // columns * height, columns * width, channels)
    pixels = np.clip(255.0 * grid + 0.5, 0.0, 255.0).astype("uint8")
    keras.utils.save_img(path, pixels, scale=False)


def mean_and_error(values, digits=3):
    """Returns "mean ± standard error" in words."""
    mean = f"{np.mean(values):.{digits}f}"
    if len(values) < 2:
        return mean
    error = np.std(values, ddof=1) / math.sqrt(len(values))
    return f"{mean} ± {error:.{digits}f}"


def print_table(names, rows):
    """Prints rows of strings as a Markdown table."""
    print("| " + " | ".join(names) + " |")
    print("|---" * len(names) + "|")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |", flush=True)
