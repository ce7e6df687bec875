"""
Title: Digits sorted by nobody
Description: `InfoGAN` finds kinds of digits, and directions, without labels.
Runs in: 4 minutes on two CPU cores; `--smoke` for some seconds, as in CI.

Beside the noise, the generator gets codes: one of ten classes, and two numbers
between -1 and 1. The discriminator has to read them off the image. Nobody says
what they shall mean; but what can be read off an image is what can be seen in
it, and so the classes become kinds of digits, and the numbers things like
slant and width. Not every kind is one digit: after minutes of training some
kinds are shapes that two digits share. Labels are used at the end only, to
count how many digits are sorted as they say.
"""

import argparse
import os
import pathlib

# TensorFlow says a lot about graphics cards before it begins.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import datasets
import keras
import numpy as np
import pictures
from keras import layers
from keras import ops
from scipy.optimize import linear_sum_assignment

from keras_ganloss.models import Categorical
from keras_ganloss.models import InfoGAN
from keras_ganloss.models import Uniform
from keras_ganloss.penalties import R1

NUM_KINDS = 10
LATENT_SIZE = 8
COLUMNS = 11

"""
## The codes

A `Categorical` code of ten kinds, and two numbers, which count little and are
read off roughly: they can tell any amount, and would drown the kinds.
"""

CODES = [Categorical(NUM_KINDS), Uniform(2, floor=0.3, weight=0.02)]

"""
## The networks

The generator takes the noise and all codes in one vector. The discriminator
returns a logit, and its guess of the codes: a logit a kind, and a mean and a
deviation for each number.
"""


def make_generator():
    latent = keras.Input((LATENT_SIZE,))
    code = keras.Input((sum(code.size for code in CODES),))
    x = layers.Concatenate()([latent, code])
    x = layers.Dense(7 * 7 * 64, use_bias=False)(x)
    x = layers.Reshape((7, 7, 64))(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2DTranspose(32, 4, 2, "same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    image = layers.Conv2DTranspose(1, 4, 2, "same", activation="tanh")(x)
    return keras.Model([latent, code], image, name="generator")


def make_discriminator():
    image = keras.Input((28, 28, 1))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(32, 4, 2, "same")(image))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(64, 4, 2, "same")(x))
    x = layers.LeakyReLU(0.2)(layers.Dense(128)(layers.Flatten()(x)))
    guess = layers.Dense(sum(code.num_parameters for code in CODES))(x)
    return keras.Model(image, [layers.Dense(1)(x), guess], name="discriminator")


"""
## The game

`d_code` and `g_code` in the logs are minus what the images are known to tell
of the codes, in nats; ten kinds are 2.3. That of the generator counts a tenth:
kinds settle more slowly then, and come closer to digits.
"""


def make_gan():
    gan = InfoGAN(make_generator(), make_discriminator(), CODES, seed=0)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.0, beta_2=0.99),
        g_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.0, beta_2=0.99),
        d_loss="modified_minimax",
        penalties=[R1(0.2)],
        loss_weights={"g_code": 0.1},
        ema=0.99,
        steps_per_execution=16,
    )
    return gan


"""
## What was found

The discriminator's guess sorts real digits into ten kinds. Each kind is taken
for one digit, in the way that fits the labels best.
"""


def sort_digits(gan, images, labels):
    """Returns the kind of each digit, and the share sorted as labeled."""
    guesses = gan.discriminator.predict(images, verbose=0)[1]
    kinds = guesses[:, :NUM_KINDS].argmax(axis=1)
    counts = np.zeros((NUM_KINDS, NUM_KINDS), int)
    np.add.at(counts, (labels, kinds), 1)
    digits, kind_of = linear_sum_assignment(-counts)
    return kind_of, counts[digits, kind_of].sum() / len(labels)


def sweep(gan, kind_of, position):
    """Returns images, a row for a digit, where one number goes up.

    Args:
        gan: The game.
        kind_of: The kind of each digit.
        position: Which of the numbers, 0 or 1.
    """
    numbers = np.zeros((COLUMNS, 2), "float32")
    numbers[:, position] = np.linspace(-1.0, 1.0, COLUMNS)
    latents = np.zeros((COLUMNS, LATENT_SIZE), "float32")
    rows = {}
    for digit, kind in enumerate(kind_of):
        kinds = np.eye(NUM_KINDS, dtype="float32")[[kind] * COLUMNS]
        codes = np.concatenate([kinds, numbers], axis=1)
        rows[str(digit)] = gan.predict([latents, codes], verbose=0)
    return rows


def read_codes(gan, num):
    """Makes images of known codes, and reads the codes off again.

    Returns:
        What images tell of their kind at least, in nats, and how the numbers
        read off correlate with the numbers given, one for each.
    """
    random = np.random.default_rng(0)
    kinds = np.eye(NUM_KINDS)[random.integers(0, NUM_KINDS, num)]
    numbers = random.uniform(-1.0, 1.0, (num, 2))
    codes = np.concatenate([kinds, numbers], axis=1).astype("float32")
    images = gan.generate(num, condition=codes, seed=0)
    guesses = gan.discriminator.predict(images, verbose=0)[1]
    kind = CODES[0]
    wrong = kind.negative_log_likelihood(
        guesses[:, :NUM_KINDS], codes[:, :NUM_KINDS]
    )
    correlations = [
        np.corrcoef(guesses[:, column], codes[:, column])[0, 1]
        for column in (NUM_KINDS, NUM_KINDS + 1)
    ]
    return kind.entropy - ops.convert_to_numpy(wrong).mean(), correlations


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument(
        "--output", type=pathlib.Path, default=pathlib.Path("output/info_gan")
    )
    parser.add_argument("--epochs", type=int, default=64)
    parser.add_argument("--smoke", action="store_true", help="a few batches")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)

    keras.utils.set_random_seed(0)  # The networks' first weights.
    images, labels = datasets.digits()
    epochs = arguments.epochs
    if arguments.smoke:
        images, labels, epochs = images[::20], labels[::20], 1

    gan = make_gan()
    gan.fit(images, batch_size=64, epochs=epochs, verbose=2)
    kind_of, share = sort_digits(gan, images, labels)
    print(f"real digits sorted as their labels say: {share:.3f} (chance: 0.1)")
    nats, correlations = read_codes(gan, 1000)
    print(
        f"an image tells at least {nats:.2f} nats of its kind, of "
        f"{CODES[0].entropy:.2f}; the numbers read off correlate with those "
        f"given by {correlations[0]:.2f} and {correlations[1]:.2f}"
    )
    for position in range(2):
        pictures.save_rows(
            arguments.output / f"info_gan_{position}.png",
            sweep(gan, kind_of, position),
        )
    gan.save(arguments.output / "info_gan.keras")
    print(
        "Done: a row for each kind, along the first number in "
        f"{arguments.output}/info_gan_0.png, the second in info_gan_1.png"
    )


if __name__ == "__main__":
    main()
