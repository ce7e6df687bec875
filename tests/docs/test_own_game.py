"""The page about games of one's own: each is trained, saved and loaded."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import penalties
from tests.helpers import page_blocks

RNG = np.random.default_rng(0)
X = RNG.normal(size=(16, 4)).astype("float32")
Y = RNG.normal(size=(16, 4)).astype("float32") + 1.0
LABELS = np.arange(16) % 3


@pytest.fixture(scope="module")
def page():
    """What the blocks of the page define."""
    return page_blocks.run("how-to/own_game.md")["end"]


def mlp(num_inputs, num_outputs, seed):
    initializers = [
        keras.initializers.GlorotUniform(seed=seed + i) for i in range(2)
    ]
    return keras.Sequential(
        [
            keras.Input((num_inputs,)),
            layers.Dense(5, "tanh", kernel_initializer=initializers[0]),
            layers.Dense(num_outputs, kernel_initializer=initializers[1]),
        ]
    )


GAMES = {
    "CoGAN": (
        {
            "x_generator": (3, 4),
            "y_generator": (3, 4),
            "x_discriminator": (4, 1),
            "y_discriminator": (4, 1),
        },
        (X, Y),
        3,
    ),
    "AdversarialAutoencoder": (
        {"encoder": (4, 2), "decoder": (2, 4), "discriminator": (2, 1)},
        (X,),
        2,
    ),
    "SemiSupervisedGAN": (
        {"generator": (3, 4), "classifier": (4, 3)},
        (X, np.where(np.arange(16) < 8, LABELS, -1)),
        4,
    ),
    "DomainAdversarial": (
        {
            "extractor": (4, 3),
            "classifier": (3, 3),
            "discriminator": (3, 1),
        },
        ((X, Y), LABELS),
        4,
    ),
    "BrightCycleGAN": (
        {
            "x_to_y": (4, 4),
            "y_to_x": (4, 4),
            "x_discriminator": (4, 1),
            "y_discriminator": (4, 1),
        },
        (X, Y),
        4,
    ),
}


class MeanGap(keras.metrics.Mean):
    """Distance of the means of all numbers of real and fake samples."""

    def update_state(self, real, fake, sample_weight=None):
        means = [
            sum(ops.mean(leaf) for leaf in keras.tree.flatten(samples))
            for samples in (real, fake)
        ]
        super().update_state(ops.abs(means[0] - means[1]))


def trained(page, name):
    shapes, data, _ = GAMES[name]
    networks = {
        key: mlp(*shape, seed=10 * index)
        for index, (key, shape) in enumerate(shapes.items())
    }
    game = page[name](**networks, seed=0)
    game.compile(
        keras.optimizers.SGD(0.05),
        keras.optimizers.SGD(0.05),
        penalties=[penalties.R1(0.1)],
        metrics=[MeanGap(name="gap")],
        ema=0.9,
    )
    history = game.fit(*data, batch_size=8, verbose=0).history
    return game, history


@pytest.mark.parametrize("name", GAMES)
def test_trains_predicts_and_goes_on_after_loading(page, name, tmp_path):
    game, history = trained(page, name)
    _, data, num_inputs = GAMES[name]
    assert {"d_loss", "g_loss", "r1", "gap"} <= set(history)
    assert {*game.d_terms, *game.g_terms} - {"identity"} <= set(history)
    assert all(np.isfinite(values[-1]) for values in history.values())
    inputs = RNG.normal(size=(6, num_inputs)).astype("float32")
    before = game.predict(inputs, verbose=0)
    game.save(tmp_path / "game.keras")
    again = keras.saving.load_model(
        tmp_path / "game.keras", custom_objects={"MeanGap": MeanGap}
    )
    np.testing.assert_array_equal(again.predict(inputs, verbose=0), before)
    runs = [
        one.fit(*data, batch_size=8, shuffle=False, verbose=0).history
        for one in (game, again)
    ]
    assert runs[0] == runs[1]


def test_games_are_short(page):
    for name, code in page_blocks.named_blocks("how-to/own_game.md").items():
        lines = [line for line in code.split("\n") if line.strip()]
        assert len(lines) <= 30, name


def test_one_latent_for_both_domains(page):
    game, _ = trained(page, "CoGAN")
    turn = game.turn("discriminator", "generator", training=False)
    turn.draw((X, Y))
    sources = {id(made.source) for made in turn.made}
    assert len(turn.made) == 2 and len(sources) == 1


def test_labels_that_are_not_known_do_not_count(page):
    game, _ = trained(page, "SemiSupervisedGAN")
    logits = ops.convert_to_numpy(game.classifier(X))
    wanted = np.log(np.exp(logits[:8]).sum(1)) - logits[range(8), LABELS[:8]]
    labels = np.where(np.arange(16) < 8, LABELS, -1)
    logs = game.evaluate(X, labels, batch_size=16, verbose=0, return_dict=True)
    assert logs["d_class"] == pytest.approx(wanted.mean(), rel=1e-5)


def test_own_term_of_cycle_gan_by_hand(page):
    game, _ = trained(page, "BrightCycleGAN")
    with game.averaged_in_place():
        fake = ops.convert_to_numpy(game.x_to_y(X))
    logs = game.evaluate(X, Y, batch_size=16, verbose=0, return_dict=True)
    wanted = (X.mean() - fake.mean()) ** 2
    assert logs["brightness"] == pytest.approx(wanted, rel=1e-4, abs=1e-7)
    assert "cycle" in logs and "identity" not in logs
