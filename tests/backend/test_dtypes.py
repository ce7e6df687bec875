"""Games whose weights are of another dtype than float32."""

import keras
import pytest
from keras import ops
from keras.optimizers.schedules import ExponentialDecay

from keras_ganloss.penalties import R1
from keras_ganloss.penalties import GradientPenalty
from keras_ganloss.penalties import HistoricalAverage
from keras_ganloss.penalties import LeCam
from tests.helpers import dirac

# How far a number of about two may be off.
SETTINGS = {
    "policy float64": 1e-6,
    "floatx float64": 1e-6,
    "floatx float16": 4e-3,
    "floatx bfloat16": 3e-2,
}


@pytest.fixture(params=SETTINGS)
def tolerance(request):
    kind, dtype = request.param.split()
    floatx, policy = keras.config.floatx(), keras.config.dtype_policy()
    if kind == "floatx":
        keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    yield SETTINGS[request.param]
    keras.config.set_floatx(floatx)
    keras.config.set_dtype_policy(policy)


def sgd(rate):
    """With a scale that float16 holds: a larger one skips the first steps."""
    return keras.optimizers.LossScaleOptimizer(
        dirac.sgd(rate), initial_scale=256.0
    )


def make_game(**kwargs):
    gan = dirac.dirac_gan(theta=1.0, psi=2.0)
    gan.compile(sgd(0.1), sgd(0.5), d_loss="wasserstein", ema=0.5, **kwargs)
    return gan


def average(gan):
    value = gan.weight_average.averages[0]
    return float(ops.convert_to_numpy(value).item())


def test_a_step_by_hand(tolerance):
    """The penalty is psi^2 / 4, the first decay of the average 2 / 11."""
    gan = make_game(penalties=[R1(0.5)])
    theta, psi = dirac.fit(gan, steps=1)
    assert psi == pytest.approx(2.0 - 0.1 * (1.0 + 1.0), abs=tolerance)
    assert theta == pytest.approx(1.0 + 0.5 * 1.8, abs=tolerance)
    assert average(gan) == pytest.approx(1.0 + 0.9 * 9 / 11, abs=tolerance)
    assert gan.weight_average.averages[0].dtype in ("float32", "float64")


def test_terms_of_all_kinds(tolerance):
    """As in float32."""

    def run():
        gan = make_game(
            penalties=[
                R1(ExponentialDecay(0.5, 1, 0.9)),
                GradientPenalty(0.1),
                LeCam(0.1, start=0),
                HistoricalAverage(0.1),
            ],
            loss_weights={"adversarial": ExponentialDecay(1.0, 1, 0.9)},
        )
        return (*dirac.fit(gan, steps=3), average(gan))

    found = run()
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    assert found == pytest.approx(run(), abs=3 * tolerance)
