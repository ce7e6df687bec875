"""Our losses against TF-GAN's, run side by side on random outputs."""

import functools
import math

import keras
import numpy as np
import pytest

from keras_ganloss import losses
from tests.helpers import tfgan_oracle

if keras.backend.backend() != "tensorflow":
    pytest.skip("TF-GAN runs on TensorFlow", allow_module_level=True)

tf = pytest.importorskip("tensorflow")
tfgan = tfgan_oracle.import_losses()
NUM_CASES = 3000
TOLERANCE = 1e-5

PAIRS = {
    "minimax_d": (
        losses.Minimax(label_smoothing=0.25).d_loss,
        tfgan.minimax_discriminator_loss,
    ),
    "modified_d": (
        losses.ModifiedMinimax().d_loss,
        functools.partial(
            tfgan.modified_discriminator_loss, label_smoothing=0.0
        ),
    ),
    "wasserstein_d": (
        losses.Wasserstein().d_loss,
        tfgan.wasserstein_discriminator_loss,
    ),
    "hinge_d": (
        losses.Hinge().d_loss,
        tfgan.wasserstein_hinge_discriminator_loss,
    ),
    "least_squares_d": (
        losses.LeastSquares().d_loss,
        tfgan.least_squares_discriminator_loss,
    ),
    "minimax_g": (
        losses.Minimax().g_loss,
        lambda fake: (
            tfgan.minimax_generator_loss(fake) + math.log1p(math.exp(-1.0))
        ),  # TF-GAN's constant, see `Minimax`.
    ),
    "modified_g": (
        losses.ModifiedMinimax().g_loss,
        tfgan.modified_generator_loss,
    ),
    "wasserstein_g": (
        losses.Wasserstein().g_loss,
        tfgan.wasserstein_generator_loss,
    ),
    "hinge_g": (
        losses.Hinge().g_loss,
        tfgan.wasserstein_hinge_generator_loss,
    ),
    "least_squares_g": (
        losses.LeastSquares().g_loss,
        tfgan.least_squares_generator_loss,
    ),
}


def make_cases(num_rows, largest_scale):
    """Random outputs of all sizes up to a scale, one case a row."""
    generator = np.random.default_rng(0)
    shape = (NUM_CASES, num_rows, 1)
    scale = 10.0 ** generator.uniform(
        -2, np.log10(largest_scale), (2, NUM_CASES, 1, 1)
    )
    return (generator.normal(size=(2, *shape)) * scale).astype("float32")


def compare(pair, mode, largest_scale):
    """Returns the values of ours and theirs on all cases."""
    ours, theirs = PAIRS[pair]
    one_sided = pair.endswith("_g")
    real, fake = make_cases(5, largest_scale)

    def both(real, fake):
        if one_sided:
            return ours(fake_output=fake), theirs(fake)
        return ours(real, fake), theirs(real, fake)

    if mode == "eager":
        cases = zip(real[:200], fake[:200])
        found, expected = np.array([both(*case) for case in cases]).T
    else:
        function = tf.function(
            lambda real, fake: tf.map_fn(
                lambda case: tf.stack(both(*case)),
                (real, fake),
                fn_output_signature=tf.float32,
            ),
            jit_compile=mode == "xla",
        )
        found, expected = function(real, fake).numpy().T
    return found, expected


@pytest.mark.parametrize("mode", ["eager", "graph", "xla"])
@pytest.mark.parametrize("pair", PAIRS)
def test_values_equal_tf_gans(pair, mode):
    found, expected = compare(pair, mode, largest_scale=3.0)
    assert np.abs(found - expected).max() <= TOLERANCE


@pytest.mark.parametrize("pair", PAIRS)
def test_large_values_equal_tf_gans(pair):
    # Squares of hundreds: float32 has seven digits, so relative.
    found, expected = compare(pair, "graph", largest_scale=1000.0)
    size = np.maximum(1.0, np.abs(expected))
    assert (np.abs(found - expected) / size).max() <= TOLERANCE
