"""The page for those who come from keras.io: what its blocks leave behind."""

import keras
import numpy as np
import pytest

from tests.helpers import limits
from tests.helpers import page_blocks

PAGE = "migrate/from_keras_io.md"
GAMES = {
    "dcgan": "gan",
    "wgan_gp": "gan",
    "conditional_gan": "gan",
    "cyclegan": "cycle_gan",
    "gaugan": "gau_gan",
    "gan_ada": "gan",
}


@pytest.mark.parametrize("name", GAMES)
def test_block_trains(name):
    game = page_blocks.run(PAGE)[name][GAMES[name]]
    for key, values in game.history.history.items():
        assert np.isfinite(values).all(), key
    assert int(game.d_optimizer.iterations.value) == 2


def test_labels_of_the_conditional_example_are_stripes():
    # What the page says of a repeat without an axis and a reshape.
    label = np.eye(10)[[0]]
    planes = np.repeat(label[:, :, None, None], [28 * 28])
    planes = planes.reshape(-1, 28, 28, 10)
    rows = planes[0].sum(axis=(1, 2))
    assert (rows[:2] == 280).all() and (rows[3:] == 0).all()


def test_loss_terms_of_the_cycle_by_hand():
    names = page_blocks.run(PAGE)["cyclegan"]
    for key in ("to_x", "to_y", "judge_x", "judge_y"):
        network = names[key]
        network.set_weights([0.0 * w for w in network.get_weights()])
    result = names["cycle_gan"].evaluate(
        names["horses"], names["zebras"], verbose=0, return_dict=True
    )
    # Generators of zeros: everything is as far as it is large.
    size = np.abs(names["horses"]).mean() + np.abs(names["zebras"]).mean()
    assert result["cycle"] == pytest.approx(size, rel=1e-5)
    assert result["identity"] == pytest.approx(size, rel=1e-5)
    # Least squares of an output of 0, in both directions: 2 * 0.5.
    assert result["g_loss"] == pytest.approx(1.0 + 15.0 * size, rel=1e-5)
    assert result["d_loss"] == pytest.approx(1.0)


def test_gau_gan_makes_and_predicts():
    names = page_blocks.run(PAGE)["gaugan"]
    assert names["pictures"].shape == (2, 8, 8, 1)
    game, masks = names["gau_gan"], names["masks"]
    latent = np.ones((2, 4), "float32")
    predicted = game.predict([latent, masks[:2]], verbose=0)
    expected = keras.ops.convert_to_numpy(game.generator([latent, masks[:2]]))
    np.testing.assert_allclose(predicted, expected, rtol=1e-5, atol=1e-6)


@limits.only("tensorflow", "it writes the SavedModel")
def test_gau_gan_is_exported(tmp_path):
    page_blocks.run(PAGE)["gaugan"]["gau_gan"].export(
        tmp_path / "served", verbose=False
    )
    assert (tmp_path / "served" / "saved_model.pb").is_file()
