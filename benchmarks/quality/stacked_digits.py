"""
Title: A thousand modes
Description: Three real digits in the channels of one image, a thousand
    combinations: how many does a generator make, and how evenly?
Runs in: `--cpu-minutes` for each of `--seeds` and each game.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import datasets
import games_of_images
import keras
import numpy as np
import runs
from keras import layers
from sklearn.neighbors import NearestNeighbors
from sklearn.svm import SVC

from keras_ganloss import GAN

BATCH_SIZE = 128
LATENT_SIZE = 64
NUM_SAMPLES = 26_000
NUM_MODES = 1000
NUM_TRAINING = 1297  # Digits that the classifier learns from.


class Judge:
    """Says which digits an image shows, and whether they look like digits.

    The classifier is independent of the games, and is tested on digits of
    writers that it has not seen. It says some digit of anything; so a
    generated channel is also compared with the real digits: its nearest one
    is as near as in 99 of 100 real digits, or it is off.
    """

    def __init__(self):
        images, labels = datasets.digits()
        flat = images.reshape(len(images), -1)
        self.classifier = SVC(C=5.0, gamma=0.064)
        self.classifier.fit(flat[:NUM_TRAINING], labels[:NUM_TRAINING])
        self.accuracy = self.classifier.score(
            flat[NUM_TRAINING:], labels[NUM_TRAINING:]
        )
        self.neighbors = NearestNeighbors(n_neighbors=2).fit(flat)
        apart = self.neighbors.kneighbors(flat)[0][:, 1]
        self.limit = np.quantile(apart, 0.99)

    def __call__(self, images):
        """Returns a dict of what is measured on images `(num, 8, 8, 3)`."""
        flat = np.moveaxis(images, -1, 1).reshape(-1, 64)
        near = self.neighbors.kneighbors(flat, 1)[0] <= self.limit
        names = self.classifier.predict(flat).reshape(-1, 3) @ [100, 10, 1]
        share = np.bincount(names, minlength=NUM_MODES) / len(names)
        seen = share[share > 0]
        return {
            "modes": int(len(seen)),
            "divergence": float(np.sum(seen * np.log(seen * NUM_MODES))),
            "near": float(near.mean()),
        }


def make_generator(width=256):
    return keras.Sequential(
        [
            keras.Input((LATENT_SIZE,)),
            layers.Dense(width, activation="leaky_relu"),
            layers.Dense(width, activation="leaky_relu"),
            layers.Dense(8 * 8 * 3, activation="tanh"),
            layers.Reshape((8, 8, 3)),
        ]
    )


def make_discriminator(width=256, num_images=1):
    network = keras.Sequential([keras.Input((8, 8, 3 * num_images))])
    network.add(layers.Flatten())
    for _ in range(2):
        network.add(layers.Dense(width))
        network.add(layers.LeakyReLU(negative_slope=0.2))
    network.add(layers.Dense(1))
    return network


def make(name, seed, num_steps):
    """Returns a compiled game of the list."""
    keras.utils.set_random_seed(seed)
    settings = games_of_images.ALL[name](num_steps)
    num_images = games_of_images.num_images(settings)
    gan = GAN(
        make_generator(), make_discriminator(num_images=num_images), seed=seed
    )
    gan.compile(
        **settings, steps_per_execution=games_of_images.STEPS_PER_EXECUTION
    )
    return gan


def side_by_side(images):
    """Returns gray images in [0, 1], the three digits of each in a row."""
    digits = np.moveaxis(images, -1, 2).reshape(-1, 8, 24, 1)
    return (digits + 1.0) / 2.0


def train(judge, game, seed, cpu_minutes, pictures):
    """Returns what is known of one run, a dict."""
    gan, budget = runs.fit_within(
        lambda num_steps: make(game, seed, num_steps),
        datasets.stacked_digits(BATCH_SIZE, seed),
        60.0 * cpu_minutes,
        games_of_images.STEPS_PER_EXECUTION,
    )
    images = gan.generate(NUM_SAMPLES, seed=seed)
    name = f"stacked_digits_{runs.file_name(game)}_{seed}.png"
    runs.save_grid(pictures / name, side_by_side(images[:64]), columns=8)
    return {"steps": budget.steps, "cpu": budget.spent, **judge(images)}


def controls(judge):
    """Yields rows of what no game has made."""
    images, _ = datasets.digits()
    real = datasets.stack(images, datasets.triples(NUM_SAMPLES, seed=1))
    noise = np.random.default_rng(0).uniform(-1.0, 1.0, real.shape)
    for name, samples in (("real triples", real), ("uniform noise", noise)):
        run = judge(samples)
        yield [
            f"({name})", "", "", run["modes"], "",
            f"{run['divergence']:.3f}", f"{run['near']:.3f}",
        ]  # fmt: skip


def row(game, found):
    """Returns the row of a game in the table."""
    modes = [run["modes"] for run in found]
    minutes = [run["cpu"] / 60.0 for run in found]
    return [
        game,
        len(found),
        f"{np.mean(minutes):.1f}",
        runs.mean_and_error(modes, 1),
        f"{sum(count == NUM_MODES for count in modes)} of {len(found)}",
        runs.mean_and_error([run["divergence"] for run in found]),
        runs.mean_and_error([run["near"] for run in found]),
    ]


def main():
    options = runs.arguments(
        __doc__, "output/quality/stacked_digits.jsonl",
        list(games_of_images.GAMES), seeds=5, cpu_minutes=3.0,
        changes=list(games_of_images.CHANGES),
    )  # fmt: skip
    options.results.parent.mkdir(parents=True, exist_ok=True)
    judge = Judge()
    for wanted in runs.missing(options):
        run = train(judge, **wanted, pictures=options.results.parent)
        runs.append(options.results, {**wanted, **run})
    print(
        f"{NUM_SAMPLES} samples, {options.cpu_minutes:g} CPU minutes of "
        "training; the classifier is right in "
        f"{judge.accuracy:.3f} of digits of unseen writers; a perfect sampler "
        f"has a KL of {(NUM_MODES - 1) / (2 * NUM_SAMPLES):.3f}.\n"
    )
    rows = []
    for game in options.only:
        found = runs.load(
            options.results, game=game, cpu_minutes=options.cpu_minutes
        )
        rows += [row(game, found)] if found else []
    runs.print_table(
        [
            "game", "seeds", "CPU minutes", "modes of 1000", "all 1000",
            "KL", "share near a digit",
        ],
        [*rows, *controls(judge)],
    )  # fmt: skip


if __name__ == "__main__":
    main()
