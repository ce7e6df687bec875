import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import CycleGAN
from keras_ganloss import SupervisedGAN
from tests.helpers.networks import LATENT
from tests.helpers.networks import game
from tests.helpers.networks import linear
from tests.helpers.networks import mlp
from tests.helpers.networks import sgd

X = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
MESSAGE = "No gradient of the discriminator reaches the generator"


@keras.saving.register_keras_serializable("gradient_checks")
class Broken(layers.Layer):
    """Does something that has no gradient."""

    def __init__(self, how, **kwargs):
        super().__init__(**kwargs)
        self.how = how

    def call(self, inputs):
        return {
            "round": ops.round,
            "floor": ops.floor,
            "sign": ops.sign,
            "stop": ops.stop_gradient,
            "cast": lambda x: ops.cast(ops.cast(x, "int32"), "float32"),
            "argmax": lambda x: ops.one_hot(ops.argmax(x, -1), 2),
            "greater": lambda x: ops.cast(x > 0, "float32"),
        }[self.how](inputs)


HOWS = ["round", "floor", "sign", "stop", "cast", "argmax", "greater"]
if keras.backend.backend() == "tensorflow":
    HOWS.remove("sign")  # Which TensorFlow gives a gradient, of zeros.


def with_last(network, layer):
    shape = network.input_shape[1:]
    return keras.Sequential([keras.Input(shape), network, layer])


def weights(gan):
    return [ops.convert_to_numpy(weight) for weight in gan.weights]


@pytest.mark.parametrize("how", HOWS)
def test_a_generator_that_ends_without_a_gradient(how):
    networks = with_last(mlp(LATENT, 2), Broken(how)), mlp(2, 1)
    gan = game(networks)
    before = weights(gan)
    for _ in range(2):  # Each time that it is tried.
        with pytest.raises(ValueError, match=MESSAGE):
            gan.fit(X, verbose=0)
    for one, other in zip(before, weights(gan)):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_weight_decay_is_not_the_learned_loss(run_eagerly):
    generator = with_last(
        mlp(LATENT, 2, kernel_regularizer="l2"), Broken("round")
    )
    with pytest.raises(ValueError, match=MESSAGE):
        game((generator, mlp(2, 1)), run_eagerly=run_eagerly).fit(X, verbose=0)


def test_tokens():
    generator = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(6),
            layers.Lambda(lambda x: ops.cast(ops.round(x), "int32")),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((6,), dtype="int32"),
            layers.Embedding(5, 3),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    gan = GAN(generator, discriminator)
    gan.compile()
    with pytest.raises(ValueError, match=f"{MESSAGE}.*int32"):
        gan.fit(np.ones((8, 6), "int32"), verbose=0)


def test_an_integer_input_of_the_discriminator():
    discriminator = keras.Sequential(
        [
            keras.Input((2,), dtype="uint8"),
            layers.Rescaling(1 / 127.5, -1),
            layers.Dense(1),
        ]
    )
    with pytest.raises(ValueError, match=f"{MESSAGE}.*uint8"):
        game((mlp(LATENT, 2), discriminator)).fit(
            np.ones((8, 2), "uint8"), verbose=0
        )


def supervised(loss_weights):
    """An explicit loss that trains, and a learned one that cannot."""
    discriminator = keras.Sequential(
        [keras.Input((1,)), Broken("round"), layers.Dense(1)]
    )
    gan = SupervisedGAN(linear(2), discriminator, conditional=False)
    gan.compile(
        loss="mse",
        loss_weights=loss_weights,
        d_optimizer=sgd(0.0),
        g_optimizer=sgd(0.1),
    )
    return gan


def test_an_explicit_loss_hides_nothing():
    with pytest.raises(ValueError, match=MESSAGE):
        supervised(None).fit(X, X[:, :1], verbose=0)


def test_a_learned_loss_that_has_no_weight_is_not_asked_for():
    gan = supervised({"adversarial": 0.0})
    gan.fit(X, X[:, :1], batch_size=8, verbose=0)
    # The slope of the mean of (x0 + x1 - x0)^2 by both weights.
    slopes = 2 * np.mean(X[:, 1:] * X, axis=0)
    np.testing.assert_allclose(
        gan.generator.get_weights()[0][:, 0], 1 - 0.1 * slopes, rtol=1e-5
    )


def test_one_generator_of_two():
    networks = [mlp(2, 2) for _ in range(2)] + [mlp(2, 1) for _ in range(2)]
    networks[1] = with_last(networks[1], Broken("floor"))
    gan = CycleGAN(*networks)
    gan.compile()
    with pytest.raises(ValueError, match=MESSAGE):
        gan.fit(X, X, verbose=0)


def test_a_discriminator_that_no_weight_enters():
    inputs = keras.Input((2,))
    hidden = layers.Dense(1)(inputs)
    outputs = Broken("stop")(hidden) + ops.sum(inputs, -1, keepdims=True)
    with pytest.raises(ValueError, match="No gradient reaches the disc"):
        game((mlp(LATENT, 2), keras.Model(inputs, outputs))).fit(X, verbose=0)


def test_a_loss_without_a_gradient():
    gan = game(
        d_loss="hinge", g_loss=lambda fake_output: ops.round(fake_output)
    )
    with pytest.raises(ValueError, match=MESSAGE):
        gan.fit(X, verbose=0)


@pytest.mark.parametrize("d_steps", [1, 3])
def test_a_gradient_that_happens_to_be_zero_is_none_of_this(d_steps):
    """The judge starts at zero; it moves first, and then the generator."""
    gan = game((mlp(LATENT, 2), linear(2, kernel=0.0)), d_steps=d_steps)
    before = weights(gan.generator)
    gan.fit(X, batch_size=2, verbose=0)
    assert any(
        (one != other).any()
        for one, other in zip(before, weights(gan.generator))
    )


def test_the_check_changes_nothing():
    """With dropout, batch normalization and a pool: the same run twice."""
    from tests.helpers.networks import vectors

    def run(checked):
        gan = game(vectors(0.5, True), seed=3, pool=None, ema=0.5)
        gan.gradients_are_checked = checked
        gan.fit(X, batch_size=4, epochs=2, shuffle=False, verbose=0)
        return weights(gan)

    for one, other in zip(run(False), run(True)):
        np.testing.assert_array_equal(one, other)
