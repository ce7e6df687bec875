import keras
import numpy as np
import pytest
from keras import ops

from tests.helpers import limits
from tests.helpers.networks import Shared
from tests.helpers.networks import conditional
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import game
from tests.helpers.networks import train
from tests.helpers.networks import vectors
from tests.helpers.networks import weights

X = data(18)  # Four batches of 4 and one of 2.


class Watch(keras.callbacks.Callback):
    """Notes the weights of both networks after each batch."""

    def __init__(self):
        super().__init__()
        self.generator = []
        self.discriminator = []

    def on_train_begin(self, logs=None):
        self.on_train_batch_end(-1)

    def on_train_batch_end(self, batch, logs=None):
        self.generator.append(self.model.generator.get_weights())
        self.discriminator.append(self.model.discriminator.get_weights())

    def moves(self, name):
        history = getattr(self, name)
        return [not equal(a, b) for a, b in zip(history, history[1:])]


@pytest.fixture(scope="module")
def dropout():
    """History and weights of two epochs, the oracle of the modes below."""
    gan = game(vectors(dropout=0.5), d_steps=2)
    return train(gan, X, epochs=2), weights(gan)


@pytest.mark.parametrize("steps", [2, 3])
def test_steps_per_execution_change_nothing(steps, dropout):
    with limits.STEPS_PER_EXECUTION.raises():
        gan = game(vectors(dropout=0.5), d_steps=2, steps_per_execution=steps)
        assert train(gan, X, epochs=2) == dropout[0]
        assert equal(weights(gan), dropout[1])


def test_the_same_seed_gives_the_same_history(dropout):
    gan = game(vectors(dropout=0.5), d_steps=2)
    assert train(gan, X, epochs=2) == dropout[0]
    assert equal(weights(gan), dropout[1])


def test_another_seed_gives_another_history(dropout):
    gan = game(vectors(dropout=0.5), d_steps=2, seed=1)
    assert train(gan, X, epochs=2)["d_loss"] != dropout[0]["d_loss"]


def test_eager_agrees_with_the_graph(dropout):
    gan = game(vectors(dropout=0.5), d_steps=2, run_eagerly=True)
    assert_close(train(gan, X, epochs=2), dropout[0])
    for one, other in zip(weights(gan), dropout[1]):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.fixture
def quick_torch_compile():
    """Compiles each function once, and not for every way it is called.

    `torch.compile` takes minutes otherwise.
    """
    if keras.backend.backend() != "torch":
        yield
        return
    dynamo = pytest.importorskip("torch._dynamo")
    with dynamo.config.patch(recompile_limit=1):
        yield


@pytest.mark.usefixtures("quick_torch_compile")
def test_compiled_agrees_with_the_graph():
    """Up to the random numbers, which TensorFlow draws otherwise in XLA."""
    results = []
    for jit_compile in (True, False):
        generator, discriminator = vectors(batch_normalization=True)
        deaf = keras.layers.Rescaling(0.0)
        generator = keras.Sequential([keras.Input((3,)), deaf, generator])
        gan = game(
            (generator, discriminator), d_steps=2, jit_compile=jit_compile
        )
        results.append((train(gan, X, epochs=2), weights(gan)))
    assert_close(results[0][0], results[1][0])
    for one, other in zip(results[0][1], results[1][1]):
        np.testing.assert_allclose(one, other, atol=1e-5)


def assert_close(history, expected):
    assert set(history) == set(expected)
    for name, values in history.items():
        assert values == pytest.approx(expected[name], abs=1e-5)


# Who moves when.


@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
def test_the_generator_plays_on_every_second_batch(updates):
    watch = Watch()
    gan = game(d_steps=2, updates=updates)
    train(gan, X, epochs=2, callbacks=[watch])
    assert watch.moves("discriminator") == [True] * 10
    # The turns go on over the end of the epoch, after five batches.
    assert watch.moves("generator") == [False, True] * 5
    assert int(gan.d_optimizer.iterations) == 10
    assert int(gan.g_optimizer.iterations) == 5


def test_g_loss_is_the_mean_over_the_batches_it_played_on():
    gan = game(vectors(), 0.0, d_steps=5, d_loss="least_squares")
    noted = []
    note = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: noted.append(dict(logs))
    )
    history = train(gan, X, callbacks=[note])
    # The generator plays on the fifth batch, of two samples.
    assert all("g_loss" not in logs for logs in noted[:4])
    assert history["g_loss"] == [noted[4]["g_loss"]]
    assert history["g_loss"][0] > 0.0


def test_several_steps_of_the_generator():
    watch = Watch()
    gan = game(g_steps=3)
    train(gan, X, callbacks=[watch])
    assert int(gan.d_optimizer.iterations) == 5
    assert int(gan.g_optimizer.iterations) == 15


def test_g_steps_see_fresh_latents():
    """One step of three with SGD is not three times the first step."""
    moves = []
    for g_steps in (1, 2):
        gan = game(d_loss="wasserstein", g_steps=g_steps)
        before = gan.generator.get_weights()
        train(gan, X[:4])
        moves.append(gan.generator.get_weights()[0] - before[0])
    assert not np.allclose(2 * moves[0], moves[1], rtol=0.02)


def test_simultaneous_uses_the_gradients_at_the_old_weights():
    """With a frozen rate for D alternating and simultaneous agree."""
    results = []
    for updates in ("alternating", "simultaneous"):
        gan = game(d_optimizer=keras.optimizers.SGD(0.0), updates=updates)
        train(gan, X)
        results.append(gan.generator.get_weights())
    for one, other in zip(*results):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_alternating_judges_with_the_updated_discriminator():
    """D = w x and G = v, by pencil: dv is the rate times the new w."""
    results = {}
    for updates in ("alternating", "simultaneous"):
        discriminator = keras.Sequential(
            [
                keras.Input((1,)),
                keras.layers.Dense(
                    1, use_bias=False, kernel_initializer="ones"
                ),
            ]
        )
        generator = keras.Sequential(
            [
                keras.Input((1,)),
                keras.layers.Dense(1, kernel_initializer="zeros"),
            ]
        )
        gan = game(
            (generator, discriminator),
            d_optimizer=keras.optimizers.SGD(0.5),
            g_optimizer=keras.optimizers.SGD(0.1),
            d_loss="wasserstein",
            updates=updates,
        )
        train(gan, np.full((4, 1), 2.0, "float32"))
        results[updates] = (
            discriminator.get_weights()[0].item(),
            generator.get_weights()[1].item(),
        )
    # w' = 1 + 0.5 (2 - 0); v' = 0 + 0.1 w' or 0.1 w.
    assert results["alternating"] == pytest.approx((2.0, 0.2))
    assert results["simultaneous"] == pytest.approx((2.0, 0.1))


# What must not disturb training.


def noisy_vectors():
    """A generator with a layer that draws in inference too."""

    @keras.saving.register_keras_serializable(package="tests")
    class Noise(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.seed_generator = keras.random.SeedGenerator(3)

        def call(self, inputs):
            return inputs + keras.random.normal(
                ops.shape(inputs), seed=self.seed_generator
            )

    generator, discriminator = vectors(dropout=0.5)
    return keras.Sequential([generator, Noise()]), discriminator


@pytest.fixture(scope="module", params=["dropout", "noise"])
def shared(request):
    make = {"dropout": lambda: vectors(dropout=0.5), "noise": noisy_vectors}
    return Shared(game(make[request.param](), ema=0.9, d_steps=2))


def test_validation_changes_nothing(shared):
    without = train(shared(), X, epochs=2)
    expected = weights(shared.gan)
    history = train(shared(), X, epochs=2, validation_data=X[:7])
    assert equal(weights(shared.gan), expected)
    assert all(history[name] == without[name] for name in without)
    assert {f"val_{name}" for name in without} == set(history) - set(without)


def test_validation_split_holds_out_the_last_samples(shared):
    train(shared(), X[:12], epochs=2)
    expected = weights(shared.gan)
    train(shared(), X[:16], epochs=2, validation_split=0.25)
    assert equal(weights(shared.gan), expected)


def test_evaluate_moves_no_variable(shared):
    train(shared(), X)
    before = weights(shared.gan)
    first = shared.gan.evaluate(X, verbose=0)
    assert equal(weights(shared.gan), before)
    assert shared.gan.evaluate(X, verbose=0) == first


def test_generate_moves_no_variable(shared):
    before = weights(shared())
    shared.gan.generate(3)
    shared.gan.generate(3, seed=0)
    assert equal(weights(shared.gan), before)


def test_generate_with_a_seed(shared):
    gan = shared()
    samples = gan.generate(5, seed=0)
    np.testing.assert_array_equal(gan.generate(5, seed=0), samples)
    assert not np.array_equal(gan.generate(5, seed=1), samples)


def test_samples_do_not_depend_on_the_batch():
    gan = game()
    np.testing.assert_allclose(
        gan.generate(5, seed=0, batch_size=2),
        gan.generate(5, seed=0),
        atol=1e-6,
    )


def test_generate_without_a_seed_is_fresh(shared):
    gan = shared()
    assert not np.array_equal(gan.generate(5), gan.generate(5))


def test_generate_with_a_condition_by_hand():
    gan = game(conditional())
    condition = data(4, 3)
    samples = gan.generate(4, condition, seed=0)
    latent = keras.random.normal((4, 3), seed=0)
    expected = gan.generator([latent, ops.convert_to_tensor(condition)])
    np.testing.assert_allclose(
        samples, ops.convert_to_numpy(expected), atol=1e-6
    )
    assert not np.array_equal(gan.generate(4, -condition, seed=0), samples)
