"""Values that TF-GAN published, and worked out by hand."""

import math

import numpy as np
import pytest
from keras import ops

from keras_ganloss import backend
from keras_ganloss import losses

REAL = np.array([-5.0, 1.4, 12.5, 2.7], "float32")
FAKE = np.array([10.0, 4.4, -5.5, 3.6], "float32")


@pytest.mark.parametrize(
    "loss, d_value, g_value",
    [
        (losses.ModifiedMinimax(label_smoothing=0.25), 6.19637, 1.38582),
        (losses.ModifiedMinimax(), 5.83387, 1.38582),
        (losses.Wasserstein(), 0.225, -3.125),
        (losses.Hinge(), 6.75, -3.125),
        (losses.LeastSquares(), 41.73375, 17.69625),
    ],
    ids=["smoothed", "modified_minimax", "wasserstein", "hinge", "squares"],
)
def test_published_values(loss, d_value, g_value):
    assert float(loss.d_loss(REAL, FAKE)) == pytest.approx(d_value, abs=1e-5)
    assert float(loss.g_loss(REAL, FAKE)) == pytest.approx(g_value, abs=1e-5)


def test_minimax_generator_up_to_the_constant_of_tf_gan():
    # TF-GAN gives ones as real *logits* to its own discriminator loss, which
    # adds -softplus(-1) to the published -4.82408.
    loss = losses.Minimax(label_smoothing=0.25)
    assert float(loss.d_loss(REAL, FAKE)) == pytest.approx(6.19637, abs=1e-5)
    constant = -math.log1p(math.exp(-1.0))
    assert float(loss.g_loss(REAL, FAKE)) + constant == pytest.approx(
        -4.82408, abs=1e-5
    )


SMALL_REAL = np.array([-0.5, 0.3, 1.2, 0.7], "float32")
SMALL_FAKE = np.array([0.4, -1.1, 0.2, -0.3], "float32")


@pytest.mark.parametrize(
    "labels, d_value, g_value",
    [
        ((0.0, 1.0, 1.0), 0.54625, 0.8875),
        ((-1.0, 1.0, 0.0), 0.84625, 0.1875),
        ((-1.0, 1.0, 1.0), 0.84625, 0.8875),
    ],
)
def test_least_squares_labels(labels, d_value, g_value):
    loss = losses.LeastSquares(*labels)
    d_found = float(loss.d_loss(SMALL_REAL, SMALL_FAKE))
    assert d_found == pytest.approx(d_value)
    assert float(loss.g_loss(fake_output=SMALL_FAKE)) == pytest.approx(g_value)


def test_the_non_saturating_slope_of_a_lost_sample():
    _, _, slope = backend.value_and_input_gradients(
        lambda fake: (losses.modified_minimax_g_loss(None, fake), None),
        ops.convert_to_tensor([-30.0]),
    )
    assert float(slope[0]) == -1.0


def test_the_saturating_slope_of_a_lost_sample():
    _, _, slope = backend.value_and_input_gradients(
        lambda fake: (losses.minimax_g_loss(None, fake), None),
        ops.convert_to_tensor([-30.0]),
    )
    assert float(slope[0]) == pytest.approx(-math.exp(-30.0), rel=1e-5)


@pytest.mark.parametrize("smoothing", [-0.1, 1.1])
def test_label_smoothing_outside_of_its_range(smoothing):
    for name in ("Minimax", "ModifiedMinimax"):
        with pytest.raises(ValueError, match="Received: label_smoothing"):
            getattr(losses, name)(label_smoothing=smoothing)
