"""
Title: Photos as tokens
Description: What a learned loss puts back that few tokens cannot hold.
Runs in: 2,900 small steps, a seed; `--smoke` for a few of them, as in CI.

An autoencoder writes a photo as a map of tokens, one for 8 x 8 pixels, and
reads it again. So little is left of the texture that the absolute error can
only leave it out. VQGAN's recipe adds what a network sees in photos, and later
a discriminator of patches, which asks for a texture that could have been there.
(Esser et al., 2020, https://arxiv.org/abs/2012.09841)

The photos are those of `super_resolution.py`: nature to learn from, other kinds
to be measured on.
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
import photos
import pictures
from keras import layers
from keras import ops

from keras_ganloss import SupervisedGAN
from keras_ganloss import distances
from keras_ganloss import networks
from keras_ganloss import recipes
from keras_ganloss.pretrained import efficientnet_lite0
from keras_ganloss.utils.features import features

BATCH = 16

"""
## Tokens

Five numbers a place, each rounded to one of five values: 3,125 tokens, none of
which can fall out of use. Rounding has no gradient; it is passed on as if there
had been none. (Mentzer et al., 2023, https://arxiv.org/abs/2309.15505)
"""

NUM_VALUES = 5


class Quantizer(layers.Layer):
    """Rounds each number to one of `num_values` between -1 and 1."""

    def __init__(self, num_values, **kwargs):
        super().__init__(**kwargs)
        self.num_values = num_values

    def call(self, x):
        half = 0.5 * (self.num_values - 1)
        x = half * ops.tanh(x)
        return (x + ops.stop_gradient(ops.round(x) - x)) / half

    def get_config(self):
        return {**super().get_config(), "num_values": self.num_values}


def residual(x, filters):
    y = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    return layers.Add()([x, layers.Conv2D(filters, 3, padding="same")(y)])


def make_autoencoder():
    """Returns a network from photos, whose sides 8 divides, to photos."""
    photo = keras.Input((None, None, 3))
    x = layers.Conv2D(32, 4, 2, "same", activation="relu")(photo)
    x = layers.Conv2D(64, 4, 2, "same", activation="relu")(x)
    x = residual(layers.Conv2D(96, 4, 2, "same")(x), 96)
    tokens = Quantizer(NUM_VALUES, dtype="float32")(layers.Conv2D(5, 1)(x))
    x = layers.Conv2D(96, 3, padding="same")(tokens)
    x = residual(residual(x, 96), 96)
    x = layers.Conv2DTranspose(64, 4, 2, "same", activation="relu")(x)
    x = layers.Conv2DTranspose(32, 4, 2, "same", activation="relu")(x)
    x = layers.Conv2DTranspose(
        3, 4, 2, "same", dtype="float32", name="conv_out"
    )(x)
    return keras.Model(photo, x, name="autoencoder")


"""
## With the absolute error, and by the recipe

Both begin with the same weights. The recipe's features are early ones of
EfficientNet-Lite0; with this weight they pull about three times as much as the
absolute error. The learned loss begins after half of the steps, and is kept at
0.8 times the gradient of the others at the layer `conv_out`.
"""


def with_pixels(num_steps, rate=1e-3):
    model = make_autoencoder()
    schedule = keras.optimizers.schedules.CosineDecay(rate, num_steps)
    model.compile(keras.optimizers.Adam(schedule), "mae")
    return model


def with_discriminator(num_steps, rate=1e-3):
    shape = (photos.SIZE, photos.SIZE, 3)
    gan = SupervisedGAN(
        make_autoencoder(),
        networks.PatchDiscriminator(shape, filters=32, num_layers=2),
        conditional=False,
        seed=0,
    )
    network = features(
        efficientnet_lite0.load_network(), ["block_1", "block_3", "block_5"]
    )
    settings = recipes.vqgan(
        distances.Perceptual(network),
        BATCH,
        perceptual_weight=0.02,
        learning_rate=rate / BATCH,
        adversarial_start=num_steps // 2,
    )
    gan.compile(**settings, ema=0.99)
    return gan


# And for how many of the epochs: about the same CPU time.
WAYS = {
    "absolute error": (with_pixels, 1.0),
    "VQGAN's recipe": (with_discriminator, 0.4),
}


def train(seed, squares, epochs):
    """Yields name, model and CPU seconds."""
    num_batches = -(-len(squares) // BATCH)
    for name, (make, share) in WAYS.items():
        keras.utils.set_random_seed(seed)
        start = time.process_time()
        num_epochs = round(share * epochs)
        model = make(num_epochs * num_batches)
        model.fit(
            squares, squares, batch_size=BATCH, epochs=num_epochs, verbose=2
        )
        yield name, model, time.process_time() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument(
        "--output",
        type=pathlib.Path,
        default=pathlib.Path("output/tokenizer"),
    )
    parser.add_argument("--photos", type=pathlib.Path, default=datasets.NATURE)
    parser.add_argument("--epochs", default=20, type=int)
    parser.add_argument("--seeds", default=[0], type=int, nargs="+")
    parser.add_argument("--smoke", action="store_true", help="a few batches")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)

    keras.config.set_dtype_policy("mixed_bfloat16")  # As fast again.
    training = datasets.photos(arguments.photos)
    real, epochs = photos.held_out(), arguments.epochs
    if arguments.smoke:
        training, real, epochs = training[:1], real[:2], 5
    _, squares = photos.squares(training, step=40)
    if arguments.smoke:
        squares = squares[:BATCH]
    print(f"{len(squares)} squares to train on, {len(real)} photos held out")

    for seed in arguments.seeds:
        path = arguments.output / f"tokenizer_{seed}"
        answers, results = {}, []
        for name, model, seconds in train(seed, squares, epochs):
            model.save(f"{path}.keras")
            made = model.predict(
                datasets.to_range(real), batch_size=1, verbose=0
            )
            answers[name] = photos.to_pixels(made)
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
    print(f"Done: pictures and numbers in {arguments.output}")


if __name__ == "__main__":
    main()
