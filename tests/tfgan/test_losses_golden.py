"""Values that TF-GAN published with its losses, and worked out by hand."""

import math

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import tfgan

REAL = np.array([-5.0, 1.4, 12.5, 2.7], "float32")
FAKE = np.array([10.0, 4.4, -5.5, 3.6], "float32")
# Relativistic losses were published for others.
OTHER_REAL = np.array([-2.0, 0.4, 12.5, 2.7], "float32")
GEN_LOGITS = np.array(
    [
        [10.0, 4.4, -5.5, 3.6],
        [-4.0, 4.4, 5.2, 4.6],
        [1.1, 2.4, -3.5, 5.6],
        [1.1, 2.4, -3.5, 5.6],
    ],
    "float32",
)
REAL_LOGITS = np.array(
    [
        [-2.0, 0.4, 12.5, 2.7],
        [-1.2, 1.9, 12.3, 2.6],
        [-2.4, -1.7, 2.5, 2.7],
        [1.1, 2.4, -3.5, 5.6],
    ],
    "float32",
)
LABELS = np.eye(4, dtype="int32")[[1, 2, 0, 0]]


def softplus(x):
    return math.log1p(math.exp(x))


@pytest.mark.parametrize(
    "name, d_value, g_value",
    [
        ("modified", 6.19637, 1.38582),
        ("minimax", 6.19637, -4.82408),
        ("wasserstein", 0.22500, -3.12500),
        ("wasserstein_hinge", 6.75, -3.125),
        ("least_squares", 41.73375, 17.69625),
    ],
)
@pytest.mark.parametrize("shape", [(4,), (4, 1), (2, 2), (1, 2, 2, 1)])
def test_published_values(name, d_value, g_value, shape):
    d_loss = getattr(tfgan, f"{name}_discriminator_loss")
    g_loss = getattr(tfgan, f"{name}_generator_loss")
    real, fake = REAL.reshape(shape), FAKE.reshape(shape)
    assert float(d_loss(real, fake)) == pytest.approx(d_value, abs=1e-5)
    assert float(g_loss(fake)) == pytest.approx(g_value, abs=1e-5)


def test_published_relativistic_values():
    found = [
        float(getattr(tfgan, f"relativistic_{player}_loss")(OTHER_REAL, FAKE))
        for player in ("discriminator", "generator")
    ]
    assert found == pytest.approx([4.390114, 4.940114], abs=1e-5)


def test_published_acgan_values():
    d_loss = tfgan.acgan_discriminator_loss(REAL_LOGITS, GEN_LOGITS, LABELS)
    assert float(d_loss) == pytest.approx(9.43950, abs=1e-5)
    g_loss = tfgan.acgan_generator_loss(GEN_LOGITS, LABELS)
    assert float(g_loss) == pytest.approx(3.84974, abs=1e-5)


class Categorical:
    """The second class, of logits 1 and 2."""

    def log_prob(self, code):
        return ops.log_softmax(ops.convert_to_tensor([1.0, 2.0]))[1]


class Normal:
    def log_prob(self, code):
        return -0.5 * (code**2 + math.log(2 * math.pi))


def test_published_mutual_information():
    # softplus(-1) and (4 + log(2 pi)) / 2, averaged.
    penalty = tfgan.mutual_information_penalty(
        [ops.ones(()), 2.0 * ops.ones(())], [Categorical(), Normal()]
    )
    assert float(penalty) == pytest.approx(1.61610, abs=1e-5)


def test_published_cycle_consistency():
    # 6 on one side, (3 + 6) / 2 on the other, and half of the sum.
    loss = tfgan.cycle_consistency_loss(
        [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]],
        [[7.0, 8.0, 9.0], [10.0, 11.0, 12.0]],
        [1.0, 9.0],
        [-2.0, 3.0],
    )
    assert float(loss) == pytest.approx(5.25)


def penalty(discriminator_fn, shape=(3, 4), **kwargs):
    return float(
        tfgan.wasserstein_gradient_penalty(
            np.ones(shape, "float32"),
            np.zeros(shape, "float32"),
            None,
            discriminator_fn,
            None,
            **kwargs,
        )
    )


def double(data, inputs):
    return 2.0 * data


@pytest.mark.parametrize(
    "kwargs, expected",
    [
        # Four slopes of 2: a norm of 4.
        ({}, 9.0),
        ({"target": 2.0}, 1.0),  # Divided by the target, not (4 - 2)^2.
        ({"one_sided": True}, 9.0),
        ({"target": 8.0}, 0.25),
        ({"target": 8.0, "one_sided": True}, 0.0),
        ({"epsilon": 9.0}, 16.0),  # (sqrt(16 + 9) - 1)^2
        ({"weights": 10.0}, 90.0),
        ({"weights": np.array([1.0, 0.0, 3.0])}, 18.0),
        ({"reduction": "weighted_sum"}, 27.0),
    ],
)
def test_penalty_of_a_linear_discriminator(kwargs, expected):
    assert penalty(double, **kwargs) == pytest.approx(expected)


def test_penalty_takes_the_first_of_a_tuple_and_all_of_a_list():
    outputs = lambda data: [2.0 * data, 5.0 * data]  # noqa: E731
    assert penalty(lambda data, _: tuple(outputs(data))) == pytest.approx(9.0)
    assert penalty(lambda data, _: outputs(data)) == pytest.approx(169.0)


def test_penalty_of_samples_of_one_number_is_theirs():
    assert penalty(double, shape=(3,)) == pytest.approx(1.0)


def test_penalty_passes_the_generators_inputs_on():
    found = tfgan.wasserstein_gradient_penalty(
        np.ones((2, 4), "float32"),
        np.zeros((2, 4), "float32"),
        3.0,
        lambda data, inputs: inputs * data,
        "scope",
    )
    assert float(found) == pytest.approx(25.0)


def penalties(discriminator_fn, seed):
    found = tfgan.wasserstein_gradient_penalty(
        np.ones((100, 2), "float32"),
        np.zeros((100, 2), "float32"),
        None,
        discriminator_fn,
        None,
        reduction="none",
        seed=seed,
    )
    return ops.convert_to_numpy(found)


def test_penalty_draws_points_between_the_two():
    # Half the square of the first number has that number as its slope, and
    # the penalty is (1 - x)^2 at a share of 1 - x.
    def half_square(data, inputs):
        return 0.5 * ops.square(data[:, 0])

    shares = np.sqrt(penalties(half_square, seed=1))
    assert shares.max() <= 1.0 and np.unique(shares).size > 90
    assert shares.mean() == pytest.approx(0.5, abs=0.1)
    np.testing.assert_array_equal(
        penalties(half_square, seed=1), penalties(half_square, seed=1)
    )
    assert not np.array_equal(shares, np.sqrt(penalties(half_square, seed=2)))


def test_penalty_draws_one_share_a_sample():
    # Both numbers of a sample are alike: their difference has no slope.
    def gap(data, inputs):
        return ops.square(data[:, 0] - data[:, 1])

    np.testing.assert_allclose(penalties(gap, seed=1), (1 - 1e-5) ** 2)


WEIGHTS = np.array([2.0, 0.0, -1.0, 1.0], "float32")


@pytest.mark.parametrize(
    "reduction, expected",
    [
        # The terms are -20, 0, -5.5, -3.6: -29.1 together.
        ("weighted_sum", -29.1),
        ("weighted_mean", -29.1 / 2.0),
        ("weighted_sum_over_batch_size", -29.1 / 4),
        ("weighted_sum_by_nonzero_weights", -29.1 / 3),
    ],
)
def test_reductions(reduction, expected):
    loss = tfgan.wasserstein_generator_loss(
        FAKE, weights=WEIGHTS, reduction=reduction
    )
    assert float(loss) == pytest.approx(expected)


def test_no_reduction():
    loss = tfgan.wasserstein_generator_loss(
        FAKE, weights=WEIGHTS, reduction=tfgan.Reduction.NONE
    )
    np.testing.assert_allclose(
        ops.convert_to_numpy(loss), [-20.0, 0.0, -5.5, -3.6], rtol=1e-6
    )


@pytest.mark.parametrize("reduction", tfgan.Reduction.all()[1:])
def test_weights_of_zero_alone_give_zero(reduction):
    loss = tfgan.wasserstein_generator_loss(
        FAKE, weights=np.zeros(4), reduction=reduction
    )
    assert float(loss) == 0.0


@pytest.mark.parametrize("smoothing", [0.0, 0.5, 1.0])
def test_smoothing_of_minimax_moves_its_value_but_not_its_slope(smoothing):
    # -(bce(1, 1 - s / 2) + softplus(x)): the slope is -sigmoid(x).
    loss = tfgan.minimax_generator_loss([2.0], label_smoothing=smoothing)
    assert float(loss) == pytest.approx(
        -(softplus(1.0) - (1 - smoothing / 2) + softplus(2.0))
    )


@pytest.mark.parametrize("target", [1.0, 0.875, 0.5])
def test_smoothed_target_of_real_samples(target):
    smoothing = 2 * (1 - target)
    loss = tfgan.minimax_discriminator_loss(
        [3.0], [-1.0], label_smoothing=smoothing
    )
    assert float(loss) == pytest.approx(
        softplus(3.0) - 3.0 * target + softplus(-1.0)
    )


def test_combination_by_weight():
    loss = tfgan.combine_adversarial_loss(
        ops.convert_to_tensor([2.0, 4.0]),
        ops.convert_to_tensor([3.0, 5.0]),
        weight_factor=0.5,
    )
    np.testing.assert_allclose(ops.convert_to_numpy(loss), [3.5, 6.5])


def test_published_combination_by_gradients():
    variable = keras.Variable(1.0)
    loss = tfgan.combine_adversarial_loss(
        lambda: 2.0 * variable,
        lambda: 3.0 * variable,
        gradient_ratio=0.5,
        variables=[variable],
    )
    assert float(loss) == pytest.approx(2 + 3 * (2 / 3) / 0.5, rel=1e-6)


def test_star_gan_wrappers_say_whose_they_are():
    wrapped = tfgan.stargan_generator_loss_wrapper(
        tfgan.wasserstein_generator_loss
    )
    assert wrapped.__name__ == "wasserstein_generator_loss"
    assert "wasserstein_generator_loss" in wrapped.__doc__
