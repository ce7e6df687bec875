"""The page for those who come from keras.io: its blocks run."""

import keras
import numpy as np
import pytest
from keras import layers

from tests.helpers import page_blocks as blocks

PAGE = "migrate/from_keras_io.md"
SHAPE = (8, 8, 1)


def generator_body(tensor):
    return layers.Reshape(SHAPE)(layers.Dense(64)(tensor))


def critic_body(tensor):
    hidden = layers.Conv2D(4, 3, 2, activation="leaky_relu")(tensor)
    return layers.Dense(1)(layers.Flatten()(hidden))


def critic():
    image = keras.Input(SHAPE)
    return keras.Model(image, critic_body(image))


def translator():
    image = keras.Input(SHAPE)
    return keras.Model(image, layers.Conv2D(1, 3, padding="same")(image))


def scope():
    """What the blocks take for granted, at toy size."""
    generator = np.random.default_rng(0)
    latent, image, mask = keras.Input((4,)), keras.Input(SHAPE), None
    mask = keras.Input((8, 8, 2))
    code = layers.Dense(4)(layers.Flatten()(image))
    spread = layers.Dense(4)(layers.Flatten()(image))
    both = layers.Concatenate()([image, mask])
    hidden = layers.Conv2D(4, 3, 2, activation="leaky_relu")(both)
    made = layers.Concatenate()([generator_body(latent), mask])
    images = generator.normal(size=(16, *SHAPE)).astype("float32")
    return {
        "keras": keras,
        "images": images,
        "one_hot_labels": np.eye(10, dtype="float32")[np.arange(16) % 10],
        "masks": np.ones((16, 8, 8, 2), "float32"),
        "horses": images,
        "zebras": images + 1.0,
        "generator_body": generator_body,
        "critic_body": critic_body,
        "generator": keras.Model(latent, generator_body(latent)),
        "discriminator": critic(),
        "to_x": translator(),
        "to_y": translator(),
        "judge_x": critic(),
        "judge_y": critic(),
        "encoder": keras.Model(image, [code, spread]),
        "mask_generator": keras.Model(
            [latent, mask], layers.Conv2D(1, 3, padding="same")(made)
        ),
        "mask_judge": keras.Model(
            [image, mask], layers.Dense(1)(layers.Flatten()(hidden))
        ),
        "features": keras.Model([image, mask], hidden),
    }


GAMES = {
    "dcgan": "gan",
    "wgan_gp": "gan",
    "conditional_gan": "gan",
    "cyclegan": "cycle_gan",
    "gaugan": "gau_gan",
    "gan_ada": "gan",
}


@pytest.mark.parametrize("name", GAMES)
def test_block_trains(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = scope()
    before = [
        names[key].get_weights() for key in ("generator", "to_x", "encoder")
    ]
    exec(blocks.named_blocks(PAGE)[name], names)
    game = names[GAMES[name]]
    for key, values in game.history.history.items():
        assert np.isfinite(values).all(), key
    assert int(game.d_optimizer.iterations.value) == 2
    after = [
        names[key].get_weights() for key in ("generator", "to_x", "encoder")
    ]
    trained = {
        "cyclegan": 1,
        "gaugan": 2,
        "conditional_gan": None,
        "wgan_gp": None,  # Three steps of the critic for one, and two batches.
    }.get(name, 0)
    for index, (old, new) in enumerate(zip(before, after)):
        moved = any((a != b).any() for a, b in zip(old, new))
        assert moved == (index == trained)


def test_every_block_is_run():
    assert set(blocks.named_blocks(PAGE)) == set(GAMES)


def test_labels_of_the_conditional_example_are_stripes():
    # What the page says of a repeat without an axis and a reshape.
    label = np.eye(10)[[0]]
    planes = np.repeat(label[:, :, None, None], [28 * 28])
    planes = planes.reshape(-1, 28, 28, 10)
    rows = planes[0].sum(axis=(1, 2))
    assert (rows[:2] == 280).all() and (rows[3:] == 0).all()


def test_loss_terms_of_the_cycle_by_hand():
    names = scope()
    exec(blocks.named_blocks(PAGE)["cyclegan"], names)
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
