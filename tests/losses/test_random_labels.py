"""Label noise and flipping: what they mix, how often, and from which seed."""

import numpy as np
import pytest
from keras import ops

from keras_ganloss import losses

REAL = np.array([[-5.0], [1.4], [12.5], [2.7]], "float32")
FAKE = np.array([[10.0], [4.4], [-5.5], [3.6]], "float32")
MANY = 20000


def values(loss, real, fake):
    """The discriminator's losses of single samples."""
    return ops.convert_to_numpy(
        loss.d_call(*map(ops.convert_to_tensor, (real, fake)))
    )


@pytest.mark.parametrize("wrapper", [losses.LabelFlipping, losses.LabelNoise])
def test_none_of_it_is_the_base(wrapper):
    loss = wrapper(losses.Hinge(), rate=0.0)
    assert float(loss.d_loss(REAL, FAKE)) == pytest.approx(6.75)
    assert float(loss.g_loss(REAL, FAKE)) == pytest.approx(-3.125)


def test_all_flipped_swaps_the_players():
    loss = losses.LabelFlipping(losses.Hinge(), rate=1.0)
    assert float(loss.d_loss(REAL, FAKE)) == pytest.approx(
        float(losses.Hinge().d_loss(FAKE, REAL))
    )
    assert float(loss.g_loss(REAL, FAKE)) == pytest.approx(-3.125)


def test_how_many_are_flipped():
    # Wasserstein at 1 and 0: -1 with the right label of real, +1 with fake's.
    loss = losses.LabelFlipping(losses.Wasserstein(), rate=0.2, seed=0)
    found = values(loss, np.ones((MANY, 1)), np.zeros((MANY, 1)))
    assert set(np.unique(found)) == {-1.0, 1.0}
    # Five standard deviations of a share of 20000.
    assert (found == 1.0).mean() == pytest.approx(0.2, abs=0.015)
    both = values(loss, np.ones((MANY, 1)), np.full((MANY, 1), 10.0))
    # Real and fake are flipped each by itself: 4 % have both.
    assert (both == -9.0).mean() == pytest.approx(0.04, abs=0.007)


def test_how_large_the_noise_is():
    loss = losses.LabelNoise(losses.Wasserstein(), rate=0.4, seed=0)
    found = values(loss, np.ones((MANY, 1)), np.zeros((MANY, 1)))
    shares = (found + 1.0) / 2.0  # -(1 - u) + u.
    assert 0.0 <= shares.min() and shares.max() <= 0.4 + 1e-6
    assert shares.mean() == pytest.approx(0.2, abs=0.005)
    assert shares.std() == pytest.approx(0.4 / 12**0.5, abs=0.003)


def test_noise_is_the_cross_entropy_with_the_noisy_label():
    loss = losses.LabelNoise(rate=0.4, seed=0)
    again = losses.LabelNoise(losses.Wasserstein(), rate=0.4, seed=0)
    real = np.full((5, 1), 1.0, "float32")
    zero = np.zeros((5, 1), "float32")
    labels = (1.0 - values(again, real, zero)) / 2.0
    expected = np.log1p(np.exp(1.0)) - labels * 1.0 + np.log(2.0)
    np.testing.assert_allclose(values(loss, real, zero), expected, rtol=1e-5)


def test_a_label_a_sample_and_not_a_patch():
    loss = losses.LabelFlipping(losses.Wasserstein(), rate=0.5, seed=0)
    found = values(loss, np.ones((64, 3, 3, 1)), np.zeros((64, 3, 3, 1)))
    assert (found == found[:, :1, :1]).all()
    assert len(np.unique(found)) == 2


def test_the_same_seed_draws_the_same_and_then_something_else():
    first, second = (losses.LabelNoise(seed=3) for _ in range(2))
    one = float(first.d_loss(REAL, FAKE))
    assert float(second.d_loss(REAL, FAKE)) == one
    assert float(first.d_loss(REAL, FAKE)) != one


def test_wrappers_nest():
    # All flipped twice is nothing, but a wrapper has no halves of its own.
    with pytest.raises(ValueError, match="SeparableLoss.*Received"):
        losses.LabelFlipping(losses.LabelNoise())


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_rate_out_of_range(rate):
    with pytest.raises(ValueError, match="Received: rate"):
        losses.LabelFlipping(rate=rate)


def test_abstract_labels_name_the_hook():
    from keras_ganloss.losses.random_labels import RandomLabels

    with pytest.raises(NotImplementedError, match="shares"):
        RandomLabels().d_loss(REAL, FAKE)
