"""
Title: Color for gray images, with an explicit loss and with a learned one
Description: The mean squared error paints the average color, which is dull.
Runs in: 3 minutes on a CPU core, a seed; `--smoke` for some seconds, as in CI.

A gray flag may have been red, blue or green. The mean squared error is smallest
at the average of all that it may have been, a color that hardly any flag has. A
discriminator that looks at a gray image and its colors learns which colors
there are; trained against it, the same network chooses one of them.

The images are emoji, drawn by two artists, from the npm packages
emoji-datasource-google and emoji-datasource-twitter; see `datasets.py`.
"""

import argparse
import os
import pathlib
import time

# TensorFlow says a lot about graphics cards before it begins.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import datasets
import keras
import numpy as np
import rows
from keras import layers

from keras_ganloss import SupervisedGAN
from keras_ganloss.balances import GradientRatio
from keras_ganloss.penalties import R1

SIZE = 32
WIDTH = 24

# Faces and hands are yellow, whoever draws them: nothing to choose.
LEFT_OUT = ("People & Body", "Component")

"""
## The data

An image is split as for JPEG or television: into its luminance, which is the
gray image, and two numbers a pixel, blue and red minus luminance. Their length
is the chroma, 0 for gray. Only they are predicted, so that no result is less
sharp than another. A row of the matrix makes one of the three; from [-1, 1],
it goes to [-1, 1].
"""

FROM_COLOR = np.array(
    [
        [0.299, 0.587, 0.114],
        [-0.299 / 1.772, -0.587 / 1.772, 0.5],
        [0.5, -0.587 / 1.402, -0.114 / 1.402],
    ],
    "float32",
)


def split(images):
    """Returns the gray images and the two color channels."""
    values = images @ FROM_COLOR.T
    return values[..., :1], values[..., 1:]


def join(gray, colors):
    """Returns color images, clipped to what can be shown."""
    values = np.concatenate([gray, colors], axis=-1)
    return np.clip(values @ np.linalg.inv(FROM_COLOR).T, -1.0, 1.0)


def load_emoji(directory):
    """Returns images to train on, also mirrored, and images held out.

    Every eighth pictogram is held out, in the drawings of both artists.
    """
    training, held_out = [], []
    for artist in datasets.ARTISTS:
        emoji = datasets.emoji(artist, SIZE, directory)
        left_out = [emoji.categories.index(name) for name in LEFT_OUT]
        kept = ~np.isin(emoji.labels, left_out)
        eighth = emoji.pictograms % 8 == 0
        training.append(emoji.images[kept & ~eighth])
        held_out.append(emoji.images[kept & eighth])
    training, held_out = np.concatenate(training), np.concatenate(held_out)
    return np.concatenate([training, training[:, :, ::-1]]), held_out


"""
## The networks

A small U-Net colors. The discriminator takes `[answer, input]` and returns two
outputs: logits of patches, squares of some twenty pixels, and one of the whole
image, so that an apple is not red on one side and green on the other.
"""


def convolution(tensor, filters, size, strides=1):
    tensor = layers.Conv2D(filters, size, strides, "same")(tensor)
    return layers.LeakyReLU(negative_slope=0.2)(tensor)


def make_unet():
    gray = keras.Input((SIZE, SIZE, 1))
    half = convolution(gray, WIDTH, 5, 2)
    quarter = convolution(half, 2 * WIDTH, 3, 2)
    hidden = convolution(quarter, 4 * WIDTH, 3, 2)
    hidden = convolution(hidden, 4 * WIDTH, 3)
    for skip, filters in ((quarter, 2 * WIDTH), (half, WIDTH)):
        hidden = layers.UpSampling2D()(hidden)
        hidden = layers.Concatenate()([hidden, skip])
        hidden = convolution(hidden, filters, 3)
    hidden = layers.Concatenate()([layers.UpSampling2D()(hidden), gray])
    colors = layers.Conv2D(2, 3, padding="same", activation="tanh")(hidden)
    return keras.Model(gray, colors)


def make_discriminator():
    colors = keras.Input((SIZE, SIZE, 2))
    gray = keras.Input((SIZE, SIZE, 1))
    hidden = layers.Concatenate()([colors, gray])
    for filters in (WIDTH, 2 * WIDTH, 4 * WIDTH):
        hidden = convolution(hidden, filters, 4, 2)
    of_patches = layers.Conv2D(1, 3, padding="same")(hidden)
    of_image = layers.Dense(1)(layers.Flatten()(hidden))
    return keras.Model([colors, gray], [of_patches, of_image])


"""
## Three ways to go on with the same network

A network that has been trained on the mean squared error, as you may have one,
is trained on: with the same loss, with the learned one in its place, with both.
The steps are as many. `GradientRatio` keeps the gradient of the learned loss at
a multiple of the other's, so that no weight has to be found by trial.
"""


def make_optimizer(rate=1e-3):
    return keras.optimizers.Adam(rate, beta_1=0.5, beta_2=0.99)


def make_explicit(unet):
    unet.compile(make_optimizer(), "mse", steps_per_execution=32)
    return unet


def make_learned(unet, seed, **settings):
    model = SupervisedGAN(unet, make_discriminator(), seed=seed)
    model.compile(
        g_optimizer=make_optimizer(3e-4),
        d_optimizer=make_optimizer(1e-3),
        d_loss="modified_minimax",
        penalties=[R1(0.1)],
        steps_per_execution=32,
        **settings,
    )
    return model


def make_both(unet, seed):
    weight = GradientRatio(2.0, maximum=1e4)
    return make_learned(
        unet, seed, loss="mse", loss_weights={"adversarial": weight}
    )


"""
## What is measured

On held-out images, as they are shown. The mean chroma is divided by that of the
real images. What two histograms of colors have in common is 1 if the colors are
used as often as in real images. The error says how far the colors are from
those that the artist chose; it is what the first network is trained on, and
nothing should beat it there.
"""


def mean_chroma(colors):
    return float(np.sqrt(np.square(colors).sum(-1)).mean())


def histogram(colors, bins=16):
    """The share of pixels in each square of the plane of colors."""
    first, second = colors.reshape(-1, 2).T
    counts, _, _ = np.histogram2d(first, second, bins, [[-1, 1], [-1, 1]])
    return counts / counts.sum()


def measure(images, real):
    """Returns relative chroma, colors in common, and error."""
    colors, real_colors = split(images)[1], split(real)[1]
    in_common = np.minimum(histogram(colors), histogram(real_colors)).sum()
    error = np.sqrt(np.square(colors - real_colors).mean())
    ratio = mean_chroma(colors) / mean_chroma(real_colors)
    return ratio, float(in_common), float(error)


def run(seed, training, held_out, epochs):
    """Trains the three of a seed; yields name, colored images, CPU seconds."""
    keras.utils.set_random_seed(seed)
    first = make_explicit(make_unet())
    first.fit(*split(training), epochs=2, batch_size=32, verbose=0)
    makers = {
        "mean squared error": make_explicit,
        "learned loss": lambda unet: make_learned(unet, seed),
        "both": lambda unet: make_both(unet, seed),
    }
    gray = split(held_out)[0]
    for name, make in makers.items():
        keras.utils.set_random_seed(seed)
        unet = keras.models.clone_model(first)
        unet.set_weights(first.get_weights())
        start = time.process_time()
        model = make(unet)
        model.fit(*split(training), epochs=epochs, batch_size=32, verbose=0)
        seconds = time.process_time() - start
        yield name, join(gray, model.predict(gray, verbose=0)), seconds


def draw(results, held_out, path, num=14):
    """Draws an even choice of the more colorful half of what is held out."""
    chroma = [mean_chroma(colors) for colors in split(held_out)[1]]
    colorful = np.flatnonzero(chroma >= np.median(chroma))
    choice = colorful[:: len(colorful) // num][:num]
    pictures = {"gray": split(held_out)[0], **results, "real": held_out}
    rows.draw_rows(
        {name: images[choice] for name, images in pictures.items()}, path
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument("--output", default="colorization", type=pathlib.Path)
    parser.add_argument("--emoji", type=pathlib.Path, help="their directory")
    parser.add_argument("--epochs", default=6, type=int)
    parser.add_argument("--seeds", default=1, type=int)
    parser.add_argument("--smoke", action="store_true")
    arguments = parser.parse_args()
    training, held_out = load_emoji(arguments.emoji)
    epochs = arguments.epochs
    if arguments.smoke:
        training, epochs = training[::80], 1
    arguments.output.mkdir(parents=True, exist_ok=True)
    print(f"{len(training)} images to train on, {len(held_out)} held out")
    print("seed, loss: relative chroma, colors in common, error, CPU seconds")
    for seed in range(arguments.seeds):
        results = {}
        for name, images, seconds in run(seed, training, held_out, epochs):
            values = ", ".join(f"{v:.3f}" for v in measure(images, held_out))
            print(f"{seed}, {name}: {values}, {seconds:.0f}", flush=True)
            results[name] = images
        draw(results, held_out, arguments.output / f"colorization_{seed}.png")


if __name__ == "__main__":
    main()
