"""
Title: A discriminator that also names the class
Description: Digits by label with `ACGAN`, read by an independent classifier.
Runs in: 2 minutes on two CPU cores; `--smoke` for some seconds, as in CI.

The quickstart shows the label to both networks. Here the discriminator sees
images alone and has to name the class besides: its second output is an
ordinary classifier, and the generator is rewarded for digits that it can read.
A third network, which has no part in the game, says whether they are right.
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

from keras_ganloss import ACGAN
from keras_ganloss.penalties import R1

NUM_DIGITS = 10
LATENT_SIZE = 64

"""
## The networks

From noise and a label to an image, and from an image to two answers: a logit
for how real it looks, and ten for which digit it is.
"""


def make_generator():
    latent = keras.Input((LATENT_SIZE,))
    label = keras.Input((), dtype="int32")
    x = layers.Concatenate()([latent, layers.Embedding(NUM_DIGITS, 16)(label)])
    x = layers.Dense(7 * 7 * 64, use_bias=False)(x)
    x = layers.Reshape((7, 7, 64))(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2DTranspose(32, 4, 2, "same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    image = layers.Conv2DTranspose(1, 4, 2, "same", activation="tanh")(x)
    return keras.Model([latent, label], image, name="generator")


def make_discriminator():
    image = keras.Input((28, 28, 1))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(32, 4, 2, "same")(image))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(64, 4, 2, "same")(x))
    x = layers.LeakyReLU(0.2)(layers.Dense(128)(layers.Flatten()(x)))
    logit, class_logits = layers.Dense(1)(x), layers.Dense(NUM_DIGITS)(x)
    return keras.Model(image, [logit, class_logits], name="discriminator")


"""
## The game

`loss_weights` says what naming the class counts. It is little for the
generator: a digit that is easy to read is not yet one that looks real.
"""


def make_gan():
    gan = ACGAN(make_generator(), make_discriminator(), seed=0)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.0, beta_2=0.99),
        g_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.0, beta_2=0.99),
        d_loss="modified_minimax",
        penalties=[R1(0.2)],
        loss_weights={"d_class": 1.0, "g_class": 0.2},
        ema=0.99,
        steps_per_execution=16,
    )
    return gan


"""
## The judge

A classifier of its own, trained on real digits, with a fifth of them held out
to see how far it can be trusted.
"""


def train_classifier(images, labels, epochs):
    """Returns a classifier, and its accuracy on images it has not seen."""
    classifier = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 5, 2, "same", activation="relu"),
            layers.Conv2D(64, 5, 2, "same", activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(NUM_DIGITS),
        ]
    )
    classifier.compile(
        keras.optimizers.Adam(2e-3),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        steps_per_execution=16,
    )
    order = np.random.default_rng(0).permutation(len(images))
    held_out, seen = np.split(order, [len(order) // 5])
    classifier.fit(
        images[seen], labels[seen], batch_size=64, epochs=epochs, verbose=0
    )
    _, accuracy = classifier.evaluate(
        images[held_out], labels[held_out], verbose=0
    )
    return classifier, accuracy


def share_right(classifier, images, labels):
    """Share of images that the classifier reads as their labels say."""
    return np.mean(classifier.predict(images, verbose=0).argmax(-1) == labels)


def variety(images, labels):
    """Mean deviation of a pixel within a label."""
    deviations = [
        images[labels == digit].std(axis=0).mean()
        for digit in range(NUM_DIGITS)
    ]
    return np.mean(deviations)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument(
        "--output", type=pathlib.Path, default=pathlib.Path("output/ac_gan")
    )
    parser.add_argument("--epochs", type=int, default=18)
    parser.add_argument("--smoke", action="store_true", help="a few batches")
    arguments = parser.parse_args()

    keras.utils.set_random_seed(0)  # The networks' first weights.
    images, labels = datasets.digits()
    epochs, judge_epochs = arguments.epochs, 10
    if arguments.smoke:
        images, labels, epochs, judge_epochs = images[::20], labels[::20], 1, 1
    arguments.output.mkdir(parents=True, exist_ok=True)

    classifier, accuracy = train_classifier(images, labels, judge_epochs)
    print(
        f"real digits the classifier has not seen, read right: {accuracy:.3f}"
    )

    gan = make_gan()
    gan.fit(images, labels, batch_size=64, epochs=epochs, verbose=2)
    wanted = np.repeat(np.arange(NUM_DIGITS), 100)
    made = gan.generate(len(wanted), condition=wanted, seed=0)
    print(
        "made digits, read as the label they were asked for: "
        f"{share_right(classifier, made, wanted):.3f}"
    )
    print(
        f"variety within a label: {variety(made, wanted):.3f}, "
        f"of real digits {variety(images, labels):.3f}"
    )
    pictures.save_rows(
        arguments.output / "ac_gan.png",
        {str(digit): made[wanted == digit][:16] for digit in range(NUM_DIGITS)},
    )
    gan.save(arguments.output / "ac_gan.keras")
    print(f"Done: a row for each label in {arguments.output}/ac_gan.png")


if __name__ == "__main__":
    main()
