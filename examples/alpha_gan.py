"""
Title: An autoencoder with learned losses
Description: `AlphaGAN` on clothes: images made again, and new ones.
Runs in: 3 minutes on two CPU cores; `--smoke` for some seconds, as in CI.

An autoencoder turns an image into a few numbers, the code, and back. Trained
by the absolute error alone it blurs, and its codes lie anywhere, so there are
no new images to be had of it. Two discriminators mend that: one judges how
images look, made again or made anew, the other one keeps the codes where
the noise is that new images are made from.
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

from keras_ganloss.models import AlphaGAN
from keras_ganloss.penalties import R1

LATENT_SIZE = 32
COLUMNS = 16

"""
## The networks

Encoder and generator are each other's mirror image. Who judges images looks
at them through strides as usual; for the codes, dense layers do.
"""


def make_encoder():
    image = keras.Input((28, 28, 1))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(32, 4, 2, "same")(image))
    x = layers.Conv2D(64, 4, 2, "same", use_bias=False)(x)
    x = layers.LeakyReLU(0.2)(layers.BatchNormalization()(x))
    code = layers.Dense(LATENT_SIZE)(layers.Flatten()(x))
    return keras.Model(image, code, name="encoder")


def make_generator():
    latent = keras.Input((LATENT_SIZE,))
    x = layers.Dense(7 * 7 * 64, use_bias=False)(latent)
    x = layers.Reshape((7, 7, 64))(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2DTranspose(32, 4, 2, "same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    image = layers.Conv2DTranspose(1, 4, 2, "same", activation="tanh")(x)
    return keras.Model(latent, image, name="generator")


def make_discriminator():
    image = keras.Input((28, 28, 1))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(32, 4, 2, "same")(image))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(64, 4, 2, "same")(x))
    x = layers.LeakyReLU(0.2)(layers.Dense(64)(layers.Flatten()(x)))
    return keras.Model(image, layers.Dense(1)(x), name="discriminator")


def make_code_discriminator():
    code = keras.Input((LATENT_SIZE,))
    x = code
    for _ in range(2):
        x = layers.LeakyReLU(0.2)(layers.Dense(128)(x))
    return keras.Model(code, layers.Dense(1)(x), name="code_discriminator")


"""
## The game

The reconstruction counts ten times, as its error is small in numbers: a mean
over pixels.
"""


def make_gan():
    gan = AlphaGAN(
        make_generator(),
        make_encoder(),
        make_discriminator(),
        make_code_discriminator(),
        seed=0,
    )
    gan.compile(
        d_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.0, beta_2=0.99),
        g_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.0, beta_2=0.99),
        d_loss="modified_minimax",
        penalties=[R1(0.1)],
        loss_weights={"reconstruction": 10.0},
        ema=0.99,
        steps_per_execution=16,
    )
    return gan


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument(
        "--output", type=pathlib.Path, default=pathlib.Path("output/alpha_gan")
    )
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--smoke", action="store_true", help="a few batches")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)

    keras.utils.set_random_seed(0)  # The networks' first weights.
    (images, _), (held_out, _) = datasets.fashion_mnist()
    images, held_out = images[:12800], held_out[:1000]
    epochs = arguments.epochs
    if arguments.smoke:
        images, epochs = images[:256], 1

    gan = make_gan()
    gan.fit(images, batch_size=64, epochs=epochs, verbose=2)

    again, codes = gan.reconstruct(held_out), gan.encode(held_out)
    print(
        "mean absolute error of images made again, held out: "
        f"{np.abs(again - held_out).mean():.3f}; of the mean image: "
        f"{np.abs(images.mean(axis=0) - held_out).mean():.3f}"
    )
    print(
        f"codes: mean {codes.mean():.2f}, deviation {codes.std():.2f}, "
        "largest correlation "
        f"{np.abs(np.corrcoef(codes.T) - np.eye(LATENT_SIZE)).max():.2f} "
        "(noise: 0, 1, about 0.1)"
    )
    rows = {
        "held out": held_out[:COLUMNS],
        "made again": again[:COLUMNS],
        "new": gan.generate(COLUMNS, seed=0),
        " ": gan.generate(COLUMNS, seed=1),
    }
    pictures.save_rows(arguments.output / "alpha_gan.png", rows)
    gan.save(arguments.output / "alpha_gan.keras")
    print(f"Done: a picture in {arguments.output}/alpha_gan.png")


if __name__ == "__main__":
    main()
