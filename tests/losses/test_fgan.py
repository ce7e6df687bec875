"""f-divergences: conjugates, bounds, optima and values by hand."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import losses
from keras_ganloss.losses import divergences

# f, its derivative and its convex conjugate, from the paper's tables.
TABLE = {
    "kullback_leibler": (
        lambda u: u * np.log(u),
        lambda u: np.log(u) + 1,
        lambda t: np.exp(t - 1),
    ),
    "reverse_kullback_leibler": (
        lambda u: -np.log(u),
        lambda u: -1 / u,
        lambda t: -1 - np.log(-t),
    ),
    "pearson": (
        lambda u: (u - 1) ** 2,
        lambda u: 2 * (u - 1),
        lambda t: t**2 / 4 + t,
    ),
    "neyman": (
        lambda u: (1 - u) ** 2 / u,
        lambda u: 1 - 1 / u**2,
        lambda t: 2 - 2 * np.sqrt(1 - t),
    ),
    "squared_hellinger": (
        lambda u: (np.sqrt(u) - 1) ** 2,
        lambda u: 1 - 1 / np.sqrt(u),
        lambda t: t / (1 - t),
    ),
    "jensen_shannon": (
        lambda u: u * np.log(u) - (u + 1) * np.log((1 + u) / 2),
        lambda u: np.log(2 * u / (1 + u)),
        lambda t: -np.log(2 - np.exp(t)),
    ),
    "original_gan": (
        lambda u: u * np.log(u) - (u + 1) * np.log(u + 1),
        lambda u: np.log(u / (1 + u)),
        lambda t: -np.log(1 - np.exp(t)),
    ),
    "total_variation": (
        lambda u: np.abs(u - 1) / 2,
        lambda u: np.sign(u - 1) / 2,
        lambda t: t,
    ),
}
# v with g(v) = f'(u), for the best discriminator; `None` if it is infinite.
INVERSES = {
    "kullback_leibler": lambda t: t,
    "reverse_kullback_leibler": lambda t: -np.log(-t),
    "pearson": lambda t: t,
    "neyman": lambda t: -np.log(1 - t),
    "squared_hellinger": lambda t: -np.log(1 - t),
    "jensen_shannon": lambda t: -np.log(2 * np.exp(-t) - 1),
    "original_gan": lambda t: -np.log(np.exp(-t) - 1),
    "total_variation": lambda t: 40.0 * np.sign(t),
}


@pytest.fixture(params=sorted(losses.DIVERGENCES))
def name(request):
    return request.param


def evaluate(function, x):
    """A function of tensors on numbers."""
    x = ops.convert_to_tensor(np.asarray(x, "float32"))
    return ops.convert_to_numpy(function(x)).astype("float64")


@pytest.mark.parametrize(
    "name, value",
    [
        ("kullback_leibler", -0.076718),
        ("reverse_kullback_leibler", -0.403170),
        ("pearson", -0.531250),
        ("squared_hellinger", -0.256441),
        ("jensen_shannon", -0.199358),
        ("original_gan", 1.186936),
        # r: e^-r - 1 is .648721, -.259182, -.698806, -.503415; f: 2 - 2 e^-f/2
        # is .362538, -1.466506, .190325, -.323668; tanh has means of .316804
        # and -.128622.
        ("neyman", -0.203171 - 0.309328),
        ("total_variation", -0.5 * 0.316804 - 0.5 * 0.128622),
    ],
)
def test_values_by_hand(name, value):
    real = np.array([-0.5, 0.3, 1.2, 0.7], "float32")
    fake = np.array([0.4, -1.1, 0.2, -0.3], "float32")
    loss = losses.get(name)
    assert float(loss.d_loss(real, fake)) == pytest.approx(value, abs=1e-5)


def test_conjugate_at_the_activation(name):
    divergence = losses.DIVERGENCES[name]()
    v = np.linspace(-4.0, 4.0, 33)
    conjugate = TABLE[name][2]
    expected = conjugate(evaluate(divergence.activation, v))
    np.testing.assert_allclose(
        evaluate(divergence.conjugate, v), expected, rtol=2e-5, atol=1e-5
    )


def test_fenchel_equality_and_inequality(name):
    """f(u) + f*(t) is at least u t, and just that at t = f'(u)."""
    f, derivative, _ = TABLE[name]
    divergence = losses.DIVERGENCES[name]()
    u = np.array([0.2, 0.5, 0.9, 1.3, 2.0, 4.0])
    best = INVERSES[name](derivative(u))
    t = evaluate(divergence.activation, best)
    np.testing.assert_allclose(t, derivative(u), rtol=1e-5)
    gap = f(u) + evaluate(divergence.conjugate, best) - u * t
    np.testing.assert_allclose(gap, 0.0, atol=1e-5)
    v = np.linspace(-4.0, 4.0, 33)[:, None]
    t = evaluate(divergence.activation, v)
    gap = f(u) + evaluate(divergence.conjugate, v) - u * t
    assert gap.min() >= -1e-5


def test_best_discriminator_of_two_gaussians(name):
    """-d_loss is the divergence at T* = f'(p / q), and less beside it."""
    x = np.linspace(-9.0, 10.0, 20001)
    p, q = (np.exp(-0.5 * (x - mean) ** 2) for mean in (0.8, 0.0))
    p, q = p / p.sum(), q / q.sum()
    f, derivative, _ = TABLE[name]
    divergence = np.sum(q * f(p / q))
    best = INVERSES[name](derivative(p / q))
    loss = losses.FGAN(name)

    def bound(v):
        gain = evaluate(loss.real_half, v), evaluate(loss.fake_half, v)
        return -np.sum(p * gain[0]) - np.sum(q * gain[1])

    assert bound(best) == pytest.approx(divergence, abs=2e-6)
    for other in (best + 0.3, best - 0.3, 1.2 * best):
        if name != "total_variation":  # Whose best is infinite.
            assert bound(other) < divergence - 1e-4


def test_known_divergences_of_two_gaussians():
    # Of means 0 and m: KL is m^2 / 2, Pearson's e^(m^2) - 1, Hellinger's
    # 2 - 2 e^(-m^2 / 8); the table above is what they check.
    x = np.linspace(-9.0, 10.0, 20001)
    p, q = (np.exp(-0.5 * (x - mean) ** 2) for mean in (0.8, 0.0))
    p, q = p / p.sum(), q / q.sum()
    for name, expected in (
        ("kullback_leibler", 0.32),
        ("reverse_kullback_leibler", 0.32),
        ("pearson", np.expm1(0.64)),
        ("neyman", np.expm1(0.64)),
        ("squared_hellinger", 2 - 2 * np.exp(-0.08)),
    ):
        found = np.sum(q * TABLE[name][0](p / q))
        assert found == pytest.approx(expected, rel=1e-6)


def test_the_generator_minimizes_the_bound_and_the_trick_its_own_half(name):
    fake = np.array([0.4, -1.1], "float32")
    loss = losses.FGAN(name)
    conjugate = evaluate(loss.divergence.conjugate, fake).mean()
    activation = evaluate(loss.divergence.activation, fake).mean()
    trick = losses.NonSaturating(loss)
    assert float(loss.g_loss(fake_output=fake)) == pytest.approx(-conjugate)
    assert float(trick.g_loss(fake_output=fake)) == pytest.approx(-activation)


def test_non_saturating_minimax_is_modified_minimax():
    fake = np.array([0.4, -30.0], "float32")
    trick = losses.NonSaturating(losses.Minimax())
    assert float(trick.g_loss(fake_output=fake)) == float(
        losses.ModifiedMinimax().g_loss(fake_output=fake)
    )


def test_jensen_shannon_is_logistic_but_for_a_constant():
    pair = np.array([0.3, -2.0], "float32"), np.array([1.0, 4.0], "float32")
    found = float(losses.FGAN("jensen_shannon").d_loss(*pair))
    assert found + 2 * np.log(2.0) == pytest.approx(
        float(losses.Logistic().d_loss(*pair)), rel=1e-6
    )


def test_exponential_goes_on_as_its_tangent():
    x = np.array([-50.0, 0.0, 5.0, 30.0, 31.0, 1e4])
    end = np.exp(30.0)
    expected = [np.exp(-50.0), 1.0, np.exp(5.0), end, 2 * end, 9971 * end]
    np.testing.assert_allclose(
        evaluate(divergences.exponential, x), expected, rtol=1e-5
    )


def test_a_divergence_of_ones_own():
    @keras.saving.register_keras_serializable("test_fgan")
    class TwiceKullbackLeibler(losses.Divergence):
        def activation(self, v):
            return 2.0 * v

        def conjugate(self, v):
            return 2.0 * ops.exp(v - 1.0)

    loss = losses.FGAN(TwiceKullbackLeibler())
    once = losses.FGAN("kullback_leibler")
    pair = np.array([0.3], "float32"), np.array([1.0], "float32")
    for other in (loss, losses.get(keras.saving.serialize_keras_object(loss))):
        assert float(other.d_loss(*pair)) == pytest.approx(
            2 * float(once.d_loss(*pair))
        )


def test_errors():
    with pytest.raises(ValueError, match="pearson.*Received.*'pearso'"):
        losses.FGAN("pearso")
    with pytest.raises(NotImplementedError, match="activation"):
        losses.Divergence().activation(0.0)
    with pytest.raises(NotImplementedError, match="conjugate"):
        losses.Divergence().conjugate(0.0)
