"""Real images that need no download: digits of 8x8 pixels, Fashion-MNIST."""

import gzip
import os
import pathlib

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

# Where the Debian package `dataset-fashion-mnist` puts its files.
FASHION = pathlib.Path(
    os.environ.get("FASHION_MNIST", "/usr/share/datasets/fashion-mnist")
)
NUM_TRIPLES = 128_000  # As many as in the protocol of stacked MNIST.


def digits():
    """Returns 1,797 images `(8, 8)` in [-1, 1] and their labels.

    They are in the order of scikit-learn, in which the writers follow one
    another: the last ones are by writers who are not among the first.
    """
    data = load_digits()
    return data.images.astype("float32") / 8.0 - 1.0, data.target


def triples(num, seed):
    """Returns the indices of `num` random triples of digits."""
    random = np.random.default_rng(seed)
    return random.integers(len(load_digits().target), size=(num, 3))


def stack(images, indices):
    """Puts digits into channels: shape `(num, 8, 8, 3)`."""
    return np.moveaxis(images[indices], 1, -1)


def stacked_digits(batch_size, seed):
    """Returns an endless `tf.data.Dataset` of batches of triples."""
    images = tf.constant(digits()[0])

    def gather(indices):
        return tf.transpose(tf.gather(images, indices), (0, 2, 3, 1))

    dataset = tf.data.Dataset.from_tensor_slices(triples(NUM_TRIPLES, seed))
    dataset = dataset.shuffle(NUM_TRIPLES, seed=seed).repeat()
    return dataset.batch(batch_size).map(gather).prefetch(2)


def fashion(part="train"):
    """Returns Fashion-MNIST, `(num, 28, 28, 1)` of bytes, and its labels.

    Args:
        part: `"train"` (60,000 images) or `"t10k"` (10,000).
    """
    images, labels = [
        gzip.decompress((FASHION / f"{part}-{kind}-ubyte.gz").read_bytes())
        for kind in ("images-idx3", "labels-idx1")
    ]
    images = np.frombuffer(images, "uint8", offset=16)
    return (
        images.reshape(-1, 28, 28, 1),
        np.frombuffer(labels, "uint8", offset=8),
    )


def fashion_batches(batch_size, seed, scale):
    """Returns an endless `tf.data.Dataset` of batches of the training images.

    Args:
        batch_size: Int.
        seed: Int, of the order.
        scale: Function from bytes as floats to what a generator ends in.
    """
    images = fashion()[0]
    dataset = tf.data.Dataset.from_tensor_slices(images)
    dataset = dataset.shuffle(len(images), seed=seed).repeat()
    dataset = dataset.batch(batch_size)
    return dataset.map(lambda x: scale(tf.cast(x, "float32"))).prefetch(2)
