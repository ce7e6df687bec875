"""Numbers worked out by hand, penalty by penalty."""

import math

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import penalties
from keras_ganloss.game import Duel
from keras_ganloss.penalties.dragan import perturb
from keras_ganloss.penalties.dragan import standard_deviation
from keras_ganloss.penalties.gradient_penalty import mix
from keras_ganloss.penalties.le_cam import le_cam_distance
from keras_ganloss.penalties.orthogonal_regularization import non_orthogonality
from keras_ganloss.penalties.path_length import noise_like
from tests.helpers.penalty_cases import WEIGHTS
from tests.helpers.penalty_cases import SquaredNorm
from tests.helpers.penalty_cases import batches
from tests.helpers.penalty_cases import generating
from tests.helpers.penalty_cases import judging
from tests.helpers.penalty_cases import linear_critic
from tests.helpers.penalty_cases import negated
from tests.helpers.penalty_cases import of_critic
from tests.helpers.penalty_cases import of_generator
from tests.helpers.penalty_cases import value_and_gradients
from tests.helpers.turns import Maker
from tests.helpers.turns import make_judge
from tests.helpers.turns import make_turn

GP = penalties.GradientPenalty
MaxGP = penalties.MaxGradientPenalty
REAL = ops.convert_to_tensor([[1.0, 2.0], [0.0, -1.0]])  # |x|^2: 5 and 1.
FAKE = ops.convert_to_tensor([[0.0, 2.0], [3.0, 0.0]])  # 4 and 9.


def squared_norm_critic():
    return keras.Sequential([keras.Input((2,)), SquaredNorm()])


def at(penalty, critic, real=REAL, fake=FAKE, **kwargs):
    return float(of_critic(penalty, critic, real, fake, **kwargs))


# On D(x) = w · x, whose gradient is w of norm 5 everywhere.


@pytest.mark.parametrize("size", [1, 2, 7, 64])
@pytest.mark.parametrize(
    "penalty, expected",
    [
        (penalties.R1(3.0), 3.0 * 25.0 / 2),
        (penalties.R2(3.0), 3.0 * 25.0 / 2),
        (GP(), 10.0 * 16.0),
        (GP(1.0, target=2.0), 9.0),
        (GP(1.0, target=7.0), 4.0),
        (GP(1.0, target=7.0, one_sided=True), 0.0),
        (GP(1.0, one_sided=True), 16.0),
        (GP(2.0, target=0.0), 50.0),  # The zero-centered one.
        (penalties.DRAGAN(), 10.0 * 16.0),
        (penalties.DRAGAN(1.0, target=7.0, one_sided=True), 0.0),
        (MaxGP(2.0), 50.0),
        (penalties.WeightClipping(0.01), 0.0),
        (penalties.NormClipping(0.01), 0.0),
    ],
)
def test_linear_critic_whatever_the_batch_size(penalty, expected, size):
    value = at(penalty, linear_critic(), *batches(size))
    assert value == pytest.approx(expected, rel=1e-6)


def test_tf_gans_test_vector():
    # D(x) = 2x in four dimensions has the norm 4.
    critic = linear_critic(np.full((4, 1), 2.0, "float32"))
    real = ops.zeros((3, 4))
    assert at(GP(1.0), critic, real, real + 1.0) == pytest.approx(9.0)


@pytest.mark.parametrize(
    "penalty, slope",
    [
        (penalties.R1(3.0), 3.0 * WEIGHTS),
        (penalties.R2(3.0), 3.0 * WEIGHTS),
        (GP(), 20.0 * 4.0 * WEIGHTS / 5.0),
        (GP(1.0, target=0.0), 2.0 * WEIGHTS),
        (penalties.DRAGAN(), 20.0 * 4.0 * WEIGHTS / 5.0),
        (MaxGP(1.0), 2.0 * WEIGHTS),
    ],
)
def test_gradient_by_the_weights_of_a_linear_critic(penalty, slope):
    critic = linear_critic()
    samples = batches(4)
    _, (found,) = value_and_gradients(
        lambda: of_critic(penalty, critic, *samples),
        critic.trainable_variables,
    )
    np.testing.assert_allclose(found, slope, rtol=1e-5)


@pytest.mark.parametrize(
    "penalty, expected",
    [
        (penalties.R1(1.0), 0.0),
        (penalties.R2(1.0), 0.0),
        (GP(1.0), 1.0),
        (GP(1.0, target=0.0), 0.0),
        (penalties.DRAGAN(1.0), 1.0),
        (MaxGP(1.0), 0.0),
    ],
)
def test_zero_gradient_gives_no_nan(penalty, expected):
    critic = linear_critic(np.zeros((3, 1), "float32"))
    samples = batches(4)
    value, gradients = value_and_gradients(
        lambda: of_critic(penalty, critic, *samples),
        critic.trainable_variables,
    )
    assert value == pytest.approx(expected, abs=1e-5)
    assert np.all(np.isfinite(gradients[0]))


def test_half_precision_gradients_do_not_overflow():
    critic = linear_critic(np.full((3, 1), 300.0, "float32"), "mixed_float16")
    # 3 * 300^2 = 270,000 would overflow float16.
    value = at(penalties.R1(2.0), critic, *batches(2))
    assert value == pytest.approx(270_000.0, rel=1e-3)


# On D(x) = |x|^2, whose gradient is 2 x, of squared norm 4 |x|^2.


def test_a_quadratic_critic():
    critic = squared_norm_critic()
    # Real: (4 * 5 + 4 * 1) / 2 = 12. Fake: (4 * 4 + 4 * 9) / 2 = 26.
    assert at(penalties.R1(3.0), critic) == pytest.approx(18.0)
    assert at(penalties.R2(3.0), critic) == pytest.approx(39.0)
    # Real and fake alike: the mixed points are these. (2 sqrt 5 - 1)^2 and 1.
    expected = ((2.0 * math.sqrt(5.0) - 1.0) ** 2 + 1.0) / 2
    assert at(GP(1.0), critic, fake=REAL) == pytest.approx(expected)
    assert at(GP(1.0, target=0.0), critic, fake=REAL) == pytest.approx(12.0)
    assert at(MaxGP(0.5), critic, fake=REAL) == pytest.approx(10.0)
    # (25 + 1) / 2.
    assert at(penalties.Drift(), critic) == pytest.approx(0.013)


def test_points_lie_between_their_pair_with_one_share_a_sample():
    real = ops.zeros((100, 4, 2))
    fake = ops.ones((100, 4, 2)) * ops.reshape(ops.arange(100.0), (100, 1, 1))
    mixed = mix(real, fake, keras.random.SeedGenerator(0))
    shares = ops.convert_to_numpy(mixed)[1:] / np.arange(1, 100)[:, None, None]
    assert np.ptp(shares, axis=(1, 2)).max() < 1e-6
    assert shares.min() >= 0.0 and shares.max() <= 1.0
    # Uniform: mean 1/2, standard deviation 1/sqrt(12).
    assert shares[:, 0, 0].mean() == pytest.approx(0.5, abs=0.1)
    assert shares[:, 0, 0].std() == pytest.approx(12**-0.5, abs=0.05)


def test_dragan_perturbs_by_half_a_standard_deviation():
    samples = ops.convert_to_tensor([[1.0, 5.0], [1.0, 5.0]])
    assert float(standard_deviation(samples)) == pytest.approx(2.0)
    samples = ops.tile(samples, (500, 1))
    noisy = perturb(samples, 0.5, keras.random.SeedGenerator(0))
    noise = ops.convert_to_numpy(noisy - samples)
    # Uniform in [0, 1], for each number anew.
    assert noise.min() >= 0.0 and noise.max() <= 1.0
    assert noise.mean() == pytest.approx(0.5, abs=0.03)
    assert noise.std() == pytest.approx(12**-0.5, abs=0.02)
    assert abs(np.corrcoef(noise.T)[0, 1]) < 0.1


# LeCam.


def test_le_cam_by_hand():
    real = ops.convert_to_tensor([-0.5, 0.3, 1.2, 0.7])
    fake = ops.convert_to_tensor([0.4, -1.1, 0.2, -0.3])
    # Real above -0.25: 0, 0.55, 1.45, 0.95; fake below 0.5: 0.1, 1.6, 0.3,
    # 0.8. Their squares: 3.3075 / 4 + 3.3 / 4.
    value = float(ops.mean(le_cam_distance(real, fake, 0.5, -0.25)))
    assert value == pytest.approx(1.651875)


def test_le_cam_follows_the_means():
    penalty = penalties.LeCam(2.0, decay=0.75, start=3)
    critic = linear_critic(np.ones((1, 1), "float32"))
    real = ops.convert_to_tensor([[-0.5], [0.3], [1.2], [0.7]])
    fake = ops.convert_to_tensor([[0.4], [-1.1], [0.2], [-0.3]])
    # In `evaluate`, nothing is known yet.
    assert at(penalty, critic, real, fake, step=3, training=False) == 0.0
    # The means are 0.425 and -0.2. Real above the latter: 0, 0.5, 1.4, 0.9;
    # fake below the former: 0.025, 1.525, 0.225, 0.725.
    first = at(penalty, critic, real, fake, step=3)
    assert first == pytest.approx(2.0 * (3.02 + 2.9025) / 4, rel=1e-6)
    penalty.update_state(ops.full((2, 1), 1.0), ops.full((2, 1), 0.5))
    penalty.update_state(ops.full((2, 1), -1.0), ops.full((2, 1), -2.5))
    # 0.75 * 1 - 0.25 * 1, 0.75 * 0.5 - 0.25 * 2.5.
    assert float(penalty.real_mean.value) == pytest.approx(0.5)
    assert float(penalty.fake_mean.value) == pytest.approx(-0.25)
    for step, expected in ((2, 0.0), (3, 3.30375), (4, 3.30375)):
        step = ops.convert_to_tensor(step)
        value = at(penalty, critic, real, fake, step=step, training=False)
        assert value == pytest.approx(expected)
    # With this batch 0.48125 and -0.2375. Real above: 0, 0.5375, 1.4375,
    # 0.9375; fake below: 0.08125, 1.58125, 0.28125, 0.78125.
    for step, expected in ((2, 0.0), (3, 3.2153125), (4, 3.2153125)):
        step = ops.convert_to_tensor(step)
        value = at(penalty, critic, real, fake, step=step)
        assert value == pytest.approx(expected)
    # Asking changes nothing; what it was is what the means become.
    assert float(penalty.real_mean.value) == pytest.approx(0.5)
    penalty.update_state(real, fake)
    assert float(penalty.real_mean.value) == pytest.approx(0.48125)
    assert float(penalty.fake_mean.value) == pytest.approx(-0.2375)
    after = at(penalty, critic, real, fake, step=4, training=False)
    assert after == pytest.approx(3.2153125)


def test_the_means_of_le_cam_are_constants():
    """The gradient by w of D(x) = w x, with the means held still."""
    samples = [
        ops.convert_to_tensor(x) for x in ([[2.0], [4.0]], [[1.0], [-1.0]])
    ]
    critic = linear_critic(np.ones((1, 1), "float32"))
    penalty = penalties.LeCam(1.0, start=0)
    _, (gradient,) = value_and_gradients(
        lambda: of_critic(penalty, critic, *samples),
        critic.trainable_variables,
    )
    # Means of 3 and 0. (2 w)^2 + (4 w)^2 and (3 - w)^2 + (3 + w)^2, halved:
    # 4 w + 16 w - (3 - w) + (3 + w) at w = 1.
    assert float(gradient[0, 0]) == pytest.approx(4 + 16 - 2 + 4)


@pytest.mark.parametrize("step", [1, -1])
def test_le_cam_in_a_game_is_that_of_the_means_of_its_batches(step):
    """The logs of a frozen game, with the means of numpy."""
    generator = linear_critic(np.zeros((1, 1), "float32"))
    critic = linear_critic(np.ones((1, 1), "float32"))
    gan = GAN(generator, critic, seed=0)
    gan.compile(
        keras.optimizers.SGD(0.0),
        keras.optimizers.SGD(0.0),
        d_loss="wasserstein",
        penalties=[
            penalties.R1(0.1),
            penalties.LeCam(1.0, decay=0.5, start=0),
        ][::step],
    )
    mean = None
    for batch in ([1.0, 3.0], [5.0, 7.0], [-4.0, 0.0]):
        real = np.array(batch)
        logs = gan.train_on_batch(
            real[:, None].astype("float32"), return_dict=True
        )
        mean = real.mean() if mean is None else (mean + real.mean()) / 2
        expected = (np.maximum(real, 0) ** 2).mean() + max(mean, 0.0) ** 2
        gan.reset_metrics()
        assert logs["le_cam"] == pytest.approx(expected, rel=1e-5)


# Consistency.


def test_consistency_by_hand():
    # D(-x) = -D(x): the change is 2 D(x). D is 1 and 2 on real samples, so
    # (4 + 16) / 2 = 10; 3 and 0 on fake ones, so (36 + 0) / 2 = 18.
    critic = linear_critic(np.ones((1, 1), "float32"))
    samples = [
        ops.convert_to_tensor(x) for x in ([[1.0], [2.0]], [[3.0], [0.0]])
    ]
    one_sided = penalties.ConsistencyRegularization(negated)
    balanced = penalties.BalancedConsistency(negated, 10.0, fake_weight=0.5)
    assert at(one_sided, critic, *samples) == pytest.approx(100.0)
    assert at(balanced, critic, *samples) == pytest.approx(109.0)


def test_a_layer_augments_in_training_mode():
    layer = keras.layers.GaussianNoise(0.5, seed=0)
    penalty = penalties.ConsistencyRegularization(layer, 1.0)
    critic = linear_critic(np.ones((1, 1), "float32"))
    real = ops.zeros((4000, 1))
    # The change is the noise, of variance 0.25.
    assert at(penalty, critic, real, real) == pytest.approx(0.25, rel=0.1)
    assert penalty.state == [layer]


def test_latent_consistency_by_hand():
    # G(z) = 2 z and D(x) = 3 x with noise of 0.1: (3 * 2 * 0.1)^2 = 0.36.
    turn, _ = generating(Maker(lambda latent: 2.0 * latent), num=4000, size=1)
    fake = turn.samples.fake
    critic = linear_critic(np.full((1, 1), 3.0, "float32"))
    found = penalties.LatentConsistency(5.0, stddev=0.1)(
        turn, Duel(make_judge(critic), fake, fake)
    )
    assert float(found) == pytest.approx(5.0 * 0.36, rel=0.1)
    found = penalties.LatentDiversity(0.5, stddev=0.1).over(turn, [])
    assert float(found) == pytest.approx(-0.5 * 0.04, rel=0.1)


@pytest.mark.parametrize("num", [0, 2])
def test_latent_consistency_needs_one_generator(num):
    turn, (duel,) = judging(linear_critic(), *batches(4))
    turn.made *= num
    with pytest.raises(ValueError, match=f"Received: {num} generators"):
        penalties.LatentConsistency()(turn, duel)


def test_latent_consistency_needs_the_newest_fakes():
    turn, (duel,) = judging(linear_critic(), *batches(4), pool="older fakes")
    with pytest.raises(ValueError, match="Received: 1 gen.*pool='older fakes'"):
        penalties.LatentConsistency()(turn, duel)


# Finite differences.


@pytest.mark.parametrize(
    "penalty", [penalties.FiniteDifferenceR1, penalties.FiniteDifferenceR2]
)
def test_finite_differences_are_r1_and_r2_of_another_weight(penalty):
    real, fake = batches(4000)
    # 100 * 0.01^2 * 25, the noise along w.
    value = at(penalty(), linear_critic(), real, fake)
    assert value == pytest.approx(0.25, rel=0.1)
    partner = {
        "finite_difference_r1": penalties.R1,
        "finite_difference_r2": penalties.R2,
    }[penalty().name]
    critic = squared_norm_critic()
    samples = real[:, :2], 3.0 * fake[:, :2]
    expected = at(partner(2 * 100 * 0.01**2), critic, *samples)
    assert at(penalty(), critic, *samples) == pytest.approx(expected, rel=0.1)


# Weights.


def test_orthogonality_by_hand():
    # Columns (1, 2), (3, 0): products 5 and 9 on the diagonal, 3 beside it.
    kernel = ops.convert_to_tensor([[1.0, 3.0], [2.0, 0.0]])
    assert float(non_orthogonality(kernel)) == pytest.approx(18.0)
    assert float(non_orthogonality(kernel, strict=True)) == pytest.approx(98.0)
    # A convolution of the same two filters.
    kernel = ops.reshape(kernel, (2, 1, 1, 2))
    assert float(non_orthogonality(kernel)) == pytest.approx(18.0)


def test_orthogonality_has_twice_the_gradient_of_the_authors():
    weights = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    kernel = keras.Variable(weights)
    _, (gradient,) = value_and_gradients(
        lambda: non_orthogonality(kernel.value), [kernel]
    )
    products = weights.T @ weights
    products[np.diag_indices(4)] = 0.0
    # What they add: 2 W (W^T W without its diagonal).
    np.testing.assert_allclose(
        gradient, 2.0 * (2.0 * weights @ products), rtol=1e-4
    )


def test_orthogonal_regularization_of_either_player():
    network = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(2), keras.layers.Dense(2)]
    )
    kernel = np.array([[1.0, 3.0], [2.0, 0.0]])
    bias = np.array([5.0, 5.0])
    network.set_weights([kernel, bias, kernel, bias])
    penalty = penalties.OrthogonalRegularization(0.5)
    assert at(penalty, network) == pytest.approx(18.0)  # Biases do not count.
    strict = penalties.OrthogonalRegularization(0.5, strict=True)
    assert at(strict, network) == pytest.approx(98.0)
    assert float(of_generator(penalty, network)) == pytest.approx(18.0)


@pytest.mark.parametrize("player", ["discriminator", "generator"])
def test_historical_average_by_hand(player):
    critic = linear_critic(np.zeros((2, 1), "float32"))
    penalty = penalties.HistoricalAverage(0.5)
    penalty.build([critic])
    turn = make_turn([critic], player)
    critic.set_weights([np.array([[3.0], [0.0]])])
    assert float(penalty.over(turn, [])) == 0.0  # No past yet.
    for value in (3.0, 0.0, 6.0):  # Their mean is 3.
        critic.set_weights([np.array([[value], [1.0]])])
        penalty.after_update(critic.trainable_variables)
    critic.set_weights([np.array([[5.0], [2.0]])])
    # 0.5 * (2^2 + 1^2), and its gradient.
    value, (gradient,) = value_and_gradients(
        lambda: penalty.over(turn, []), critic.trainable_variables
    )
    assert value == pytest.approx(2.5)
    np.testing.assert_allclose(gradient, [[2.0], [1.0]], rtol=1e-6)


def test_clipping_clips_both_sides_and_nothing_else():
    critic = linear_critic(np.array([[0.05], [-0.2], [0.3]], "float32"))
    penalties.WeightClipping(0.1).after_update(critic.trainable_variables)
    np.testing.assert_allclose(
        critic.get_weights()[0], [[0.05], [-0.1], [0.1]], rtol=1e-6
    )


def test_norm_clipping_by_hand():
    # The kernel's norm is 6, its columns' sqrt(11) and 5, its rows' sqrt(26)
    # and sqrt(10); the bias has 10.
    values = [np.array([[1.0, 5.0], [math.sqrt(10.0), 0.0]])]
    values.append(np.array([6.0, 8.0]))
    for axis, factors in (
        (None, [[0.5, 0.5], [0.5, 0.5]]),
        (0, [[3 / math.sqrt(11.0), 0.6], [3 / math.sqrt(11.0), 0.6]]),
        ([1], [[3 / math.sqrt(26.0)] * 2, [3 / math.sqrt(10.0)] * 2]),
    ):
        critic = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
        critic.set_weights(values)
        penalty = penalties.NormClipping(3.0, axis)
        penalty.after_update(critic.trainable_variables)
        kernel, bias = critic.get_weights()
        np.testing.assert_allclose(kernel, factors * values[0], rtol=1e-6)
        # Without an axis 1 it is clipped as a whole.
        np.testing.assert_allclose(bias, [1.8, 2.4], rtol=1e-6)


def test_norm_clipping_leaves_zeros():
    critic = linear_critic(np.zeros((3, 1), "float32"))
    penalties.NormClipping(1.0).after_update(critic.trainable_variables)
    np.testing.assert_array_equal(critic.get_weights()[0], np.zeros((3, 1)))


# Path length.


def path_lengths(penalty, generator, **settings):
    turn, _ = generating(generator, **settings)
    return ops.convert_to_numpy(penalty.lengths(turn, turn.made[0]))


def test_path_lengths_of_a_linear_generator():
    # G(z) = z A: the gradient of G(z) · y is A y, of mean square |A|^2 = 30.
    generator = linear_critic(np.array([[1.0, 2.0], [3.0, 4.0]], "float32"))
    penalty = penalties.PathLength(2.0, decay=0.75)
    lengths = path_lengths(penalty, generator, num=8000)
    assert lengths.shape == (4000,)  # Half of the batch.
    assert (lengths**2).mean() == pytest.approx(30.0, rel=0.1)
    # The same draw again, in a fresh turn.
    value = float(of_generator(penalty, generator, num=8000))
    mean = 0.25 * lengths.mean()
    assert float(penalty.mean.value) == pytest.approx(mean, rel=1e-5)
    expected = 2.0 * ((lengths - mean) ** 2).mean()
    assert value == pytest.approx(expected, rel=1e-4)


def test_the_gradient_of_path_length_flows_through_the_mean():
    """Lengths are multiples of a, and so is their mean that began at zero.

    So the penalty is a multiple of a^2, and a times its derivative is twice
    the penalty (Euler).
    """
    generator = linear_critic(np.full((1, 1), 3.0, "float32"))
    penalty = penalties.PathLength(decay=0.75)
    value, (gradient,) = value_and_gradients(
        lambda: of_generator(penalty, generator, num=64, size=1),
        generator.trainable_variables,
    )
    assert 3.0 * float(gradient[0, 0]) == pytest.approx(
        2.0 * float(value), rel=1e-4
    )


def test_path_length_in_evaluate_moves_no_mean():
    generator = linear_critic(np.array([[1.0, 2.0], [3.0, 4.0]], "float32"))
    penalty = penalties.PathLength()
    of_generator(penalty, generator, training=False)
    assert float(penalty.mean.value) == 0.0


@pytest.mark.parametrize("num, expected", [(1, 1), (2, 1), (5, 3)])
def test_path_length_looks_at_one_sample_at_least(num, expected):
    generator = linear_critic(np.ones((2, 2), "float32"))
    lengths = path_lengths(penalties.PathLength(), generator, num=num)
    assert lengths.shape == (expected,)


@pytest.mark.parametrize(
    "shape, num", [((3,), 1), ((4, 3), 4), ((4, 4, 3), 16)]
)
def test_noise_does_not_grow_with_the_resolution(shape, num):
    noise = noise_like(ops.ones((2000, *shape)), keras.random.SeedGenerator(0))
    noise = ops.convert_to_numpy(noise)
    assert noise.std() == pytest.approx(num**-0.5, rel=0.05)


# Sobolev.


def test_sobolev_by_hand():
    # |grad|^2 is 4 |x|^2: on average (20 + 4 + 16 + 36) / 4 = 19.
    penalty = penalties.Sobolev(0.5)
    critic = squared_norm_critic()
    assert at(penalty, critic) == pytest.approx(0.25 * 18.0**2)
    penalty.after_update([])  # The multiplier is now 0.5 * 18.
    assert float(penalty.multiplier.value) == pytest.approx(9.0)
    assert at(penalty, critic) == pytest.approx(9.0 * 18.0 + 0.25 * 18.0**2)
    penalty.after_update([])
    assert float(penalty.multiplier.value) == pytest.approx(18.0)


def test_sobolev_learns_nothing_in_evaluation():
    penalty = penalties.Sobolev(0.5)
    at(penalty, squared_norm_critic(), training=False)
    penalty.after_update([])
    assert float(penalty.multiplier.value) == 0.0


def test_sobolev_holds_the_slope_at_one():
    # D(x) = w · x with |w| = 1: no pull either way.
    critic = linear_critic(WEIGHTS / 5.0)
    real, fake = batches(4)
    penalty = penalties.Sobolev(0.5)
    value, slopes = value_and_gradients(
        lambda: of_critic(penalty, critic, real, fake),
        critic.trainable_variables,
    )
    assert value == pytest.approx(0.0, abs=1e-6)
    assert slopes[0] == pytest.approx(np.zeros((3, 1)), abs=1e-5)
