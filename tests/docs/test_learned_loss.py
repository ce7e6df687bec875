"""The page about the learned loss: what its blocks leave behind."""

import numpy as np
import pytest

from tests.helpers import page_blocks

PAGE = "how-to/learned_loss.md"


def after(name):
    return page_blocks.run(PAGE)[name]


@pytest.mark.parametrize(
    "name", ["learned", "fixed", "later", "ratio", "shares", "features"]
)
def test_block_trains(name):
    model = after(name)["model"]
    for key, values in model.history.history.items():
        assert np.isfinite(values).all(), key
    assert int(model.d_optimizer.iterations.value) == int(name != "later")
    explicit = {"learned": set(), "features": {"pixel", "perceptual"}}
    explicit["shares"] = {"pixel"}
    found = {"supervised", "pixel", "perceptual"} & set(model.history.history)
    assert found == explicit.get(name, {"supervised"})


def test_averages_are_what_the_page_says():
    names = after("averages")
    assert names["mean"] == pytest.approx(0.4)
    assert names["median"] == 0.0


def test_a_learned_loss_that_has_not_begun_is_not_in_the_logs():
    assert set(after("later")["model"].history.history) == {
        "loss", "g_loss", "supervised",
    }  # fmt: skip


def test_the_balance_is_in_the_logs():
    assert after("ratio")["history"].history["adversarial_weight"][0] > 0.0
    assert after("shares")["history"].history["pixel_weight"][0] > 0.0
