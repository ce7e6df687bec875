import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import GAN
from keras_ganloss.losses import AdversarialLoss
from keras_ganloss.losses import Hinge
from keras_ganloss.losses import LeastSquares
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import GradientPenalty
from keras_ganloss.penalties import WeightClipping
from tests.helpers import limits
from tests.helpers.networks import Subclassed
from tests.helpers.networks import conditional
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import game
from tests.helpers.networks import labelled
from tests.helpers.networks import labels
from tests.helpers.networks import train
from tests.helpers.networks import vectors
from tests.helpers.networks import weights

X = data(10)


@keras.saving.register_keras_serializable(package="tests")
class Margin(AdversarialLoss):
    def __init__(self, margin=1.0, **kwargs):
        super().__init__(**kwargs)
        self.margin = margin

    def d_call(self, real_output, fake_output):
        return ops.relu(self.margin - real_output + fake_output)

    def g_call(self, real_output, fake_output):
        return -fake_output

    def get_config(self):
        return {**super().get_config(), "margin": self.margin}


@keras.saving.register_keras_serializable(package="tests")
def gap(real_output, fake_output):
    return fake_output - 2.0 * real_output


@keras.saving.register_keras_serializable(package="tests")
def negated(fake_output):
    return -3.0 * fake_output


def rich():
    """A game with everything that has a state."""
    return game(
        labelled(dropout=0.5),
        d_optimizer=keras.optimizers.Adam(0.01),
        g_optimizer=keras.optimizers.RMSprop(0.01),
        penalties=[GradientPenalty(2.0), R1(0.5)],
        ema=0.5,
        d_steps=2,
    )


# Three batches an epoch: an epoch ends within a turn of the generator.
PAIRS = (X, labels())


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Four epochs in one go; and the files of a run of two."""
    folder = tmp_path_factory.mktemp("runs")
    whole = rich()
    history = train(whole, *PAIRS, epochs=4)
    half = rich()
    checkpoints = [
        keras.callbacks.ModelCheckpoint(folder / "checkpoint.keras"),
        keras.callbacks.ModelCheckpoint(
            folder / "checkpoint.weights.h5", save_weights_only=True
        ),
    ]
    train(half, *PAIRS, epochs=2, callbacks=checkpoints)
    half.save(folder / "half.keras")
    half.save_weights(folder / "half.weights.h5")
    return folder, weights(whole), history, half


def continued(gan):
    history = train(gan, *PAIRS, epochs=4, initial_epoch=2)
    return weights(gan), history


def assert_continues(gan, runs):
    _, expected, history, half = runs
    assert equal(weights(gan), weights(half))
    result, later = continued(gan)
    assert equal(result, expected)
    assert all(later[name] == history[name][2:] for name in history)


@pytest.mark.parametrize("name", ["half.keras", "checkpoint.keras"])
def test_two_and_two_epochs_are_four(name, runs):
    assert_continues(keras.saving.load_model(runs[0] / name), runs)


@pytest.mark.parametrize("name", ["half.weights.h5", "checkpoint.weights.h5"])
def test_two_and_two_epochs_are_four_from_weights(name, runs):
    gan = rich()
    gan.load_weights(runs[0] / name)
    assert_continues(gan, runs)


def test_what_comes_back(runs):
    gan = keras.saving.load_model(runs[0] / "half.keras")
    half = runs[3]
    assert int(gan.d_optimizer.iterations) == 6
    assert int(gan.g_optimizer.iterations) == 3
    assert gan.get_compile_config() == half.get_compile_config()
    assert [type(penalty).__name__ for penalty in gan.penalties] == [
        "GradientPenalty",
        "R1",
    ]
    assert gan.conditional is True
    assert (gan.d_steps, gan.ema, gan.seed) == (2, 0.5, 0)


def test_loading_without_compiling_keeps_the_average(runs):
    gan = keras.saving.load_model(runs[0] / "half.keras", compile=False)
    assert not gan.compiled
    args = (6, labels(6), 1)
    samples = runs[3].generate(*args)
    np.testing.assert_array_equal(gan.generate(*args), samples)
    latent = keras.random.normal((6, 3), seed=1)
    inputs = [latent, ops.convert_to_tensor(labels(6))]
    current = ops.convert_to_numpy(gan.generator(inputs))
    assert not np.allclose(current, samples, atol=1e-4)


def test_loading_weights_without_compiling_keeps_the_average(runs):
    gan = GAN(*labelled(dropout=0.5))
    gan.load_weights(runs[0] / "half.weights.h5")
    np.testing.assert_array_equal(
        gan.generate(6, labels(6), 1), runs[3].generate(6, labels(6), 1)
    )


def test_compiling_after_loading_keeps_the_average(runs):
    gan = keras.saving.load_model(runs[0] / "half.keras", compile=False)
    gan.compile(ema=0.5)
    np.testing.assert_array_equal(
        gan.generate(6, labels(6), 1), runs[3].generate(6, labels(6), 1)
    )


def test_saving_leaves_the_model_as_it_was(runs, tmp_path):
    before = weights(runs[3])
    runs[3].save(tmp_path / "gan.keras")
    assert equal(weights(runs[3]), before)


def test_best_only_keeps_the_best(tmp_path):
    path = tmp_path / "best.keras"
    gan = game(vectors(), 2.0, d_loss="wasserstein", run_eagerly=True)
    noted = []

    def note(epoch, logs):
        noted.append((logs["val_d_loss"], weights(gan)))

    train(
        gan,
        X,
        epochs=4,
        validation_data=X[:6],
        callbacks=[
            keras.callbacks.ModelCheckpoint(
                path, monitor="val_d_loss", mode="min", save_best_only=True
            ),
            keras.callbacks.LambdaCallback(on_epoch_end=note),
        ],
    )
    values = [value for value, _ in noted]
    best = noted[int(np.argmin(values))][1]
    assert len(set(values)) == 4
    assert equal(weights(keras.saving.load_model(path)), best)


def test_early_stopping_restores_the_best_weights():
    gan = game(vectors(), d_loss="wasserstein", run_eagerly=True)
    noted = []
    callbacks = [
        keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: noted.append(gan.get_weights())
        ),
        keras.callbacks.EarlyStopping(
            "real_output", patience=1, mode="min", restore_best_weights=True
        ),
    ]
    # D learns to answer more to what is real: the first epoch has the least.
    train(gan, X + 5.0, epochs=4, callbacks=callbacks)
    assert len(noted) == 2
    assert equal(gan.get_weights(), noted[0])


@pytest.mark.parametrize(
    "d_loss, g_loss",
    [
        ("wasserstein", "hinge"),
        (Margin(2.0), None),
        (LeastSquares(-1.0, 1.0, 0.0), None),
        (Hinge().d_loss, Margin(3.0).g_loss),
        (keras.losses.MeanAbsoluteError(), None),
        (keras.losses.BinaryCrossentropy(from_logits=True), "hinge"),
        (gap, negated),
        (Hinge(reduction="sum"), "hinge"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_losses_survive(d_loss, g_loss, tmp_path):
    gan = game(d_loss=d_loss, g_loss=g_loss)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert loaded.get_compile_config() == gan.get_compile_config()
    outputs = ops.array([[0.5], [-2.0]]), ops.array([[1.0], [3.0]])
    for side in ("d_loss", "g_loss"):
        value = float(getattr(gan, side)(*outputs))
        assert float(getattr(loaded, side)(*outputs)) == value != 0.0


def test_the_rest_of_the_settings_survives(tmp_path):
    steps = 1 if limits.STEPS_PER_EXECUTION.applies else 3
    gan = game(
        penalties=[WeightClipping(0.2), GradientPenalty(3.0, 0.5, True)],
        metrics=[keras.metrics.MeanSquaredError(name="distance")],
        loss_weights={"adversarial": 0.25},
        g_steps=2,
        updates="simultaneous",
        steps_per_execution=steps,
        jit_compile=False,
        gan_kwargs={"name": "duel"},
    )
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert loaded.get_compile_config() == gan.get_compile_config()
    assert loaded.name == "duel"
    assert loaded.g_steps == 2
    assert loaded.steps_per_execution == steps
    assert loaded.loss_weights == {"adversarial": 0.25}
    assert train(loaded, X) == train(gan, X)


def test_config_round_trip():
    gan = GAN(*conditional(), seed=3, name="duel")
    copy = GAN.from_config(gan.get_config())
    assert copy.get_config() == gan.get_config()
    assert copy.generator is not gan.generator
    assert not {id(v) for v in copy.variables} & {id(v) for v in gan.variables}


@pytest.mark.parametrize("with_condition", [False, True])
def test_subclassed_networks(with_condition, tmp_path):
    networks = [Subclassed(2, 1), Subclassed(1, 2)]
    pairs = (X, data(10, 3)) if with_condition else (X,)
    if with_condition:
        networks[0]([ops.zeros((1, 3)), ops.zeros((1, 3))])
        networks[1]([ops.zeros((1, 2)), ops.zeros((1, 3))])
    gan = game(
        networks,
        gan_kwargs={"latent_shape": 3, "conditional": with_condition},
        run_eagerly=True,
    )
    train(gan, *pairs)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert equal(weights(loaded), weights(gan))
    assert train(loaded, *pairs) == train(gan, *pairs)
