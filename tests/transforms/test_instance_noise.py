import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.transforms import InstanceNoise
from tests.helpers.turns import make_turn

FADING = keras.optimizers.schedules.PolynomialDecay(0.8, 10, 0.0)


def noise(stddev, step=0):
    x = ops.ones((20_000, 2))
    return ops.convert_to_numpy(
        InstanceNoise(stddev)(x, None, make_turn(step=step))[0] - x
    )


def test_moments():
    """Means within five standard errors of those of the normal law."""
    drawn = noise(0.7) / 0.7
    error = 1.0 / np.sqrt(drawn.size)
    assert abs(drawn.mean()) < 5 * error
    assert abs((drawn**2).mean() - 1.0) < 5 * np.sqrt(2.0) * error
    assert abs((drawn**4).mean() - 3.0) < 5 * np.sqrt(96.0) * error
    assert abs((drawn[:, 0] * drawn[:, 1]).mean()) < 10 * error


def test_real_and_fake_have_noise_of_their_own():
    bound, transform, x = make_turn(), InstanceNoise(1.0), ops.zeros((5, 2))
    first, second = (transform(x, None, bound)[0] for _ in range(2))
    assert float(ops.min(ops.abs(first - second))) > 0.0


@pytest.mark.parametrize("step, stddev", [(0, 0.8), (5, 0.4), (10, 0.0)])
def test_schedule(step, stddev):
    np.testing.assert_allclose(
        noise(FADING, step), noise(stddev), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("stddev", [-1.0, "big", True, float("nan")])
def test_stddev(stddev):
    with pytest.raises(ValueError, match="`stddev`.*Received: stddev="):
        InstanceNoise(stddev)
