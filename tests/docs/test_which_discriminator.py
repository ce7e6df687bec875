"""The page about discriminators: its block runs, its table is true."""

import keras
import numpy as np

from docs.generators import discriminators
from tests.helpers import limits
from tests.helpers import page_blocks


@limits.only("tensorflow", "the numbers are the same, the networks are large")
def test_table_is_what_the_networks_say():
    message = "Run `python docs/generators/discriminators.py`."
    assert discriminators.table() in discriminators.PAGE.read_text(), message


def test_blocks_run():
    random = np.random.default_rng(0)
    scope = {
        "colorizer": keras.Sequential(
            [keras.Input((64, 64, 1)), keras.layers.Conv2D(3, 1)]
        ),
        "gray": random.normal(size=(2, 64, 64, 1)).astype("float32"),
        "color": random.normal(size=(2, 64, 64, 3)).astype("float32"),
    }
    page = "how-to/which_discriminator.md"
    for block in page_blocks.named_blocks(page).values():
        exec(block, scope)
    assert "d_loss" in scope["gan"].history.history
