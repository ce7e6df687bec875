"""Losses that compare batches of feature vectors, by hand and by symmetry."""

import numpy as np
import pytest
from keras import ops
from scipy import stats

from keras_ganloss import losses
from keras_ganloss.losses.sinkhorn import transport_plan


def line(*numbers):
    return np.array(numbers, "float32")[:, None]


def random(seed, size=6):
    values = np.random.default_rng(seed).normal(size=(size, 3))
    return values.astype("float32")


def test_cramer_by_hand():
    # |r - f|: 1, 5; 1, 3. |f - f'| = 4. f(r): 3 - 0, 2 - 2; f(f): 4 - 1, 4 - 5.
    loss, real, fake = losses.Cramer(), line(0, 2), line(1, 5)
    assert float(loss.d_loss(real, fake)) == pytest.approx(1.0 - 1.5, abs=1e-5)
    assert float(loss.g_loss(real, fake)) == pytest.approx(5.0 - 4.0, abs=1e-5)


def test_cramer_is_the_energy_distance_but_for_the_real_samples():
    real, fake = random(0), random(1)
    distance = lambda x, y: np.linalg.norm(x[:, None] - y[None], axis=-1)  # noqa: E731
    expected = 2 * distance(real, fake).mean() - distance(fake, fake).sum() / 30
    found = float(losses.Cramer().g_loss(real, fake))
    assert found == pytest.approx(expected, rel=1e-5)


def test_squared_mmd_by_hand():
    # k = 1 / (1 + d^2 / 2): 1/3 of both real, 1/9 of both fake ones.
    loss = losses.MaximumMeanDiscrepancy(scales=[1.0])
    real, fake = line(0, 2), line(1, 5)
    across = (2 / 3 + 2 / 27 + 2 / 3 + 2 / 11) / 4
    expected = 1 / 3 + 1 / 9 - 2 * across
    assert float(loss.g_loss(real, fake)) == pytest.approx(expected, rel=1e-5)
    assert float(loss.d_loss(real, fake)) == pytest.approx(-expected, rel=1e-5)


def test_squared_mmd_is_unbiased():
    """Of two samples of one distribution its mean is zero, its sign free."""
    loss = losses.MaximumMeanDiscrepancy()
    found = [
        float(loss.g_loss(random(2 * seed), random(2 * seed + 1)))
        for seed in range(200)
    ]
    assert min(found) < 0.0 < max(found)
    assert abs(np.mean(found)) < 4 * np.std(found) / 200**0.5


def test_sliced_wasserstein_on_a_line():
    # Sorted: 0 with 2, 5 with 6.
    loss = losses.SlicedWasserstein()
    real, fake = line(5, 0), line(2, 6)
    assert float(loss.g_loss(real, fake)) == pytest.approx(2.5, rel=1e-5)
    assert float(loss.d_loss(real, fake)) == pytest.approx(-2.5, rel=1e-5)
    values = ops.convert_to_numpy(
        losses.SlicedWasserstein(reduction=None).g_loss(real, fake)
    )
    np.testing.assert_allclose(values, [4.0, 1.0], rtol=1e-5)


def test_sliced_wasserstein_of_a_shift():
    # Along a direction the shift is its cosine, of which the square has the
    # mean 1/3 in three dimensions: 12 / 3.
    loss = losses.SlicedWasserstein(num_directions=20000, seed=0)
    fake = random(0)
    assert float(loss.g_loss(fake + 2.0, fake)) == pytest.approx(4.0, rel=0.03)


def test_sinkhorn_of_two_samples_by_hand():
    # Costs 0, 4; 4, 0 with blur 4: kernel 1, 1/e, so the plan has, by
    # symmetry, 1/e : 1 off the diagonal.
    plan = ops.convert_to_numpy(
        transport_plan(ops.convert_to_tensor([[0.0, 4.0], [4.0, 0.0]]), 4.0, 5)
    )
    off = 1.0 / (1.0 + np.e)
    np.testing.assert_allclose(
        plan, [[1 - off, off], [off, 1 - off]], rtol=1e-5
    )
    # Real 0, 2 and fake 1, 1: all costs across are 1, those of equal fakes 0.
    loss = losses.Sinkhorn(blur=4.0)
    expected = 2 * 1.0 - 4.0 * off - 0.0
    found = float(loss.g_loss(line(0, 2), line(1, 1)))
    assert found == pytest.approx(expected, rel=1e-5)


def test_sinkhorn_with_little_blur_is_optimal_transport():
    # Squares of 2 and 1 on average, twice.
    loss = losses.Sinkhorn(blur=0.01, num_iterations=50)
    found = float(loss.g_loss(line(5, 0), line(2, 6)))
    assert found == pytest.approx(2 * 2.5, rel=1e-5)


@pytest.mark.parametrize(
    "name", ["maximum_mean_discrepancy", "sliced_wasserstein", "sinkhorn"]
)
def test_the_game_is_zero_sum(name):
    loss = losses.get(name)
    if name == "sliced_wasserstein":
        loss = losses.SlicedWasserstein(num_directions=1)
        pair = line(5, 0, 1), line(2, 6, 3)
    else:
        pair = random(0), random(1)
    assert float(loss.d_loss(*pair)) == pytest.approx(
        -float(loss.g_loss(*pair)), rel=1e-5
    )


@pytest.mark.parametrize("name", ["sliced_wasserstein", "sinkhorn"])
def test_equal_batches_are_at_no_distance(name):
    same = random(0)
    found = float(losses.get(name).g_loss(same[::-1].copy(), same))
    assert found == pytest.approx(0.0, abs=1e-4)


def test_fisher_by_hand():
    # Means 1 and -2, second moment (5 + 4) / 2: the excess is 3.5.
    loss, real, fake = losses.Fisher(rate=0.5), line(3, -1), line(-2, -2)
    assert float(loss.d_loss(real, fake)) == pytest.approx(-3.0 + 0.25 * 3.5**2)
    assert float(loss.g_loss(real, fake)) == 2.0
    loss.update_state(ops.convert_to_tensor(real), ops.convert_to_tensor(fake))
    assert float(loss.multiplier) == pytest.approx(1.75)
    assert float(loss.d_loss(real, fake)) == pytest.approx(
        -3.0 + 1.75 * 3.5 + 0.25 * 3.5**2
    )


@pytest.mark.parametrize(
    "create",
    [
        lambda: losses.MaximumMeanDiscrepancy(scales=[]),
        lambda: losses.MaximumMeanDiscrepancy(scales=[1.0, -1.0]),
        lambda: losses.SlicedWasserstein(num_directions=0),
        lambda: losses.Sinkhorn(blur=0.0),
        lambda: losses.Fisher(rate=0.0),
    ],
)
def test_arguments_out_of_range(create):
    with pytest.raises(ValueError, match="Received: "):
        create()


def test_sliced_wasserstein_is_another_programs():
    from tests.helpers.pot import ot

    real, fake = random(0, size=20), random(1, size=20)
    directions = random(2, size=8).T
    unit = (directions / np.linalg.norm(directions, axis=0)).astype("float64")
    expected = ot.sliced_wasserstein_distance(
        real.astype("float64"), fake.astype("float64"), projections=unit
    )
    found = losses.sliced_distance(*map(ops.array, (real, fake, directions)))
    assert found.shape == (20,)
    assert float(ops.mean(found)) == pytest.approx(expected**2, rel=1e-5)


def test_sinkhorn_is_another_programs():
    from tests.helpers.pot import ot

    real, fake = random(0).astype("float64"), random(1).astype("float64")
    loss = losses.Sinkhorn(blur=2.0, num_iterations=200)
    half = ot.bregman.empirical_sinkhorn_divergence(
        real, fake, reg=2.0, numIterMax=10_000, stopThr=1e-12
    )
    # There: across less half of each to itself, and the entropy left out.
    found = float(loss.g_loss(random(0), random(1)))
    assert found == pytest.approx(2.0 * half, rel=1e-5)


def test_energy_on_a_line_is_scipys():
    real, fake = random(0, size=20)[:, :1], random(1, size=20)[:, :1]
    energy = stats.energy_distance(real[:, 0], fake[:, 0]) ** 2
    # The loss has no part of real samples alone, and leaves a fake's distance
    # to itself out of the mean.
    own, within = abs(real - real.T).mean(), abs(fake - fake.T).mean()
    expected = energy + own - within / 19
    found = float(losses.Cramer().g_loss(real, fake))
    assert found == pytest.approx(expected, rel=1e-5)
