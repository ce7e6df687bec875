"""
Title: What the metrics of images say of known damages
Description: Distances of Fashion-MNIST to itself, unharmed and damaged in
    ways of which the order is known, as the packaged classifier sees them. A
    metric is of use where each damage is far above the first row, the
    distance of real images to other real ones.
Runs in: a minute on a CPU core.
"""

import argparse
import os
import pathlib
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "examples")]

import datasets  # noqa: E402
import numpy as np  # noqa: E402

from keras_ganloss import metrics  # noqa: E402

RANDOM = np.random.default_rng(0)
BATCH_SIZE = 500


def noisy(images, deviation):
    """Adds noise; its deviation is that of pixels from 0 to 255."""
    noise = RANDOM.normal(scale=deviation / 127.5, size=images.shape)
    return np.clip(images + noise, -1.0, 1.0).astype("float32")


def blurred(images):
    """Averages squares of 3 x 3 pixels."""
    edges = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    parts = [
        edges[:, row : row + 28, column : column + 28]
        for row in range(3)
        for column in range(3)
    ]
    return np.mean(parts, axis=0, dtype="float32")


def make_rows(images, labels, test_images, num):
    """Yields names, and `num` images each."""
    chosen, others = images[num : 2 * num], images[2 * num :]
    kinds = labels[2 * num :]
    yield "other images", chosen
    yield "test images", test_images[:num]
    for deviation in (10, 30):
        yield f"noise, deviation {deviation} of 255", noisy(chosen, deviation)
    yield "blur 3 x 3", blurred(chosen)
    yield "blur 3 x 3, twice", blurred(blurred(chosen))
    yield "five of ten classes", others[kinds < 5][:num]
    yield (
        "one of ten classes",
        np.resize(others[kinds == 0], (num, *images.shape[1:])),
    )
    yield (
        "50 images, again and again",
        np.resize(chosen[:50], (num, *images.shape[1:])),
    )
    noise = RANDOM.uniform(-1.0, 1.0, size=chosen.shape)
    yield "uniform noise", noise.astype("float32")


def measure(reference, fake, network):
    """Returns Fréchet distance, kernel distance, its error, and score."""
    distance = metrics.FrechetDistance(network, reference=reference)
    kernel = metrics.KernelDistance(
        network, reference=reference, block_size=BATCH_SIZE
    )
    score = metrics.ClassifierScore(network)
    for start in range(0, len(fake), BATCH_SIZE):
        batch = fake[start : start + BATCH_SIZE]
        for metric in (distance, kernel, score):
            metric.update_state(batch, batch)  # `reference` is what is real.
    return distance.result(), *kernel.result().values(), score.result()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--num", type=int, default=5000)
    parser.add_argument("--network", default="fashion_and_digits")
    arguments = parser.parse_args()
    (images, labels), (test_images, _) = datasets.fashion_mnist()
    with tempfile.TemporaryDirectory() as directory:
        reference = metrics.Reference(images[: arguments.num], directory)
        rows = make_rows(images, labels, test_images, arguments.num)
        show(reference, rows, arguments.network)


def show(reference, rows, network):
    print("| images | Fréchet distance | times the first row "
          "| kernel distance | classifier score |")  # fmt: skip
    print("|---|---|---|---|---|")
    floor = None
    for name, fake in rows:
        distance, kernel, error, score = measure(reference, fake, network)
        floor = floor or distance
        print(
            f"| {name} | {distance:.3g} | {distance / floor:.0f} "
            f"| {kernel:.3g} ± {error:.2g} | {score:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
