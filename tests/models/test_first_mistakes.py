"""What people pass who know other code: errors that name what to pass here."""

import keras
import pytest
from keras import layers

from keras_ganloss import GAN
from keras_ganloss import CycleGAN
from keras_ganloss import SupervisedGAN
from keras_ganloss.models import BiGAN
from keras_ganloss.transforms import Pack
from tests.helpers.networks import LATENT
from tests.helpers.networks import Subclassed
from tests.helpers.networks import conditional
from tests.helpers.networks import data
from tests.helpers.networks import mlp
from tests.helpers.networks import of_shape
from tests.helpers.networks import raises
from tests.helpers.networks import train
from tests.helpers.networks import vectors


def pair_judge(first, second, units=1):
    """A network of two inputs of these shapes, to one output of vectors."""
    inputs = [keras.Input(shape) for shape in (first, second)]
    x = layers.Concatenate()([layers.Flatten()(one) for one in inputs])
    return keras.Model(inputs, layers.Dense(units)(x))


def supervised(**kwargs):
    """From three numbers to two."""
    return SupervisedGAN(mlp(3, 2), pair_judge((2,), (3,)), **kwargs)


def cycle():
    return CycleGAN(mlp(2, 2), mlp(2, 2), mlp(2, 1), mlp(2, 1))


GAMES = {
    "gan": lambda: GAN(*vectors()),
    "supervised": supervised,
    "cycle": cycle,
    "bi_gan": lambda: BiGAN(
        mlp(LATENT, 2), mlp(2, LATENT), pair_judge((2,), (LATENT,))
    ),
}


@pytest.fixture(params=sorted(GAMES))
def any_game(request):
    return GAMES[request.param]()


@pytest.mark.parametrize(
    "name, advice",
    [
        ("optimizer", "`g_optimizer`.*`d_optimizer`"),
        ("discriminator_optimizer", "`g_optimizer`.*`d_optimizer`"),
        ("loss_fn", "`d_loss`.*`g_loss`"),
        ("d_loss_fn", "`d_loss`.*`g_loss`"),
        ("gen_lr", "`g_optimizer"),
        ("n_critic", "`d_steps`"),
        ("gp_weight", "`compile\\(penalties="),
        ("label_smoothing", "`d_loss=ModifiedMinimax\\(label_smoothing"),
        ("ema_momentum", "`ema="),
        ("update_rule", "`updates`"),
        ("seed", "where the game is made"),
        ("penaltys", "Did you mean 'penalties'"),
        ("lossweights", "Did you mean 'loss_weights'"),
        ("something", "It has: .*d_loss.*g_loss.*penalties"),
    ],
)
def test_arguments_of_compile_that_there_are_not(name, advice, any_game):
    with raises(f"compile` has no argument `{name}`", advice):
        any_game.compile(**{name: 3})
    assert not any_game.compiled


def test_a_loss_for_a_game_without_an_explicit_one():
    with raises("`GAN.compile` has no argument `loss`", "`d_loss`"):
        GAN(*vectors()).compile(loss="binary_crossentropy")


@pytest.mark.parametrize(
    "name, advice",
    [
        ("latent_dim", "`latent_shape=\\(128,\\)`"),
        ("z_dim", "`latent_shape=\\(128,\\)`"),
        ("discriminator_extra_steps", "`d_steps`"),
        ("d_steps", "It belongs to `compile"),
        ("loss", "`d_loss`"),
        ("latent_shap", "Did you mean 'latent_shape'"),
        ("condtional", "Did you mean 'conditional'"),
        ("something", "It has: .*latent_shape.*seed"),
    ],
)
def test_arguments_of_a_game_that_there_are_not(name, advice):
    with raises(f"`GAN` has no argument `{name}`", advice):
        GAN(*vectors(), **{name: 3})


def test_arguments_of_keras_stay():
    gan = GAN(*vectors(), name="mine", trainable=True, dtype="float32")
    assert gan.name == "mine"


@pytest.mark.parametrize("make", [lambda: GAN(*vectors()), supervised])
def test_the_order_of_keras(make):
    """`compile("adam", "mae")`: optimizers of both players come first here."""
    with raises("`g_optimizer` must be", "Losses go by keyword", "`loss`"):
        make().compile("adam", "mae")
    with raises("`g_optimizer` must be", "Losses go by keyword"):
        make().compile("adam", keras.losses.MeanSquaredError())
    with raises("`d_optimizer` must be", "Did you mean 'adam'"):
        make().compile("adaam")
    game = make()
    game.compile("sgd", "adamw")
    assert isinstance(game.d_optimizer, keras.optimizers.SGD)
    assert isinstance(game.g_optimizer, keras.optimizers.AdamW)


@pytest.mark.parametrize("loss", ["maee", ["maee"], {"a": "maee"}])
def test_an_unknown_loss_is_found_in_compile(loss):
    with raises("`loss` must be a Keras loss", "Did you mean 'mae'"):
        supervised().compile(loss=loss)


@pytest.mark.parametrize(
    "name, wrong, meant",
    [
        ("updates", "simultanous", "simultaneous"),
        ("d_loss", "hing", "hinge"),
        ("g_loss", "wassertein", "wasserstein"),
        ("pool", "samplepool", "sample_pool"),
    ],
)
def test_names_nearly_right(name, wrong, meant):
    with raises(f"`{name}` must be an instance", f"Did you mean '{meant}'"):
        GAN(*vectors()).compile(**{name: wrong})


def test_networks_in_the_other_order():
    with raises("`discriminator` does not take", r"`GAN\(generator, discrim"):
        GAN(mlp(2, 1), mlp(LATENT, 2)).compile()
    with raises(r"`SupervisedGAN\(generator, discriminator\)`"):
        SupervisedGAN(pair_judge((2,), (3,)), mlp(3, 2)).compile(loss="mae")
    generator, discriminator = of_shape((4, 4, 1))
    with raises(r"`GAN\(generator, discriminator\)`"):
        GAN(discriminator, generator).compile()


def test_an_input_that_is_no_sample():
    with pytest.raises(
        ValueError,
        match=r"`discriminator` does not take.*shape of the samples.*"
        r"Received: .*\(None, 5\).*\(None, 2\)",
    ):
        GAN(mlp(LATENT, 2), mlp(5, 1)).compile()
    with raises("`y_discriminator` does not take"):
        CycleGAN(mlp(2, 2), mlp(2, 2), mlp(2, 1), mlp(5, 1)).compile()


def test_an_answer_alone():
    gan = SupervisedGAN(mlp(3, 2), mlp(2, 1))
    with raises("`discriminator` does not take", "`conditional=False`"):
        gan.compile(loss="mae")
    gan = SupervisedGAN(mlp(3, 2), mlp(2, 1), conditional=False)
    gan.compile(loss="mae")
    assert "d_loss" in train(gan, data(8, 3), data(8, 2))


def test_more_than_an_answer_alone():
    with raises("`discriminator` does not take", "`conditional=True`"):
        supervised(conditional=False).compile(loss="mae")


def test_the_input_before_the_answer():
    gan = SupervisedGAN(mlp(3, 2), pair_judge((3,), (2,)))
    with raises("first, and then the condition", r"\[answer, x\]"):
        gan.compile(loss="mae")
    generator, discriminator = conditional((5,))
    judge = pair_judge((5,), (2,))
    with raises("first, and then the condition"):
        GAN(generator, judge).compile()
    GAN(generator, discriminator).compile()


@pytest.mark.parametrize("shape", [(), (1,)])
def test_a_last_axis_of_one_is_no_mistake(shape):
    """Keras feeds `(8, 1)` to inputs of `(8,)`, and the other way round."""
    generator = mlp(LATENT, 1)
    inputs = keras.Input(shape)
    x = layers.Reshape((1,))(inputs)
    gan = GAN(generator, keras.Model(inputs, layers.Dense(1)(x)))
    gan.compile()
    assert gan.compiled


def test_transforms_may_change_the_shape():
    generator = mlp(LATENT, 2)
    GAN(generator, mlp(4, 1)).compile(transforms=[Pack(2)])
    with raises("`discriminator` does not take", "`transforms`"):
        GAN(generator, mlp(2, 1)).compile(transforms=[Pack(2)])


def test_networks_that_do_not_tell_are_taken():
    gan = GAN(mlp(LATENT, 2), Subclassed(1))
    gan.compile()
    assert "g_loss" in train(gan, data(8))


def test_networks_are_called_by_their_role():
    generator, discriminator = vectors()
    discriminator.trainable = False
    with raises("`discriminator` has only frozen weights"):
        GAN(generator, discriminator).compile()
    frozen = mlp(2, 2)
    frozen.trainable = False
    with raises("`y_to_x` has only frozen weights"):
        CycleGAN(mlp(2, 2), frozen, mlp(2, 1), mlp(2, 1)).compile()
