"""
Title: Fashion-MNIST on a budget
Description: The Fréchet distance that games reach in the same CPU seconds
    with the same networks, beside the training class of keras.io's example.
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
from keras_io_dcgan import LEARNING_RATE
from keras_io_dcgan import KerasIoDCGAN

from keras_ganloss import GAN
from keras_ganloss.metrics import feature_networks
from keras_ganloss.metrics import frechet_distance
from keras_ganloss.metrics import mean_and_covariance

BATCH_SIZE = 32  # As in the example, for every game.
LATENT_SIZE = 128
NUM_SAMPLES = 10_000
KERAS_IO = "keras.io DCGAN example"
# Of the example alone, whose own rate is slow for some minutes.
RATES = {KERAS_IO: LEARNING_RATE, f"{KERAS_IO} at 1e-3": 1e-3}
GAMES = [*RATES, *games_of_images.GAMES]
CHANGES = list(games_of_images.CHANGES)


def make_generator():
    """As in the example, a quarter of its filters, one doubling less."""
    return keras.Sequential(
        [
            keras.Input((LATENT_SIZE,)),
            layers.Dense(7 * 7 * 32),
            layers.Reshape((7, 7, 32)),
            layers.Conv2DTranspose(32, 4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2DTranspose(64, 4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2D(1, 5, padding="same", activation="sigmoid"),
        ]
    )


def make_discriminator(num_images=1):
    """As in the example, half of its filters, the logit without a sigmoid."""
    return keras.Sequential(
        [
            keras.Input((28, 28, num_images)),
            layers.Conv2D(32, 4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2D(64, 4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2D(64, 4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(1),
        ]
    )


def make(game, seed, num_steps):
    """Returns a compiled game of the list."""
    keras.utils.set_random_seed(seed)
    at_once = games_of_images.STEPS_PER_EXECUTION
    if game in RATES:
        model = KerasIoDCGAN(
            make_generator(), make_discriminator(), seed, RATES[game]
        )
        model.compile(steps_per_execution=at_once)
        return model
    settings = games_of_images.ALL[game](num_steps)
    num_images = games_of_images.num_images(settings)
    gan = GAN(make_generator(), make_discriminator(num_images), seed=seed)
    gan.compile(**settings, steps_per_execution=at_once)
    return gan


def to_unit(images):
    """Maps bytes to [0, 1], where the generator's sigmoid ends."""
    return images / np.float32(255.0)


def to_bytes(images):
    return np.clip(255.0 * np.asarray(images) + 0.5, 0, 255).astype("uint8")


def train(options, distance, game, seed, cpu_minutes):
    """Trains a game, draws its samples, and returns its run, a dict."""
    gan, budget = runs.fit_within(
        lambda num_steps: make(game, seed, num_steps),
        datasets.fashion_batches(BATCH_SIZE, seed, to_unit),
        60.0 * cpu_minutes,
        games_of_images.STEPS_PER_EXECUTION,
    )
    images = to_bytes(gan.generate(NUM_SAMPLES, seed=seed))
    name = f"fashion_{runs.file_name(game)}_{cpu_minutes:g}_{seed}.png"
    runs.save_grid(options.results.parent / name, images[:128] / 255.0)
    return {
        "steps": budget.steps,
        "cpu": budget.spent,
        "distance": distance(images),
    }


class Distance:
    """Fréchet distance to the 10,000 test images, in the library's features.

    The features are those of a classifier that has not seen the test images.
    """

    def __init__(self):
        self.features = feature_networks.get(
            "fashion_and_digits", value_range=(0.0, 255.0)
        )
        self.real = self.statistics(datasets.fashion("t10k")[0])

    def statistics(self, images):
        features = [
            keras.ops.convert_to_numpy(self.features(batch))
            for batch in np.array_split(images, 20)
        ]
        return mean_and_covariance(np.concatenate(features))

    def __call__(self, images):
        return float(frechet_distance(*self.statistics(images), *self.real))


def row(game, found, example):
    """Returns the row of a game in the table."""
    distances = [run["distance"] for run in found]
    ratio = np.mean(distances) / example if example else np.nan
    return [
        game,
        len(found),
        f"{np.mean([run['cpu'] for run in found]) / 60.0:.1f}",
        f"{np.mean([run['steps'] for run in found]):.0f}",
        runs.mean_and_error(distances, 2),
        f"{min(distances):.2f} to {max(distances):.2f}",
        f"{ratio:.2f}",
    ]


def main():
    options = runs.arguments(
        __doc__, "output/quality/fashion.jsonl", GAMES, 5, 10.0, CHANGES
    )
    options.results.parent.mkdir(parents=True, exist_ok=True)
    distance = Distance()
    for wanted in runs.missing(options):
        run = train(options, distance, **wanted)
        runs.append(options.results, {**wanted, **run})
    floor = distance(datasets.fashion()[0][:NUM_SAMPLES])
    print(
        f"{NUM_SAMPLES} samples against the 10,000 test images; "
        f"{options.cpu_minutes:g} CPU minutes of training, one thread; as "
        f"many training images are at {floor:.3f}.\n"
    )
    found = {
        game: runs.load(
            options.results, game=game, cpu_minutes=options.cpu_minutes
        )
        for game in options.only
    }
    found = {game: some for game, some in found.items() if some}
    example = np.mean([run["distance"] for run in found.get(KERAS_IO, ())] or 0)
    runs.print_table(
        [
            "game", "seeds", "CPU minutes", "steps", "Fréchet distance",
            "from, to", "/ keras.io",
        ],
        [row(game, some, example) for game, some in found.items()],
    )  # fmt: skip


if __name__ == "__main__":
    main()
