"""
Title: Rows of a table
Description: A GAN on numbers and classes, and what its rows are good for.
Runs in: under a minute on two CPU cores; `--smoke` for some seconds, as in CI.

The RAND health insurance experiment, in the package `statsmodels`: 20,190
years of insured people, with visits to a doctor, the terms of the insurance
and the state of health. A GAN does not need samples to be images: here they
are rows, partly numbers, partly classes. Three questions are asked of the rows
it makes: are the columns like the real ones, do they hang together like the
real ones, and does a model that has learned from them alone work on real rows?
"""

import argparse
import os
import pathlib

# TensorFlow says a lot about graphics cards before it begins.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import statsmodels.api
from keras import layers
from keras import ops
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from keras_ganloss import GAN
from keras_ganloss.penalties import R1
from keras_ganloss.transforms import Pack

NUMBERS = ["visits", "incentive", "maximum", "limitation", "diseases"]
CLASSES = {"coinsurance": 5, "plan": 2, "health": 4}
LATENT_SIZE = 32
TEMPERATURE = 0.5

"""
## The data

Numbers are scaled to zero mean and unit deviation, visits and diseases as
logarithms. Classes become one-hot vectors; the three columns of health are
one class of four. A person fills several rows, so persons, not rows, are held
out: else the test would be on people whom the model has met.
"""


def load_table():
    """Returns numbers `(num, 5)`, classes `(num, 3)` and persons `(num,)`."""
    table = statsmodels.api.datasets.randhie.load_pandas().data
    numbers = np.stack(
        [
            np.log1p(table["mdvis"]),
            table["lpi"],
            table["fmde"],
            table["physlm"],
            np.log1p(table["disea"]),
        ],
        axis=1,
    )
    health = table[["hlthg", "hlthf", "hlthp"]].to_numpy() @ [1, 2, 3]
    classes = np.stack(
        [
            np.unique(table["lncoins"], return_inverse=True)[1],
            table["idp"],
            health,
        ],
        axis=1,
    ).astype(int)
    fixed = table[["lncoins", "idp", "physlm", "disea"]].to_numpy()
    changes = np.any(fixed[1:] != fixed[:-1], axis=1)
    return numbers, classes, np.concatenate([[0], np.cumsum(changes)])


def encode(numbers, classes, mean, deviation):
    """Returns rows as the networks see them, `(num, 16)`."""
    parts = [(numbers - mean) / deviation]
    for column, num_classes in zip(classes.T, CLASSES.values()):
        parts.append(np.eye(num_classes)[column])
    return np.concatenate(parts, axis=1).astype("float32")


def decode(rows, mean, deviation, known):
    """Returns numbers and classes of such rows.

    Numbers become the nearest ones that occur in the table: visits are whole.
    """
    numbers, *one_hot = np.split(
        rows, len(NUMBERS) + np.cumsum([0, *CLASSES.values()])[:-1], axis=1
    )
    classes = np.stack([part.argmax(axis=1) for part in one_hot], axis=1)
    numbers = numbers * deviation + mean
    for column, values in zip(numbers.T, known):
        middles = (values[1:] + values[:-1]) / 2
        column[:] = values[np.searchsorted(middles, column)]
    return numbers, classes


"""
## The networks

Three small dense layers each. A class is a choice, which has no slope; so the
generator draws one, and learns as if it had been a soft one. (Jang et al.,
2016, https://arxiv.org/abs/1611.01144)
"""


@keras.saving.register_keras_serializable(package="tabular")
class Choice(layers.Layer):
    """Draws a one-hot vector from logits; its slope is that of a soft one."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(0)

    def call(self, logits):
        uniform = keras.random.uniform(
            ops.shape(logits), 1e-6, 1.0 - 1e-6, seed=self.seed_generator
        )
        noisy = logits - ops.log(-ops.log(uniform))
        soft = ops.softmax(noisy / TEMPERATURE)
        hard = ops.one_hot(ops.argmax(noisy, axis=-1), logits.shape[-1])
        return soft + ops.stop_gradient(hard - soft)


def make_generator():
    latent = keras.Input((LATENT_SIZE,))
    x = latent
    for _ in range(3):
        x = layers.Dense(128, use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    parts = [layers.Dense(len(NUMBERS))(x)]
    for num_classes in CLASSES.values():
        parts.append(Choice()(layers.Dense(num_classes)(x)))
    return keras.Model(latent, layers.Concatenate()(parts), name="generator")


def make_discriminator(size):
    row = keras.Input((size,))
    x = row
    for _ in range(3):
        x = layers.LeakyReLU(0.2)(layers.Dense(128)(x))
    return keras.Model(row, layers.Dense(1)(x), name="discriminator")


"""
## The game

`Pack(4)` shows the discriminator four rows at once. One row alone does not
give away that a rare class comes too seldom; among four it begins to show.
"""


def make_gan(size):
    pack = 4
    gan = GAN(make_generator(), make_discriminator(size * pack), seed=0)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(5e-4, beta_1=0.0, beta_2=0.99),
        g_optimizer=keras.optimizers.Adam(5e-4, beta_1=0.0, beta_2=0.99),
        penalties=[R1(0.01)],
        transforms=[Pack(pack)],
        ema=0.999,
        steps_per_execution=64,
    )
    return gan


"""
## The questions
"""


def distances(real, made):
    """Largest difference of the cumulative shares of each column."""
    result = {}
    for index, name in enumerate(NUMBERS):
        points = np.unique(real[0][:, index])
        shares = [
            np.searchsorted(np.sort(part[0][:, index]), points, "right")
            / len(part[0])
            for part in (real, made)
        ]
        result[name] = np.abs(shares[0] - shares[1]).max()
    for index, (name, num_classes) in enumerate(CLASSES.items()):
        shares = [
            np.bincount(part[1][:, index], minlength=num_classes) / len(part[1])
            for part in (real, made)
        ]
        result[name] = 0.5 * np.abs(shares[0] - shares[1]).sum()
    return result


def usefulness(train, test):
    """Area under the curve: learned from rows, tested on others.

    The task: will this person visit a doctor this year?
    """

    def task(part):
        numbers, classes = part
        visits = np.expm1(numbers[:, 0]) >= 0.5
        return np.concatenate([numbers[:, 1:], classes], axis=1), visits

    model = HistGradientBoostingClassifier(max_iter=60, random_state=0)
    model.fit(*task(train))
    rows, visits = task(test)
    return roc_auc_score(visits, model.predict_proba(rows)[:, 1])


def draw(real, made, path):
    """Writes the picture: each column's shares, and all correlations."""
    from matplotlib import figure

    picture = figure.Figure(figsize=(12, 6), layout="constrained")
    axes = picture.subplots(2, 5).flatten()
    for index, name in enumerate(NUMBERS):
        both = [part[0][:, index] for part in (real, made)]
        bins = np.linspace(both[0].min(), both[0].max(), 16)
        axes[index].hist(both, bins, density=True, label=["real", "made"])
        axes[index].set_title(name)
    for index, (name, num_classes) in enumerate(CLASSES.items()):
        both = [part[1][:, index] for part in (real, made)]
        bins = np.arange(num_classes + 1) - 0.5
        axis = axes[len(NUMBERS) + index]
        axis.hist(both, bins, density=True, label=["real", "made"])
        axis.set_title(name)
        axis.set_xticks(range(num_classes))
    axes[0].legend()
    for axis, (name, part) in zip(axes[-2:], (("real", real), ("made", made))):
        axis.imshow(correlations(part), cmap="RdBu", vmin=-1.0, vmax=1.0)
        axis.set_title(f"correlations, {name}")
        axis.set_xticks([])
        axis.set_yticks([])
    picture.savefig(path, dpi=100)


def correlations(part):
    """Correlations of all numbers and of all classes' indicators."""
    numbers, classes = part
    return np.corrcoef(encode(numbers, classes, 0.0, 1.0), rowvar=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument(
        "--output", type=pathlib.Path, default=pathlib.Path("output/tabular")
    )
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--smoke", action="store_true", help="a few batches")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)

    keras.utils.set_random_seed(0)  # The networks' first weights.
    numbers, classes, persons = load_table()
    held_out = np.random.default_rng(0).random(persons.max() + 1) < 0.2
    held_out = held_out[persons]
    train = numbers[~held_out], classes[~held_out]
    test = numbers[held_out], classes[held_out]
    scale = train[0].mean(axis=0), train[0].std(axis=0)
    rows = encode(*train, *scale)

    gan = make_gan(rows.shape[1])
    epochs = 1 if arguments.smoke else arguments.epochs
    gan.fit(rows, batch_size=256, epochs=epochs, verbose=2)
    known = [np.unique(column) for column in train[0].T]
    made = gan.generate(len(rows), seed=0, batch_size=1024)
    made = decode(made, *scale, known)

    print("column: distance of the made rows, of real rows held out")
    floor = distances(train, test)
    for name, distance in distances(train, made).items():
        print(f"{name}: {distance:.3f}, {floor[name]:.3f}")
    off = np.triu(np.ones((rows.shape[1],) * 2, bool), 1)
    for name, part in (("made rows", made), ("real rows held out", test)):
        difference = correlations(part) - correlations(train)
        print(
            f"correlations, mean difference from the real ones, {name}: "
            f"{np.abs(difference[off]).mean():.3f}"
        )
    for name, part in (("real", train), ("made", made)):
        print(
            "who visits a doctor, area under the curve on real persons, "
            f"learned from {name} rows: {usefulness(part, test):.3f}"
        )
    draw(train, made, arguments.output / "tabular.png")
    print(f"Done: a picture of all columns in {arguments.output}/tabular.png")


if __name__ == "__main__":
    main()
