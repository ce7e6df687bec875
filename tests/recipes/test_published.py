"""The numbers of each recipe, as papers and authors' code have them."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_ganloss import GAN
from keras_ganloss import SupervisedGAN
from keras_ganloss import distances
from keras_ganloss import recipes
from keras_ganloss.recipes.esrgan import relativistic_d_loss
from tests.recipes.test_annealed import value

IMAGE = (8, 8, 1)


def seer():
    network = keras.Sequential([keras.Input(IMAGE), layers.Conv2D(2, 3)])
    network.trainable = False
    return network


MAKE = {
    "encodec": lambda **kwargs: recipes.encodec("mse", **kwargs),
    "esrgan": lambda **kwargs: recipes.esrgan(
        distances.Perceptual(seer(), distance="mae"), **kwargs
    ),
    "hifi_gan": lambda **kwargs: recipes.hifi_gan("mae", **kwargs),
    "kl_autoencoder": lambda **kwargs: recipes.kl_autoencoder(
        "mse", 12, 64, **kwargs
    ),
    "pix2pix": recipes.pix2pix,
    "projected": recipes.projected,
    "vqgan": lambda **kwargs: recipes.vqgan("mse", 12, **kwargs),
}


@pytest.fixture(params=sorted(MAKE))
def name(request):
    return request.param


def test_every_recipe_is_here():
    others = {"annealed"}
    public = {one for one in vars(recipes) if callable(getattr(recipes, one))}
    assert set(MAKE) == public - others


@pytest.mark.parametrize(
    "recipe, rate, beta_1, beta_2",
    [
        ("encodec", 3e-4, 0.5, 0.9),
        ("esrgan", 1e-4, 0.9, 0.99),
        ("hifi_gan", 2e-4, 0.8, 0.99),
        ("kl_autoencoder", 12 * 4.5e-6, 0.5, 0.9),
        ("pix2pix", 2e-4, 0.5, 0.999),
        ("projected", 2e-4, 0.0, 0.99),
        ("vqgan", 12 * 4.5e-6, 0.5, 0.9),
    ],
)
def test_optimizers(recipe, rate, beta_1, beta_2):
    settings = MAKE[recipe]()
    players = settings["d_optimizer"], settings["g_optimizer"]
    assert players[0] is not players[1]
    for optimizer in players:
        assert float(optimizer.learning_rate) == pytest.approx(rate)
        assert (optimizer.beta_1, optimizer.beta_2) == (beta_1, beta_2)
        assert optimizer.epsilon == 1e-8  # As in torch.


def test_weights_of_terms():
    pix2pix, esrgan, hifi_gan = (
        MAKE[name]() for name in ("pix2pix", "esrgan", "hifi_gan")
    )
    assert pix2pix["loss_weights"] == {"supervised": 100.0, "adversarial": 1.0}
    assert esrgan["loss_weights"] == {
        "supervised": 0.01,
        "adversarial": 0.0025,
    }
    assert [p.weight for p in esrgan["g_penalties"]] == [1.0]
    assert hifi_gan["loss_weights"] == {"supervised": 45.0, "adversarial": 1.0}
    assert [p.weight for p in hifi_gan["g_penalties"]] == [2.0]
    assert hifi_gan["d_optimizer"].weight_decay == 0.01


@pytest.mark.parametrize(
    "recipe, ratio, start, num_values",
    [("vqgan", 0.8, 250_001, 1), ("kl_autoencoder", 0.5, 50_001, 64)],
)
def test_adaptive_weights(recipe, ratio, start, num_values):
    settings = MAKE[recipe]()
    assert settings["adversarial_start"] == start
    assert settings.get("output_weights", 1) == num_values
    assert [p.weight for p in settings["g_penalties"]] == [num_values]
    assert settings["loss_weights"]["adversarial"].get_config() == {
        "ratio": ratio,
        "variables": "conv_out/kernel",
        "at": "weights",
        "epsilon": 1e-4,
        "maximum": 1e4,
        "ema": None,
        "name": "adversarial_weight",
    }


@pytest.mark.parametrize(
    "step, share",
    [(0, 1), (50, 1), (51, 2), (101, 4), (201, 8), (301, 16), (400, 16)],
)
def test_rates_of_esrgan_are_halved(step, share):
    """After 50, 100, 200 and 300 thousand of 400 thousand steps."""
    settings = MAKE["esrgan"](num_steps=400)
    for player in ("d_optimizer", "g_optimizer"):
        rate = value(settings[player]._learning_rate, step)
        assert rate == pytest.approx(1e-4 / share)


def test_rates_of_hifi_gan_fall_by_epochs():
    settings = MAKE["hifi_gan"](steps_per_epoch=10)
    for step, epoch in ((0, 0), (9, 0), (10, 1), (25, 2)):
        rate = value(settings["d_optimizer"]._learning_rate, step)
        assert rate == pytest.approx(2e-4 * 0.999**epoch)


def test_shares_of_encodec():
    settings = recipes.encodec()
    assert settings["loss_weights"].get_config()["decay"] == 0.999
    assert settings["loss_weights"].shares == {
        "adversarial": 4.0,
        "feature_matching": 4.0,
        "waveform": 0.1,
        "spectrogram": 2.0,
    }
    assert settings["updates"].d_probability == pytest.approx(2 / 3)
    assert settings["ema"] == 0.99
    # At a judgement of zero: both sides of D at their margin's foot, G too.
    loss = settings["d_loss"]
    zero = keras.ops.zeros((2, 1))
    for side, right in ((loss.d_loss, 2.0), (loss.g_loss, 1.0)):
        assert float(side.reduced(zero, zero, None)) == pytest.approx(right)


def test_half_life_of_projected():
    """10,000 pictures in batches of 32: half of an average is older."""
    ema = MAKE["projected"]()["ema"]
    assert ema ** (10_000 / 32) == pytest.approx(0.5)


def test_relativistic_loss_by_hand():
    """Two real logits and two fakes; means are constants."""
    real, fake = np.array([[2.0], [0.0]]), np.array([[1.0], [-1.0]])
    found = relativistic_d_loss(*map(keras.ops.convert_to_tensor, (real, fake)))
    right = [
        0.5 * (np.log1p(np.exp(-r)) + np.log1p(np.exp(f - 1.0)))
        for r, f in ((2.0, 1.0), (0.0, -1.0))
    ]
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(found)[:, 0], right, rtol=1e-6
    )


def game(name):
    """The smallest game that a recipe is for, compiled with it."""
    generator = keras.Sequential(
        [keras.Input(IMAGE), layers.Conv2D(1, 1, name="conv_out")]
    )
    discriminator = keras.Sequential(
        [
            keras.Input(IMAGE),
            layers.Conv2D(2, 4, 2, name="hidden"),
            layers.Conv2D(1, 2),
        ]
    )
    if name == "projected":
        noise = keras.Input((2,))
        image = layers.Reshape(IMAGE)(layers.Dense(64)(noise))
        made = GAN(keras.Model(noise, image), discriminator)
    elif name == "pix2pix":
        answer, image = keras.Input(IMAGE), keras.Input(IMAGE)
        both = layers.Concatenate()([answer, image])
        logits = layers.Conv2D(1, 4)(both)
        made = SupervisedGAN(generator, keras.Model([answer, image], logits))
    else:
        made = SupervisedGAN(generator, discriminator, conditional=False)
    made.compile(**MAKE[name]())
    return made


def test_saved_games_keep_their_recipe(name, tmp_path):
    made = game(name)
    made.save(tmp_path / "game.keras")
    loaded = keras.saving.load_model(tmp_path / "game.keras")
    ours, theirs = (one.get_compile_config() for one in (made, loaded))
    penalties = [config.pop("g_penalties") for config in (ours, theirs)]
    assert ours == theirs
    # Names of layers that Keras chose differ in networks inside.
    ours, theirs = (
        [(p["class_name"], p["config"]["weight"]) for p in part]
        for part in penalties
    )
    assert ours == theirs


@pytest.mark.parametrize(
    "recipe, argument, wrong",
    [
        ("esrgan", "num_steps", 7),
        ("esrgan", "learning_rate", 0.0),
        ("esrgan", "pixel_weight", -1.0),
        ("esrgan", "adversarial_weight", 0.0),
        ("hifi_gan", "steps_per_epoch", 0),
        ("hifi_gan", "mel_weight", "45"),
        ("vqgan", "learning_rate", -1e-6),
    ],
)
def test_numbers_that_make_no_sense(recipe, argument, wrong):
    with pytest.raises(ValueError, match=f"Received: {argument}="):
        MAKE[recipe](**{argument: wrong})


@pytest.mark.parametrize("batch_size", [0, 1.5, None])
def test_batches_have_a_size(batch_size):
    for make in (
        lambda: recipes.vqgan("mse", batch_size),
        lambda: recipes.kl_autoencoder("mse", batch_size, 64),
    ):
        with pytest.raises(ValueError, match="Received: batch_size="):
            make()
