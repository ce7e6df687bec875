"""The step against a pencil, and against the published table."""

import math
import statistics

import keras
import pytest

from keras_ganloss.penalties import R1
from keras_ganloss.penalties import R2
from keras_ganloss.penalties import GradientPenalty
from keras_ganloss.penalties import WeightClipping
from keras_ganloss.transforms import InstanceNoise
from keras_ganloss.updates import AlternatingConsensus
from keras_ganloss.updates import Consensus
from tests.helpers import dirac
from tests.helpers.dirac import D_GRADIENTS
from tests.helpers.dirac import G_GRADIENTS

LOSSES = sorted(D_GRADIENTS)
# The columns of the published table. The last one is 2,500 batches a row,
# of which nothing is compiled on torch: half of what all its tests take, for
# steps that `tests/backend/test_parity.py` compares with TensorFlow's.
COLUMNS = [
    pytest.param(0, id="joint"),
    pytest.param(1, id="alt1"),
    pytest.param(
        2,
        id="alt5",
        marks=pytest.mark.skipif(
            keras.backend.backend() == "torch",
            reason="Thousands of steps; TensorFlow and JAX compile them.",
        ),
    ),
]


def compiled(loss, theta=1.0, psi=2.0, d_rate=0.1, g_rate=0.5, **options):
    gan = dirac.dirac_gan(theta, psi)
    gan.compile(dirac.sgd(d_rate), dirac.sgd(g_rate), d_loss=loss, **options)
    return gan


def test_one_step_by_hand():
    theta, psi = dirac.fit(compiled("wasserstein"), steps=1)
    assert psi == pytest.approx(2.0 - 0.1 * 1.0)
    assert theta == pytest.approx(1.0 + 0.5 * 1.9)


@pytest.mark.parametrize("loss", LOSSES)
def test_one_alternating_step(loss):
    found = dirac.fit(compiled(loss), steps=1, batch_size=2)
    psi = 2.0 - 0.1 * D_GRADIENTS[loss](1.0, 2.0)
    theta = 1.0 - 0.5 * G_GRADIENTS[loss](1.0, psi)
    assert found == pytest.approx((theta, psi), abs=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_one_simultaneous_step(loss):
    found = dirac.fit(
        compiled(loss, updates="simultaneous"), steps=1, batch_size=2
    )
    psi = 2.0 - 0.1 * D_GRADIENTS[loss](1.0, 2.0)
    theta = 1.0 - 0.5 * G_GRADIENTS[loss](1.0, 2.0)
    assert found == pytest.approx((theta, psi), abs=1e-6)


@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
@pytest.mark.parametrize(
    "penalty, slope",
    [
        (R1(0.7), lambda psi: 0.7 * psi),
        (R2(0.7), lambda psi: 0.7 * psi),
        (
            GradientPenalty(0.35),
            lambda psi: 0.7 * (abs(psi) - 1) * math.copysign(1, psi),
        ),
        (GradientPenalty(0.35, target=3.0), lambda psi: 0.7 * (psi - 3.0)),
        (GradientPenalty(0.35, target=3.0, one_sided=True), lambda psi: 0.0),
    ],
    ids=["r1", "r2", "gradient_penalty", "target", "one_sided"],
)
def test_one_step_with_a_penalty(penalty, slope, updates):
    gan = compiled("minimax", penalties=[penalty], updates=updates)
    found = dirac.fit(gan, steps=1, batch_size=3)
    psi = 2.0 - 0.1 * (D_GRADIENTS["minimax"](1.0, 2.0) + slope(2.0))
    # The generator has no gradient from the penalty.
    seen = psi if updates == "alternating" else 2.0
    theta = 1.0 - 0.5 * G_GRADIENTS["minimax"](1.0, seen)
    assert found == pytest.approx((theta, psi), abs=1e-6)


def test_clipping_acts_between_the_players():
    gan = compiled("wasserstein", penalties=[WeightClipping(0.5)])
    assert dirac.fit(gan, steps=1) == pytest.approx((1.25, 0.5))


@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
def test_the_generator_plays_on_every_third_batch(updates):
    gan = compiled("wasserstein", d_steps=3, updates=updates)
    assert dirac.fit(gan, steps=2) == pytest.approx((1.0, 1.8))
    theta, psi = dirac.fit(gan, steps=1)
    seen = 1.7 if updates == "alternating" else 1.8
    assert (theta, psi) == pytest.approx((1.0 + 0.5 * seen, 1.7))


def test_two_generator_steps_a_turn():
    theta, psi = dirac.fit(compiled("wasserstein", g_steps=2), steps=1)
    assert (theta, psi) == pytest.approx((1.0 + 2 * 0.5 * 1.9, 1.9))


def test_a_simultaneous_step_grows_the_radius():
    # radius^2 grows by h^2 |v|^2; for Wasserstein |v| is the radius.
    gan = compiled("wasserstein", 1.0, 1.0, 0.2, 0.2, updates="simultaneous")
    theta, psi = dirac.fit(gan, steps=1)
    assert theta**2 + psi**2 == pytest.approx(2.0 * (1 + 0.2**2))


# Rows of the table: options of the real GAN; the penalty's slope and the
# limit of clipping for the pencil; and the published final norms.
TABLE = {
    "minimax": ("minimax", [], 0.0, (3.10, 1.42, 1.85)),
    "non-saturating": ("modified_minimax", [], 0.0, (0.64, 0.284, 0.139)),
    "clipping": ("wasserstein", [WeightClipping(1.0)], 0.0, (1.0, 1.02, 0.917)),
    "wgan-gp": (
        "wasserstein", [GradientPenalty(0.35)], 0.7, (1.80, 1.22, 0.716),
    ),
    "r1": ("minimax", [R1(0.3)], 0.3, (2.6e-6, 2.3e-7, 9.3e-34)),
    "r1 critical": ("minimax", [R1(1.0)], 1.0, (9.5e-22, 7.5e-17, 5.1e-12)),
    "non-saturating r1": (
        "modified_minimax", [R1(0.3)], 0.3, (2.2e-6, 1.5e-7, 4e-34),
    ),
    "relativistic r1 r2": (
        "relativistic", [R1(0.3), R2(0.3)], 0.6, (2.2e-13, 1.2e-14, 8e-22),
    ),
}  # fmt: skip
# The published code lets fakes have the larger output: psi changes sign.
START = (1.0, -1.0)
RATE = 0.2
STEPS = 500
# Keras on torch knows no other.
STEPS_PER_EXECUTION = 1 if keras.backend.backend() == "torch" else 100


def d_slope(row, theta, psi):
    loss, penalties, weight, _ = TABLE[row]
    target = 0.0
    if isinstance(penalties and penalties[0], GradientPenalty):
        target = 1.0
    pull = weight * (abs(psi) - target) * math.copysign(1.0, psi)
    return D_GRADIENTS[loss](theta, psi) + pull


def d_update(row, theta, psi):
    psi = psi - RATE * d_slope(row, theta, psi)
    return max(-1.0, min(1.0, psi)) if row == "clipping" else psi


def g_update(row, theta, psi):
    return theta - RATE * G_GRADIENTS[TABLE[row][0]](theta, psi)


def by_pencil(row, schedule):
    """The protocol of the table: the generator moves first."""
    theta, psi = START
    for _ in range(STEPS):
        if schedule == 0:
            theta, psi = g_update(row, theta, psi), d_update(row, theta, psi)
            continue
        theta = g_update(row, theta, psi)
        for _ in range(schedule):
            psi = d_update(row, theta, psi)
    return theta, psi


def by_fit(row, schedule):
    """The same with `GAN.fit`, in whose step the discriminator is first.

    The generator's first move is made by hand; its last one, which would be
    one too many, is not looked at.
    """
    loss, penalties, _, _ = TABLE[row]
    gan = dirac.dirac_gan(*START)
    options = {
        "d_loss": loss,
        "penalties": penalties,
        "steps_per_execution": STEPS_PER_EXECUTION,
    }
    if schedule == 0:
        options["updates"] = "simultaneous"
        gan.compile(dirac.sgd(RATE), dirac.sgd(RATE), **options)
        return dirac.fit(gan, STEPS)
    theta = g_update(row, *START)
    gan = dirac.dirac_gan(theta, START[1])
    gan.compile(dirac.sgd(RATE), dirac.sgd(RATE), d_steps=schedule, **options)
    theta, _ = dirac.fit(gan, (STEPS - 1) * schedule)
    _, psi = dirac.fit(gan, schedule)
    return theta, psi


@pytest.fixture
def float64():
    # 2,500 updates of an undamped spiral lose 4e-5 in float32, in NumPy too.
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    if keras.backend.backend() == "jax":
        pytest.importorskip("jax").config.update("jax_enable_x64", True)
    yield
    if keras.backend.backend() == "jax":
        pytest.importorskip("jax").config.update("jax_enable_x64", False)
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("row", TABLE)
def test_published_table(row, column):
    schedule = (0, 1, 5)[column]
    expected = by_pencil(row, schedule)
    assert by_fit(row, schedule) == pytest.approx(expected, abs=1e-5)
    # One to three digits are published.
    assert math.hypot(*expected) == pytest.approx(
        TABLE[row][3][column], rel=0.03
    )


# Consensus: its pull is on both players, and the rule of updates is its own.
# The derivative of `|v|^2 / 2`, checked below by finite differences, does not
# lead to the published norms; with half of its second term (`share=0.5`) it
# does. That this is what the published code computes is inferred from the
# norms. With all of the term the last column does not converge.

CONSENSUS = (2.1e-10, 1.3e-11, 5.0e-33)


def consensus_slopes(theta, psi, share=1.0):
    """Of `|v|^2 / 2` with `v = sigmoid(psi theta) (theta, -psi)`."""
    s = dirac.sigmoid(psi * theta)
    square = share * (theta**2 + psi**2)
    return (
        s * s * theta + s * s * (1 - s) * psi * square,
        s * s * psi + s * s * (1 - s) * theta * square,
    )


def consensus_update(theta, psi, share=1.0):
    """Both players' new numbers."""
    pulls = consensus_slopes(theta, psi, share)
    return (
        theta - RATE * (G_GRADIENTS["minimax"](theta, psi) + pulls[0]),
        psi - RATE * (D_GRADIENTS["minimax"](theta, psi) + pulls[1]),
    )


def consensus_by_pencil(schedule, share=1.0):
    theta, psi = START
    for _ in range(STEPS):
        if schedule == 0:
            theta, psi = consensus_update(theta, psi, share)
            continue
        theta, _ = consensus_update(theta, psi, share)
        for _ in range(schedule):
            _, psi = consensus_update(theta, psi, share)
    return theta, psi


def consensus_by_fit(schedule):
    options = {
        "d_loss": "minimax",
        "updates": AlternatingConsensus(1.0) if schedule else Consensus(1.0),
        "steps_per_execution": STEPS_PER_EXECUTION,
    }
    if schedule == 0:
        gan = dirac.dirac_gan(*START)
        gan.compile(dirac.sgd(RATE), dirac.sgd(RATE), **options)
        return dirac.fit(gan, STEPS)
    theta, _ = consensus_update(*START)
    gan = dirac.dirac_gan(theta, START[1])
    gan.compile(dirac.sgd(RATE), dirac.sgd(RATE), d_steps=schedule, **options)
    theta, _ = dirac.fit(gan, (STEPS - 1) * schedule)
    _, psi = dirac.fit(gan, schedule)
    return theta, psi


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("column", COLUMNS)
def test_published_row_of_consensus(column):
    schedule = (0, 1, 5)[column]
    expected = consensus_by_pencil(schedule)
    assert consensus_by_fit(schedule) == pytest.approx(expected, abs=1e-5)
    published = math.hypot(*consensus_by_pencil(schedule, share=0.5))
    assert published == pytest.approx(CONSENSUS[column], rel=0.1)


def test_slopes_of_consensus_by_finite_differences():
    def half_square(theta, psi):
        return 0.5 * dirac.sigmoid(psi * theta) ** 2 * (theta**2 + psi**2)

    step = 1e-6
    for theta, psi in ((1.0, -1.0), (0.3, 2.0)):
        found = (
            half_square(theta + step, psi) - half_square(theta - step, psi),
            half_square(theta, psi + step) - half_square(theta, psi - step),
        )
        assert consensus_slopes(theta, psi) == pytest.approx(
            [slope / (2 * step) for slope in found], abs=1e-8
        )


# Instance noise: the published row is one draw of a random walk. With noise
# that lies at the centers of 64 equal shares of the normal law in place of
# drawn noise, the pencil can follow.

NOISE = 0.7
SHARES = [
    statistics.NormalDist().inv_cdf((index + 0.5) / 64) for index in range(64)
]
# Of three runs of 500 steps; ours have no noise left at the end.
PUBLISHED_WITH_NOISE = 2e-2


def noise_update(theta, psi):
    """Minimax: D of x is psi x, data are noise and fakes theta plus noise."""
    slopes = [0.0, 0.0]
    for share in SHARES:
        real, fake = NOISE * share, theta + NOISE * share
        slopes[0] -= dirac.sigmoid(psi * fake) * psi / 64
        slopes[1] += dirac.sigmoid(psi * fake) * fake / 64
        slopes[1] -= dirac.sigmoid(-psi * real) * real / 64
    return theta - RATE * slopes[0], psi - RATE * slopes[1]


@pytest.mark.usefixtures("float64")
def test_instance_noise_converges(monkeypatch):
    def shares(shape, dtype=None, seed=None):
        del shape, seed
        return keras.ops.convert_to_tensor([[s] for s in SHARES], dtype)

    gan = dirac.dirac_gan(*START)
    gan.compile(
        dirac.sgd(RATE),
        dirac.sgd(RATE),
        d_loss="minimax",
        updates="simultaneous",
        transforms=[InstanceNoise(NOISE)],
        steps_per_execution=STEPS_PER_EXECUTION,
    )
    # The latents, which the generator does not read, are replaced as well.
    monkeypatch.setattr(keras.random, "normal", shares)
    found = dirac.fit(gan, STEPS, batch_size=64)
    theta, psi = START
    for _ in range(STEPS):
        theta, psi = noise_update(theta, psi)
    assert found == pytest.approx((theta, psi), abs=1e-5)
    assert math.hypot(theta, psi) < PUBLISHED_WITH_NOISE
