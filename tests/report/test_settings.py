import keras
import numpy as np
import pytest
from keras import layers

from keras_ganloss import SupervisedGAN
from keras_ganloss.losses import Hinge
from keras_ganloss.losses import ModifiedMinimax
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import Every
from keras_ganloss.report import describe
from keras_ganloss.report import networks
from keras_ganloss.report import settings
from keras_ganloss.report import versions
from tests.helpers import image_games


def double(x):
    return 2 * x


@pytest.mark.parametrize(
    "value, expected",
    [
        (None, "None"),
        (0.30000000001, "0.3"),
        (np.float32(1e-3), "0.001"),
        (True, "True"),
        ("mae", "mae"),
        ([1, "a"], "1, a"),
        ({"adversarial": 0.01}, "adversarial: 0.01"),
        (double, "double"),
        (keras.optimizers.SGD(0.1), "SGD(learning_rate=0.1)"),
        (
            keras.optimizers.Adam(
                keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
            ),
            "Adam(learning_rate=ExponentialDecay(initial_learning_rate=0.1, "
            "decay_steps=10, decay_rate=0.5))",
        ),
        (Hinge(), "Hinge()"),
        (Hinge().d_loss, "Hinge().d_loss"),
        (
            ModifiedMinimax(label_smoothing=0.25),
            "ModifiedMinimax(label_smoothing=0.25)",
        ),
        (Every(R1(0.5), steps=4), "Every(penalty=R1(weight=0.5), steps=4)"),
        (
            keras.saving.serialize_keras_object(R1(0.5)),
            "R1(weight=0.5)",
        ),
    ],
)
def test_describe(value, expected):
    assert describe(value) == expected


def test_settings_of_a_game():
    game = image_games.mirror()
    game.compile(
        d_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.0),
        d_loss="hinge",
        penalties=[R1(0.2)],
        d_steps=2,
        ema=0.99,
    )
    found = settings(game)
    expected = {
        "game": "GAN",
        "seed": "0",
        "d_optimizer": "Adam(learning_rate=0.001, beta_1=0)",
        "g_optimizer": "Adam(learning_rate=0.0002, beta_1=0.5)",
        "d_loss": "Hinge()",
        "g_loss": "Hinge()",
        "penalties": "R1(weight=0.2)",
        "d_steps": "2",
        "ema": "0.99",
        "precision": "float32",
    }
    assert {name: found.get(name) for name in expected} == expected
    assert not {"pool", "transforms", "metrics", "run_eagerly"} & set(found)


def test_settings_of_a_supervised_game():
    unet = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    x, y = keras.Input((2,)), keras.Input((3,))
    both = layers.Concatenate()([x, y])
    game = SupervisedGAN(unet, keras.Model([x, y], layers.Dense(1)(both)))
    game.compile(loss="mae", loss_weights={"adversarial": 0.01})
    found = settings(game)
    assert found["game"] == "SupervisedGAN"
    assert found["loss"] == "mae"
    assert "adversarial: 0.01" in found["loss_weights"]


def test_what_cannot_be_saved_is_told():
    class Local(R1):
        def __init__(self):
            super().__init__(0.1)

        def get_config(self):
            raise NotImplementedError

    game = image_games.mirror()
    game.compile(d_loss=lambda real, fake: fake - real, g_loss="hinge")
    assert settings(game)["d_loss"] == ("FunctionLoss(d_function=<lambda>)")
    game.compile(penalties=[Local()])
    assert settings(game)["penalties"] == "Local()"


def test_networks():
    generator, discriminator = networks(image_games.mirror())
    assert generator["name"] == "generator"
    assert generator["player"] == "generator"
    assert generator["parameters"] == generator["trainable"] == 4
    assert generator["inputs"] == generator["outputs"] == "2 x 2 x 1"
    # Four pixels to eight numbers to one.
    assert discriminator["parameters"] == 4 * 8 + 8 + 8 + 1
    assert [layer[1:] for layer in discriminator["layers"]][-1] == (
        "Dense",
        "1",
        9,
    )


def test_versions():
    found = versions()
    assert found["keras"] == keras.__version__
    assert f"{keras.backend.backend()} (the backend)" in found
