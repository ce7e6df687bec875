import keras
import numpy as np
import pytest
from keras import layers

from keras_ganloss import GAN
from keras_ganloss.losses import Hinge
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import Every
from keras_ganloss.penalties import NormClipping
from keras_ganloss.penalties import OrthogonalRegularization
from tests.helpers.networks import LATENT
from tests.helpers.networks import Subclassed
from tests.helpers.networks import conditional
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import game
from tests.helpers.networks import linear
from tests.helpers.networks import mlp
from tests.helpers.networks import raises
from tests.helpers.networks import sgd
from tests.helpers.networks import train
from tests.helpers.networks import vectors

X = data(10)


# What `compile` refuses.


@pytest.mark.parametrize(
    "match, kwargs",
    [
        ("`d_steps` must be an integer of at least 1", {"d_steps": 0}),
        ("`d_steps` must be an integer of at least 1", {"d_steps": 1.5}),
        ("`d_steps` must be an integer of at least 1", {"d_steps": True}),
        ("`g_steps` must be an integer of at least 1", {"g_steps": -1}),
        ("'hinge'.*'least_squares'.*'minimax'", {"d_loss": "hing"}),
        ("'hinge'.*'least_squares'.*'minimax'", {"g_loss": "bce"}),
        ("`AdversarialLoss`", {"d_loss": Hinge}),
        ("`AdversarialLoss`", {"d_loss": 3}),
        ("`d_loss` is missing", {"g_loss": lambda fake_output: fake_output}),
        ("`d_loss` must take", {"d_loss": lambda a: a}),
        ("other player's side", {"d_loss": Hinge().g_loss}),
        ("reduction='sum_over_batch_size'", {"d_loss": Hinge(reduction=None)}),
        ("`penalties` must be a list", {"penalties": "r1"}),
        ("`penalties` must be a list", {"penalties": R1(1.0)}),
        ("`R1(1.0)`", {"penalties": ["r1"]}),
        ("`penalties` and `g_penalties` must have a name",
         {"penalties": [R1(1.0), R1(2.0)]}),
        ("Pass `name=` to one",
         {"penalties": [OrthogonalRegularization()],
          "g_penalties": [OrthogonalRegularization()]}),
        ("Pass `name=` to one",
         {"penalties": [Every(R1(1.0), 2), R1(1.0)]}),
        ("`metrics` must be a list", {"metrics": "accuracy"}),
        ("`metrics` must be `keras.metrics.Metric`", {"metrics": ["accuracy"]}),
        ("`d_optimizer` must be a `keras.optim", {"d_optimizer": 0.1}),
        ("`g_optimizer` must be a `keras.optim", {"g_optimizer": R1(1.0)}),
        ("`d_optimizer` must be a `keras.optim",
         {"d_optimizer": keras.optimizers.SGD}),
        ("'alternating'.*'simultaneous'", {"updates": "both"}),
        ("`ema` must be", {"ema": 1.0}),
        ("`ema` must be", {"ema": -0.1}),
        ("`ema` must be", {"ema": "0.999"}),
        ("`ema` must be", {"ema": True}),
        ("keys of ['adversarial']", {"loss_weights": {"generator": 2.0}}),
        ("keys of ['adversarial']", {"loss_weights": 2.0}),
        ("`loss_weights['adversarial']` must be a finite number",
         {"loss_weights": {"adversarial": "much"}}),
    ],
)  # fmt: skip
def test_compile_refuses(match, kwargs):
    gan = GAN(*vectors())
    for character in "()[]":
        match = match.replace(character, "\\" + character)
    with raises(match):
        gan.compile(**kwargs)
    assert not gan.compiled


def test_penalties_of_one_name_are_named():
    with pytest.raises(
        ValueError, match=r"Received: penalties called \['r1'\]"
    ):
        game(penalties=[R1(1.0), R1(2.0), Every(R1(1.0, name="lazy"), 2)])


def test_a_name_tells_penalties_of_one_class_apart():
    """R1 of D(a, b) = a + b is its weight. Clippings have no names."""
    gan = game(
        (linear(LATENT, 2), linear(2)),
        penalties=[
            R1(1.0), R1(3.0, name="more"), NormClipping(9.0), NormClipping(8.0)
        ],
    )  # fmt: skip
    logs = gan.evaluate(X, verbose=0, return_dict=True)
    assert (logs["r1"], logs["more"]) == pytest.approx((1.0, 3.0))


def test_one_optimizer_for_both():
    optimizer = keras.optimizers.Adam()
    with raises("the same object", "Make two", r"Adam\(...\)` twice"):
        GAN(*vectors()).compile(optimizer, optimizer)


def test_one_name_for_both_is_two_optimizers():
    gan = GAN(*vectors())
    gan.compile("adam", "adam")
    assert gan.d_optimizer is not gan.g_optimizer
    assert type(gan.d_optimizer) is type(gan.g_optimizer)


def test_an_optimizer_of_another_game():
    """Already built on other weights: its moments would not fit."""
    first = game()
    with pytest.raises(ValueError, match="optimizer"):
        second = GAN(*vectors())
        second.compile(first.d_optimizer, sgd())
        train(second, X)


def test_network_without_weights():
    generator = keras.Sequential([keras.Input((2,)), layers.Rescaling(2.0)])
    with raises("no trainable weights"):
        GAN(generator, mlp(2, 1)).compile()


def test_frozen_network():
    generator, discriminator = vectors()
    discriminator.trainable = False
    with raises("only frozen weights", "Set `trainable = True`"):
        GAN(generator, discriminator).compile()
    assert discriminator.trainable is False


def test_shared_layers():
    shared = layers.Dense(2, name="shared")
    generator = keras.Sequential([keras.Input((2,)), shared])
    discriminator = keras.Sequential(
        [keras.Input((2,)), shared, layers.Dense(1)]
    )
    with raises("share weights", "clone_model"):
        GAN(generator, discriminator).compile()
    with raises("share weights"):
        GAN(generator, generator).compile()


@pytest.mark.parametrize(
    "end",
    [
        [layers.Dense(1, "sigmoid")],
        [layers.Dense(1), layers.Activation("sigmoid")],
        [layers.Dense(1, "sigmoid"), layers.Flatten()],
        [keras.Sequential([layers.Dense(1, "sigmoid")])],
    ],
)
def test_sigmoid_with_a_loss_of_logits(end):
    discriminator = keras.Sequential([keras.Input((2,)), *end])
    gan = GAN(mlp(LATENT, 2), discriminator)
    with pytest.warns(UserWarning, match="ends in a sigmoid.*Received: "):
        gan.compile(d_loss="hinge")


def test_no_sigmoid_with_a_loss_of_probabilities():
    gan = GAN(*vectors())
    with pytest.warns(UserWarning, match="expects probabilities.*Received: "):
        gan.compile(d_loss=keras.losses.BinaryCrossentropy())


@pytest.mark.filterwarnings("error")
def test_sigmoid_with_a_loss_of_probabilities_is_fine():
    gan = GAN(mlp(LATENT, 2), mlp(2, 1, activation="sigmoid"))
    gan.compile(d_loss=keras.losses.BinaryCrossentropy())
    assert gan.compiled


# What `GAN` refuses.


def test_names_of_networks():
    generator, discriminator = vectors()
    with raises("`generator` must be a `keras.Model`"):
        GAN("unet", discriminator)
    with raises("`discriminator` must be a `keras.Model`"):
        GAN(generator, lambda x: x)


def test_latent_shape_that_nobody_tells():
    with raises("`latent_shape` is needed", r"latent_shape=\(128,\)"):
        GAN(Subclassed(2), mlp(2, 1))


def test_condition_of_one_network_alone():
    plain, both = vectors(), conditional()
    with raises(r"must take \[sample, condition\]"):
        GAN(both[0], plain[1])
    with raises("must take samples alone"):
        GAN(plain[0], both[1])


def test_subclassed_networks_that_are_not_built():
    gan = GAN(
        Subclassed(2), Subclassed(1), latent_shape=LATENT, conditional=True
    )
    with raises("is not built"):
        gan.compile()


@pytest.mark.parametrize("shapes", [((4, 1), (4,)), ((4,), (4, 1))])
def test_functions_of_other_shapes(shapes):
    side = Hinge().d_loss
    with raises("must have the same shape"):
        side(*[np.zeros(shape, "float32") for shape in shapes])


def test_the_generator_of_a_frozen_judge_may_share_it():
    """Frozen weights are nobody's: both networks may look at them."""
    shared = layers.Dense(2, trainable=False)
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(2), shared])
    discriminator = keras.Sequential([keras.Input((2,)), shared, linear(2)])
    gan = game((generator, discriminator))
    before = shared.get_weights()
    train(gan, X)
    assert equal(shared.get_weights(), before)


@pytest.mark.parametrize("name", ["d_loss", "g_loss", "real_output"])
@pytest.mark.parametrize("argument", ["penalties", "g_penalties"])
def test_a_penalty_called_as_another_log(argument, name):
    penalty = OrthogonalRegularization(1.0, name=name)
    with raises("must not be called as") as error:
        game(**{argument: [penalty]})
    assert f"called ['{name}']" in str(error.value)
