"""Label smoothing on either side, by hand."""

import math

import numpy as np
import pytest

from keras_ganloss import losses

REAL = np.array([-5.0, 1.4, 12.5, 2.7], "float32")
FAKE = np.array([10.0, 4.4, -5.5, 3.6], "float32")


@pytest.mark.parametrize(
    "labels, d_value",
    [
        ((1.0, 0.0), 5.83387),
        ((0.875, 0.0), 6.19637),  # TF-GAN's 0.25, of which it takes half.
        # The mean of the outputs is 2.9 and 3.125: a tenth of it either way.
        ((0.9, 0.1), 5.83387 + 0.29 - 0.3125),
    ],
)
def test_values_by_hand(labels, d_value):
    loss = losses.Logistic(*labels)
    assert float(loss.d_loss(REAL, FAKE)) == pytest.approx(d_value, abs=1e-5)
    assert float(loss.g_loss(REAL, FAKE)) == pytest.approx(1.38582, abs=1e-5)


@pytest.mark.parametrize("label", [0.9, 0.6])
def test_smoothed_sides_are_cheapest_at_the_logit_of_the_label(label):
    best = math.log(label / (1.0 - label))
    loss = losses.Logistic(real_label=label, fake_label=1.0 - label)

    def value(real, fake):
        return float(loss.d_loss(np.array([real]), np.array([fake])))

    lowest = value(best, -best)
    for shift in (0.1, -0.1):
        assert value(best + shift, -best) > lowest
        assert value(best, shift - best) > lowest


@pytest.mark.parametrize("labels", [(0.9, -0.1), (1.1, 0.0), (0.2, 0.3)])
def test_labels_out_of_range(labels):
    with pytest.raises(ValueError, match="Received: real_label.*fake_label"):
        losses.Logistic(*labels)


def test_margins_of_the_hinge():
    # relu(0.5 - r): 5.5, 0, 0, 0; relu(2 + f): 12, 6.4, 0, 5.6.
    loss = losses.Hinge(real_margin=0.5, fake_margin=2.0)
    assert float(loss.d_loss(REAL, FAKE)) == pytest.approx(5.5 / 4 + 6.0)
