"""Relativistic losses, paired and average, by numbers and symmetries."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import losses

REAL = np.array([-5.0, 1.4, 12.5, 2.7], "float32")
FAKE = np.array([10.0, 4.4, -5.5, 3.6], "float32")


@pytest.mark.parametrize(
    "base, d_value, g_value",
    [
        (None, 4.822435, 4.597435),
        # Differences -15, -3, 18, -0.9: relu(1 - .) is 16, 4, 0, 1.9.
        (losses.Hinge(), 5.475, (0 + 0 + 19 + 0.1) / 4),
        # Half of the squares of -16, -4, 17, -1.9 and of 14, 2, -19, -0.1.
        (
            losses.LeastSquares(),
            (256 + 16 + 289 + 3.61) / 8,
            (196 + 4 + 361 + 0.01) / 8,
        ),
        # The Wasserstein loss, with the real half for the generator as well.
        (losses.Wasserstein(), 0.225, -0.225),
    ],
    ids=["logistic", "hinge", "squares", "wasserstein"],
)
def test_pairs(base, d_value, g_value):
    loss = losses.Relativistic(base)
    assert float(loss.d_loss(REAL, FAKE)) == pytest.approx(d_value)
    assert float(loss.g_loss(REAL, FAKE)) == pytest.approx(g_value)


def test_pairs_have_one_half_only():
    # Its labels for fakes and generators have no part in it.
    one = losses.Relativistic(losses.LeastSquares(0.0, 1.0, 1.0))
    other = losses.Relativistic(losses.LeastSquares(-7.0, 1.0, 5.0))
    assert float(one.d_loss(REAL, FAKE)) == float(other.d_loss(REAL, FAKE))
    assert float(one.g_loss(REAL, FAKE)) == float(other.g_loss(REAL, FAKE))


def test_average_as_tf_gan_published_it():
    real = np.array([-2.0, 0.4, 12.5, 2.7], "float32")
    loss = losses.RelativisticAverage()
    assert float(loss.d_loss(real, FAKE)) == pytest.approx(4.390114, abs=1e-6)
    assert float(loss.g_loss(real, FAKE)) == pytest.approx(4.940114, abs=1e-6)


@pytest.mark.parametrize(
    "base, half",
    [
        (losses.Hinge(), 3.196875),
        # Of squares to +1 and -1; ours have the factor of a half already.
        (losses.LeastSquares(-1.0, 1.0, 1.0), 36.546563),
    ],
)
def test_average_as_the_author_halves_it(base, half):
    loss = losses.RelativisticAverage(base)
    scale = 1.0 if isinstance(base, losses.LeastSquares) else 2.0
    assert float(loss.d_loss(REAL, FAKE)) == pytest.approx(
        scale * half, abs=1e-5
    )


def test_average_of_squares_aims_at_one_and_minus_one():
    # Means 2.9 and 3.125. At labels 0 and 1 another game is played.
    real, fake = REAL - 3.125, FAKE - 2.9
    paper = losses.RelativisticAverage(losses.LeastSquares(-1.0, 1.0, 1.0))
    expected = 0.5 * np.mean((real - 1) ** 2 + (fake + 1) ** 2)
    assert float(paper.d_loss(REAL, FAKE)) == pytest.approx(expected, rel=1e-6)
    expected = 0.5 * np.mean((real + 1) ** 2 + (fake - 1) ** 2)
    assert float(paper.g_loss(REAL, FAKE)) == pytest.approx(expected, rel=1e-6)
    other = losses.RelativisticAverage(losses.LeastSquares())
    expected = 0.5 * np.mean((real - 1) ** 2 + fake**2)
    assert float(other.d_loss(REAL, FAKE)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("wrapper", ["relativistic", "relativistic_average"])
def test_only_differences_count(wrapper):
    loss = losses.get(wrapper)
    for side in (loss.d_loss, loss.g_loss):
        assert float(side(REAL + 3.0, FAKE + 3.0)) == pytest.approx(
            float(side(REAL, FAKE)), rel=1e-5
        )


@pytest.mark.parametrize("wrapper", ["relativistic", "relativistic_average"])
def test_the_generator_is_a_discriminator_with_sides_swapped(wrapper):
    loss = losses.get(wrapper)
    assert float(loss.g_loss(REAL, FAKE)) == pytest.approx(
        float(loss.d_loss(FAKE, REAL)), rel=1e-6
    )


def test_a_loss_of_ones_own_as_base():
    @keras.saving.register_keras_serializable("test_relativistic")
    class Exponential(losses.SeparableLoss):
        def real_half(self, output):
            return ops.exp(-output)

        def fake_half(self, output):
            return ops.exp(output)

        def g_call(self, real_output, fake_output):
            return ops.exp(-fake_output)

    loss = losses.Relativistic(Exponential())
    assert float(
        loss.d_loss(np.array([1.0]), np.array([3.0]))
    ) == pytest.approx(np.exp(2.0))
    again = losses.get(keras.saving.serialize_keras_object(loss))
    assert isinstance(again.base, Exponential)


@pytest.mark.parametrize(
    "base", [losses.Cramer(), keras.losses.MeanSquaredError(), "hinge"]
)
def test_what_has_no_halves_is_refused(base):
    with pytest.raises(ValueError, match="SeparableLoss.*LabelLoss.*Received"):
        losses.Relativistic(base)
    with pytest.raises(ValueError, match="SeparableLoss.*Received"):
        losses.RelativisticAverage(base)


def test_abstract_halves_name_the_hook():
    with pytest.raises(NotImplementedError, match="real_half"):
        losses.SeparableLoss().d_loss(REAL, FAKE)
    with pytest.raises(NotImplementedError, match="fake_half"):
        losses.SeparableLoss().fake_half(FAKE)
