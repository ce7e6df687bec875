"""The page about the learned loss: what its blocks leave behind."""

import numpy as np
import pytest

from tests.helpers import page_blocks

PAGE = "how-to/learned_loss.md"


def after(name):
    return page_blocks.run(PAGE)[name]


@pytest.mark.parametrize(
    "name", ["learned", "fixed", "scheduled", "ratio", "features"]
)
def test_block_trains(name):
    model = after(name)["model"]
    for key, values in model.history.history.items():
        assert np.isfinite(values).all(), key
    assert int(model.d_optimizer.iterations.value) == 1
    explicit = {"learned": set(), "features": {"pixel", "perceptual"}}
    found = {"supervised", "pixel", "perceptual"} & set(model.history.history)
    assert found == explicit.get(name, {"supervised"})


def test_averages_are_what_the_page_says():
    names = after("averages")
    assert names["mean"] == pytest.approx(0.4)
    assert names["median"] == 0.0


def test_scheduled_weight_is_off_for_a_thousand_steps():
    weight = after("scheduled")["weight"]
    assert [float(weight(step)) for step in (0, 1000)] == [0.0, 0.0]
    assert float(weight(1001)) == pytest.approx(0.01)


def test_the_balance_is_in_the_logs():
    assert after("ratio")["history"].history["adversarial_weight"][0] > 0.0
