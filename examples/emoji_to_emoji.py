"""
Title: Waving flags made flat
Description: One artist's emoji into another's, with and without a learned loss.
Runs in: 2 minutes on two CPU cores; `--smoke` for some seconds, as in CI.

Two artists have drawn the same flags, one of them waving in the wind, the
other one flat. A U-Net learns to turn the first into the second from pairs.
What it is not sure of, such as a small coat of arms, the absolute error alone
blurs. A discriminator that looks at both drawings asks for a flag that the
second artist could have drawn. (Isola et al., 2017,
https://arxiv.org/abs/1611.07004)
"""

import argparse
import itertools
import os
import pathlib

# TensorFlow says a lot about graphics cards before it begins.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import datasets
import keras
import numpy as np
import pictures
from keras import layers

from keras_ganloss import SupervisedGAN
from keras_ganloss.callbacks import AnswerGrid
from keras_ganloss.penalties import R1

SIZE = 32
COLUMNS = 16

"""
## The data

270 pairs of drawings of 32x32 pixels, of which a tenth is held out. With its
colors swapped a flag is another flag: this makes six of each.
"""


def load_pairs():
    """Returns drawings of the first and of the second artist."""
    drawings = [datasets.emoji(artist, SIZE) for artist in datasets.ARTISTS]
    flags = drawings[0].labels == drawings[0].categories.index("Flags")
    return [drawing.images[flags] for drawing in drawings]


def swap_colors(images):
    """Returns images with red, green and blue in every order."""
    orders = itertools.permutations(range(3))
    return np.concatenate([images[..., order] for order in orders])


"""
## The networks

A U-Net, and a discriminator of `[answer, input]` with a logit for each patch.
"""


def make_unet():
    image = keras.Input((SIZE, SIZE, 3))
    levels, x = [], image
    for filters in (24, 48, 96):
        x = layers.Conv2D(filters, 4, 2, "same", use_bias=False)(x)
        x = layers.LeakyReLU(0.2)(layers.BatchNormalization()(x))
        levels.append(x)
    for filters, level in zip((48, 24), levels[-2::-1]):
        x = layers.Conv2DTranspose(filters, 4, 2, "same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.Concatenate()([x, level])
    x = layers.Conv2DTranspose(24, 4, 2, "same", activation="relu")(x)
    x = layers.Concatenate()([x, image])
    x = layers.Conv2D(3, 3, padding="same", activation="tanh")(x)
    return keras.Model(image, x, name="unet")


def make_discriminator():
    answer = keras.Input((SIZE, SIZE, 3))
    source = keras.Input((SIZE, SIZE, 3))
    x = layers.Concatenate()([answer, source])
    for filters in (32, 64):
        x = layers.LeakyReLU(0.2)(layers.Conv2D(filters, 4, 2, "same")(x))
    logits = layers.Conv2D(1, 3, padding="same")(x)
    return keras.Model([answer, source], logits, name="discriminator")


"""
## The absolute error alone, and beside a learned loss

The same network, the same first weights, the same number of steps. An
`AnswerGrid` shows after each epoch what the learned loss has changed.
"""


def train_explicit(inputs, targets, epochs):
    keras.utils.set_random_seed(0)
    unet = make_unet()
    unet.compile(
        keras.optimizers.Adam(1e-3, beta_1=0.5), "mae", steps_per_execution=8
    )
    unet.fit(inputs, targets, batch_size=32, epochs=epochs, verbose=2)
    return unet


def train_learned(inputs, targets, epochs, callbacks):
    keras.utils.set_random_seed(0)
    gan = SupervisedGAN(make_unet(), make_discriminator(), seed=0)
    gan.compile(
        loss="mae",
        g_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.5),
        d_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.5),
        d_loss="modified_minimax",
        penalties=[R1(3e-4)],
        loss_weights={"adversarial": 0.2},
        steps_per_execution=8,
    )
    gan.fit(
        inputs,
        targets,
        batch_size=32,
        epochs=epochs,
        callbacks=callbacks,
        verbose=2,
    )
    return gan


"""
## What they draw
"""


def sharpness(images):
    """Mean squared difference of neighboring pixels."""
    return sum(np.square(np.diff(images, axis=axis)).mean() for axis in (1, 2))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument(
        "--output",
        type=pathlib.Path,
        default=pathlib.Path("output/emoji_to_emoji"),
    )
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--smoke", action="store_true", help="a few batches")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)

    sources, targets = load_pairs()
    held_out = np.random.default_rng(0).random(len(sources)) < 0.1
    given, wanted = sources[held_out], targets[held_out]
    sources, targets = (
        swap_colors(drawings[~held_out]) for drawings in (sources, targets)
    )
    epochs = arguments.epochs
    if arguments.smoke:
        sources, targets, epochs = sources[::20], targets[::20], 1

    explicit = train_explicit(sources, targets, epochs)
    grid = AnswerGrid(arguments.output / "answers", given[:6], wanted[:6])
    learned = train_learned(sources, targets, epochs, [grid])
    answers = {
        "first artist": given,
        "absolute error": explicit.predict(given, verbose=0),
        "and learned loss": learned.predict(given, verbose=0),
        "second artist": wanted,
    }

    print(f"{len(sources)} pairs seen, {len(given)} held out")
    print("held out: sharpness, mean absolute error")
    for name, images in answers.items():
        error = np.abs(images - wanted).mean()
        print(f"{name}: {sharpness(images):.4f}, {error:.4f}")
    pictures.save_rows(
        arguments.output / "emoji_to_emoji.png",
        {name: images[:COLUMNS] for name, images in answers.items()},
        side=0.55,
    )
    learned.save(arguments.output / "emoji_to_emoji.keras")
    print(f"Done: a picture in {arguments.output}/emoji_to_emoji.png")


if __name__ == "__main__":
    main()
