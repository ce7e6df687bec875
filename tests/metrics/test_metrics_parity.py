"""Metrics that see batch after batch, against TF-GAN on all samples at once.

TF-GAN gets the same float32 features as float64, which it computes in.
"""

import keras
import numpy as np
import pytest

from keras_ganloss.metrics import ClassifierScore
from keras_ganloss.metrics import FrechetDistance
from keras_ganloss.metrics import KernelDistance
from keras_ganloss.metrics import kernel_distance_of_blocks
from tests.helpers import tfgan_oracle

if keras.backend.backend() != "tensorflow":
    pytest.skip("TF-GAN runs on TensorFlow", allow_module_level=True)

tf = pytest.importorskip("tensorflow")
theirs = tfgan_oracle.import_module("eval.classifier_metrics")

NUM_CASES = 20
TOLERANCE = 1e-6
BLOCK_SIZE = 20


def make_case(random):
    """Returns two sets of features, and the size of a batch.

    Of 1 to 24 features that depend on each other, of sizes from 0.1 to 10,
    around means of up to ten deviations; the sets differ by 0.1 % to 100 %.
    As many samples of each as a whole number of blocks. No direction in them
    is nearly constant: of eigenvalues below 1e-10 TF-GAN takes no root.
    """
    num_features = random.integers(1, 25)
    num_samples = BLOCK_SIZE * random.integers(2, 8)
    mixing = np.eye(num_features) + random.normal(
        scale=0.3 / num_features**0.5, size=(num_features, num_features)
    )
    scale = 10.0 ** random.uniform(-1.0, 1.0)
    change = 10.0 ** random.uniform(-3.0, 0.0)
    center = random.uniform(-10.0, 10.0, size=num_features)
    real, fake = random.normal(size=(2, num_samples, num_features))
    fake = (1.0 + change) * fake + change
    sets = [
        (scale * ((each + center) @ mixing)).astype("float32")
        for each in (real, fake)
    ]
    return *sets, random.integers(1, num_samples + 1)


def streamed(metric, real, fake, batch_size):
    for start in range(0, len(real), batch_size):
        part = slice(start, start + batch_size)
        metric.update_state(real[part], fake[part])
    result = metric.result()
    return list(result.values()) if isinstance(result, dict) else [result]


def as_float64(*arrays):
    return [tf.constant(array, tf.float64) for array in arrays]


def frechet_distances(real, fake, batch_size):
    ours = streamed(FrechetDistance("samples"), real, fake, batch_size)
    return ours, [
        theirs.frechet_classifier_distance_from_activations(
            *as_float64(real, fake)
        )
    ]


def kernel_distances(real, fake, batch_size):
    metric = KernelDistance("samples", block_size=BLOCK_SIZE)
    return streamed(metric, real, fake, batch_size), _kernel_distances(
        real, fake, BLOCK_SIZE
    )


def kernel_distances_of_arrays(real, fake, batch_size):
    # Blocks of different sizes, and other numbers of samples.
    fake = fake[: len(fake) - len(fake) // 5]
    block_size = max(6, batch_size)
    return kernel_distance_of_blocks(real, fake, block_size), (
        _kernel_distances(real, fake, block_size)
    )


def _kernel_distances(real, fake, block_size):
    return theirs.kernel_classifier_distance_and_std_from_activations(
        *as_float64(real, fake), max_block_size=block_size
    )


def classifier_scores(real, fake, batch_size):
    metric = ClassifierScore(tf.identity)
    ours = streamed(metric, real, fake, batch_size)
    (logits,) = as_float64(fake)
    return ours, [theirs.classifier_score_from_logits(logits)]


COMPARISONS = {
    "FrechetDistance": frechet_distances,
    "KernelDistance": kernel_distances,
    "kernel_distance_of_blocks": kernel_distances_of_arrays,
    "ClassifierScore": classifier_scores,
}


def compare(name, num_cases):
    """Returns the largest relative difference over random cases."""
    random = np.random.default_rng(0)
    largest = 0.0
    for _ in range(num_cases):
        ours, expected = (
            np.array([float(value) for value in values])
            for values in COMPARISONS[name](*make_case(random))
        )
        np.testing.assert_array_equal(np.isnan(ours), np.isnan(expected))
        known = ~np.isnan(expected)
        difference = np.abs(ours - expected)[known] / np.abs(expected)[known]
        largest = max(largest, difference.max())
    return largest


@pytest.mark.parametrize("name", COMPARISONS)
def test_equals_tfgan(name):
    assert compare(name, NUM_CASES) <= TOLERANCE
