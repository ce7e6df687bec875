"""The schedules against a pencil, and a game that has to end."""

import math

import keras
import pytest
from keras import ops

from keras_ganloss import recipes
from keras_ganloss.losses import ModifiedMinimax
from tests.helpers import dirac


def value(schedule, step):
    return float(ops.convert_to_numpy(schedule(step)))


@pytest.mark.parametrize(
    "step, share",
    [(0, 1.0), (25, 0.5 + 0.5**1.5), (50, 0.5), (100, 0.0), (150, 0.0)],
)
def test_everything_falls_along_a_cosine(step, share):
    settings = recipes.annealed(
        100, learning_rate=0.02, penalty=5.0, final_penalty=1.0
    )
    for player in ("d_optimizer", "g_optimizer"):
        rate = value(settings[player]._learning_rate, step)
        assert rate == pytest.approx(0.02 * share, abs=1e-8)
    for penalty in settings["penalties"]:
        expected = 1.0 + 4.0 * share
        assert value(penalty.weight, step) == pytest.approx(expected)


def test_the_game():
    settings = recipes.annealed(100, ema=0.9)
    assert type(settings["d_loss"]) is ModifiedMinimax
    names = [penalty.name for penalty in settings["penalties"]]
    assert names == ["r1", "r2"]
    assert settings["ema"] == 0.9
    assert settings["d_optimizer"] is not settings["g_optimizer"]


def test_no_penalty_and_a_constant_one():
    for start, end in ((0.0, 0.0), (2.0, 2.0)):
        settings = recipes.annealed(10, penalty=start, final_penalty=end)
        for step in (0, 5, 10):
            weights = [value(p.weight, step) for p in settings["penalties"]]
            assert weights == [start, start]


@pytest.mark.parametrize(
    "num_steps, rate",
    [(1, 3e-3), (9_000, 3e-3), (20_000, 1.4e-3), (1_000_000, 2e-4)],
)
def test_longer_runs_have_lower_rates(num_steps, rate):
    settings = recipes.annealed(num_steps)
    for player in ("d_optimizer", "g_optimizer"):
        found = value(settings[player]._learning_rate, 0)
        assert found == pytest.approx(rate)


def test_two_calls_share_nothing():
    first, second = recipes.annealed(100), recipes.annealed(100)
    for name in ("d_optimizer", "g_optimizer", "d_loss", "penalties"):
        assert first[name] is not second[name]


def test_the_end_is_at_rest():
    # With a constant rate Adam jumps by the rate for ever; the cosine lands.
    gan = dirac.dirac_gan(0.5, 0.5)
    gan.compile(**recipes.annealed(400, learning_rate=0.02))
    start = dirac.state(gan)
    end = dirac.fit(gan, 400)
    assert math.hypot(*end) < 0.02 * math.hypot(*start)
    assert dirac.fit(gan, 20) == pytest.approx(end, abs=1e-7)


def test_a_saved_game_keeps_its_schedules(tmp_path):
    gan = dirac.dirac_gan()
    gan.compile(**recipes.annealed(100, penalty=4.0))
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert value(loaded.penalties[0].weight, 0) == 4.0
    rate = loaded.d_optimizer._learning_rate
    assert value(rate, 0) == pytest.approx(3e-3)


@pytest.mark.parametrize("num_steps", [0, -1, 10.0, True, "10"])
def test_steps_are_counted(num_steps):
    with pytest.raises(ValueError, match=r"Received: num_steps="):
        recipes.annealed(num_steps)


@pytest.mark.parametrize("penalty, final", [(1.0, 2.0), (1.0, -1.0)])
def test_penalties_do_not_grow(penalty, final):
    with pytest.raises(ValueError, match=r"Received: penalty=1.0, final"):
        recipes.annealed(10, penalty=penalty, final_penalty=final)


def test_rates_are_positive():
    for rate in (0.0, -1e-3):
        with pytest.raises(ValueError, match="positive.*Received: learning_r"):
            recipes.annealed(100, learning_rate=rate)
