"""
Title: Five lines for a U-Net
Description: A trained U-Net that blurs gets a learned loss beside its own.
Runs in: 2 minutes on two CPU cores; `--smoke` for some seconds, as in CI.

A U-Net enlarges images of clothes from 7x7 to 28x28 pixels. It is compiled and
trained as ever, and its answers are blurred: many images have the same 7x7
pixels, and the absolute error is smallest somewhere in their middle. Five lines
turn it into the generator of a GAN. Its data, its weights, its optimizer and
its loss stay, and so does everything that is done with the model afterwards.
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

from keras_ganloss import SupervisedGAN
from keras_ganloss.penalties import R1

COLUMNS = 12

"""
## What was there before

The data, the model, its `compile` and its `fit`: nothing of this knows of GANs.
"""


def shrink(images):
    """Averages squares of 4x4 pixels, and repeats them."""
    num = len(images)
    small = images.reshape(num, 7, 4, 7, 4, 1).mean(axis=(2, 4))
    return small.repeat(4, axis=1).repeat(4, axis=2)


def make_unet():
    image = keras.Input((28, 28, 1))
    fine = layers.Conv2D(16, 3, padding="same", activation="relu")(image)
    x = layers.Conv2D(32, 3, 2, padding="same", activation="relu")(fine)
    middle = layers.Conv2D(32, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(64, 3, 2, padding="same", activation="relu")(middle)
    x = layers.Conv2D(64, 3, padding="same", activation="relu")(x)
    x = layers.Conv2DTranspose(32, 2, 2, activation="relu")(x)
    x = layers.Concatenate()([x, middle])
    x = layers.Conv2D(32, 3, padding="same", activation="relu")(x)
    x = layers.Conv2DTranspose(16, 2, 2, activation="relu")(x)
    x = layers.Concatenate()([x, fine])
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(1, 3, padding="same", activation="tanh")(x)
    return keras.Model(image, x, name="unet")


def train_unet(inputs, targets, epochs):
    unet = make_unet()
    unet.compile(keras.optimizers.Adam(1e-3), "mae", steps_per_execution=16)
    unet.fit(inputs, targets, batch_size=64, epochs=epochs, verbose=2)
    return unet


"""
## Who judges

The discriminator takes `[answer, input]` and returns a logit for each patch:
is this a real image, and one that has such 7x7 pixels?
"""


def make_discriminator():
    answer = keras.Input((28, 28, 1))
    source = keras.Input((28, 28, 1))
    x = layers.Concatenate()([answer, source])
    x = layers.LeakyReLU(0.2)(layers.Conv2D(32, 4, 2, "same")(x))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(64, 4, 2, "same")(x))
    logits = layers.Conv2D(1, 3, padding="same")(x)
    return keras.Model([answer, source], logits, name="discriminator")


"""
## The five lines

The learned loss counts a fifth. The penalty keeps the discriminator from
winning; it is small, as the 49 patches of an image add up in it.
"""


def add_learned_loss(unet, inputs, targets, epochs):
    # fmt: off
    gan = SupervisedGAN.from_compiled(
        unet, make_discriminator(), penalties=[R1(3e-4)], seed=0,
        d_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.5),
        loss_weights={"adversarial": 0.2})
    gan.fit(inputs, targets, batch_size=64, epochs=epochs, verbose=2)
    # fmt: on


"""
## Before and after
"""


def sharpness(images):
    """Mean squared difference of neighboring pixels."""
    return sum(np.square(np.diff(images, axis=axis)).mean() for axis in (1, 2))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument(
        "--output",
        type=pathlib.Path,
        default=pathlib.Path("output/unet_in_five_lines"),
    )
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--smoke", action="store_true", help="a few batches")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)

    keras.utils.set_random_seed(0)  # The networks' first weights.
    (targets, _), (held_out, _) = datasets.fashion_mnist()
    targets, held_out = targets[:12800], held_out[:1000]
    epochs = arguments.epochs
    if arguments.smoke:
        targets, epochs = targets[:256], 1
    inputs, given = shrink(targets), shrink(held_out)

    unet = train_unet(inputs, targets, 2 * epochs)
    before = unet.predict(given, verbose=0)
    add_learned_loss(unet, inputs, targets, epochs)
    after = unet.predict(given, verbose=0)

    print(
        "held out: sharpness, mean absolute error, and that of the 7x7 pixels"
    )
    for name, images in (
        ("real", held_out), ("before", before), ("after", after)
    ):  # fmt: skip
        print(
            f"{name}: {sharpness(images):.4f}, "
            f"{np.abs(images - held_out).mean():.4f}, "
            f"{np.abs(shrink(images) - given).mean():.4f}"
        )
    pictures.save_rows(
        arguments.output / "unet_in_five_lines.png",
        {
            "7x7 pixels": given[:COLUMNS],
            "before": before[:COLUMNS],
            "after": after[:COLUMNS],
            "real": held_out[:COLUMNS],
        },
        side=0.6,
    )
    # It is the model that it was, and is exported as ever.
    serving = arguments.output / "serving"
    unet.export(serving, verbose=False)
    served = keras.layers.TFSMLayer(serving, call_endpoint="serve")
    difference = np.abs(np.asarray(served(given[:COLUMNS])) - after[:COLUMNS])
    print(
        f"Done: a picture in {arguments.output}/unet_in_five_lines.png, the "
        f"model for a server in {serving} (whose answers differ by at most "
        f"{difference.max():.1e})"
    )


if __name__ == "__main__":
    main()
