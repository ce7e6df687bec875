"""Trains games on a mixture in the plane, and prints what they have learned.

Runs are kept in a file, so that a benchmark goes on where it stopped.
"""

import argparse
import pathlib
import time

import games_of_points
import keras
import mixtures
import numpy as np
import runs

from keras_ganloss import GAN

BATCH_SIZE = 256
NUM_SAMPLES = 10_000
# Batches that one call of the compiled loop trains on.
STEPS_PER_EXECUTION = 50


def make(mixture, game, seed, num_steps, width):
    """Returns a compiled game of the list."""
    keras.utils.set_random_seed(seed)
    contestant = games_of_points.ALL[game]
    reach = float(np.abs(mixture.centers).max())
    gan = GAN(
        mixtures.make_generator(width),
        mixtures.make_discriminator(width, reach, **contestant.discriminator),
        seed=seed,
    )
    gan.compile(
        **contestant.settings(num_steps),
        steps_per_execution=STEPS_PER_EXECUTION,
    )
    return gan


def train(mixture, game, seed, num_steps, width):
    """Returns what is known of one run, a dict, and the samples."""
    gan = make(mixture, game, seed, num_steps, width)
    start = time.process_time()
    num_points = num_steps * gan.d_steps * BATCH_SIZE
    gan.fit(
        mixture.draw(num_points, seed),
        batch_size=BATCH_SIZE,
        shuffle=False,  # They are drawn in no order.
        verbose=0,
    )
    spent = time.process_time() - start
    samples = gan.generate(NUM_SAMPLES, seed=seed)
    return {"cpu": spent, **mixture.measure(samples)}, samples


def draw(mixture, samples, path):
    """Writes a picture of the samples around the centers."""
    from matplotlib import figure

    picture = figure.Figure(figsize=(5, 5), layout="constrained")
    axes = picture.subplots()
    axes.scatter(*samples.T, s=1, alpha=0.3)
    axes.scatter(*mixture.centers.T, s=60, facecolors="none", edgecolors="red")
    reach = 1.4 * np.abs(mixture.centers).max()
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    picture.savefig(path, dpi=100)


def row(mixture, game, found):
    """Returns the row of a game in the table."""
    modes = [run["modes"] for run in found]
    num_modes = len(mixture.centers)
    return [
        game,
        len(found),
        runs.mean_and_error(modes, 1),
        f"{sum(count == num_modes for count in modes)} of {len(found)}",
        runs.mean_and_error([run["modes_with_share"] for run in found], 1),
        runs.mean_and_error([run["high_quality"] for run in found]),
        runs.mean_and_error([run["reverse_kl"] for run in found]),
        f"{np.mean([run['cpu'] for run in found]):.0f}",
    ]


def arguments(description, name):
    """Parses what a benchmark is asked."""
    parser = argparse.ArgumentParser(description=description)
    games = list(games_of_points.ALL)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument(
        "--only",
        nargs="+",
        choices=games,
        default=list(games_of_points.COMPARED),
    )
    parser.add_argument(
        "--results", type=pathlib.Path,
        default=pathlib.Path(f"output/quality/{name}.jsonl"),
        help="runs are added to this file, and those in it not repeated",
    )  # fmt: skip
    parser.add_argument(
        "--no-training", action="store_true", help="print the table alone"
    )
    return parser.parse_args()


def print_tables(mixture, options, published):
    """Prints our runs, and the published ones."""
    control = mixture.measure(mixture.draw(NUM_SAMPLES, seed=0))
    print(
        f"{options.steps} steps of the generator, batch {BATCH_SIZE}, width "
        f"{options.width}, {NUM_SAMPLES} samples. The mixture itself: "
        f"high quality {control['high_quality']:.3f}, reverse KL "
        f"{control['reverse_kl']:.4f}.\n"
    )
    rows = []
    for game in options.only:
        found = runs.load(
            options.results, game=game, steps=options.steps, width=options.width
        )
        rows += [row(mixture, game, found)] if found else []
    names = ["game", "seeds", "modes", "all", "modes with a tenth of their due"]
    names += ["high quality", "reverse KL", "CPU s"]
    runs.print_table(names, rows)
    print("\nPublished, with other networks and numbers of steps:\n")
    names = ["method", "modes", "high quality", "reverse KL", "source"]
    runs.print_table(names, published)


def run(description, name, mixture, published):
    """A whole benchmark.

    Args:
        description: The docstring of the script.
        name: The name of its files.
        mixture: A `Mixture`.
        published: Rows of method, modes, high quality, reverse KL, source.
    """
    options = arguments(description, name)
    options.results.parent.mkdir(parents=True, exist_ok=True)
    for seed in range(options.seeds):
        for game in options.only:
            wanted = {
                "game": game, "seed": seed, "steps": options.steps,
                "width": options.width,
            }  # fmt: skip
            if options.no_training or runs.load(options.results, **wanted):
                continue
            found, samples = train(
                mixture, game, seed, options.steps, options.width
            )
            runs.append(options.results, {**wanted, **found})
            game_name = runs.file_name(game)
            picture = f"{name}_{game_name}_{options.steps}_{seed}.png"
            draw(mixture, samples, options.results.parent / picture)
    print_tables(mixture, options, published)
