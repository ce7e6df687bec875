import csv

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import GAN
from keras_ganloss.optimizers import PlayersOptimizer

SGD = keras.optimizers.SGD


def game(d_optimizer=None, g_optimizer=None, **kwargs):
    generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    discriminator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    gan = GAN(generator, discriminator, seed=0)
    # Eagerly: this is about optimizers, and graphs take long to make.
    gan.compile(
        d_optimizer or SGD(0.5),
        g_optimizer or SGD(0.5),
        run_eagerly=True,
        **kwargs,
    )
    return gan


def fit(gan, *callbacks, epochs=3):
    x = np.ones((4, 1), "float32")
    history = gan.fit(x, epochs=epochs, verbose=0, callbacks=list(callbacks))
    return history.history


def rates(gan):
    return [
        float(ops.convert_to_numpy(optimizer.learning_rate))
        for optimizer in (gan.d_optimizer, gan.g_optimizer)
    ]


def halve(epoch, learning_rate):
    return learning_rate / 2


def test_schedule_acts_on_both():
    gan = game()
    history = fit(gan, keras.callbacks.LearningRateScheduler(halve))
    assert rates(gan) == [0.0625, 0.0625]
    assert history["learning_rate"] == [0.25, 0.125, 0.0625]


@pytest.mark.parametrize("wrap", [SGD, keras.optimizers.Adam])
def test_plateau_acts_on_both(wrap):
    gan = game(wrap(0.5), wrap(0.5))
    plateau = keras.callbacks.ReduceLROnPlateau(
        "d_loss", mode="min", factor=0.1, patience=1, min_delta=100.0
    )
    history = fit(gan, plateau)
    # The first epoch is the best one, the next two are no better.
    assert rates(gan) == pytest.approx([0.005, 0.005])
    assert history["learning_rate"] == pytest.approx([0.5, 0.5, 0.05])


def test_a_rate_of_zero_stops_both_players():
    gan = game()
    networks = (gan.generator, gan.discriminator)
    start = [w for network in networks for w in network.get_weights()]
    fit(gan, keras.callbacks.LearningRateScheduler(lambda epoch: 0.0))
    ends = [w for network in networks for w in network.get_weights()]
    for weight, expected in zip(ends, start):
        np.testing.assert_array_equal(weight, expected)


def test_rates_that_differ_keep_their_ratio():
    """Twice the generator's rate it is, whatever the callback sets."""
    gan = game(SGD(0.5), SGD(0.25))
    seen = fit(gan, keras.callbacks.LearningRateScheduler(halve))
    assert seen["learning_rate"] == [0.125, 0.0625, 0.03125]
    assert rates(gan) == [0.0625, 0.03125]
    plateau = keras.callbacks.ReduceLROnPlateau(
        "d_loss", mode="min", factor=0.5, patience=1, min_delta=100.0
    )
    fit(gan, plateau)
    assert rates(gan) == [0.015625, 0.0078125]


def test_a_ratio_outlives_a_rate_of_zero():
    gan = game(SGD(0.5), SGD(0.25))
    fit(gan, keras.callbacks.LearningRateScheduler(lambda epoch: epoch / 4))
    assert rates(gan) == [1.0, 0.5]


@pytest.mark.parametrize("scheduled", ["d_optimizer", "g_optimizer"])
def test_one_optimizer_with_a_schedule_of_its_own(scheduled):
    """The rate halves at every step, that of the other stays."""
    schedule = keras.optimizers.schedules.ExponentialDecay(0.5, 1, 0.5)
    gan = game(**{scheduled: SGD(schedule)})
    fit(gan)
    expected = {"d_optimizer": [0.0625, 0.5], "g_optimizer": [0.5, 0.0625]}
    assert rates(gan) == expected[scheduled]


@pytest.mark.parametrize("scheduled", ["d_optimizer", "g_optimizer"])
def test_a_rate_cannot_be_set_over_a_schedule(scheduled):
    """Neither rate is changed, and the message is about the schedule."""
    schedule = keras.optimizers.schedules.ExponentialDecay(0.5, 1, 1.0)
    gan = game(**{scheduled: SGD(schedule)})
    with pytest.raises((TypeError, ValueError), match="(?i)schedule"):
        gan.optimizer.learning_rate = 0.1
    assert rates(gan) == [0.5, 0.5]


def test_loss_scaled_optimizers():
    scaled = keras.optimizers.LossScaleOptimizer
    gan = game(scaled(SGD(0.5)), scaled(SGD(0.5)))
    fit(gan, keras.callbacks.LearningRateScheduler(halve))
    assert rates(gan) == [0.0625, 0.0625]
    inner = gan.g_optimizer.inner_optimizer
    assert float(ops.convert_to_numpy(inner.learning_rate)) == 0.0625


def test_files_of_callbacks(tmp_path):
    gan = game(metrics=[])
    history = fit(
        gan,
        keras.callbacks.CSVLogger(tmp_path / "log.csv"),
        keras.callbacks.TensorBoard(tmp_path / "board", histogram_freq=1),
    )
    with open(tmp_path / "log.csv") as file:
        rows = list(csv.DictReader(file))
    for name, values in history.items():
        assert [float(row[name]) for row in rows] == pytest.approx(values)
    assert scalars(tmp_path / "board" / "train")["epoch_d_loss"] == (
        pytest.approx(history["d_loss"])
    )
    board = scalars(tmp_path / "board" / "train")
    assert board["epoch_learning_rate"] == [0.5] * 3


def scalars(folder):
    accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator"
    ).EventAccumulator(str(folder))
    accumulator.Reload()
    import tensorflow as tf

    return {
        tag: [
            float(tf.make_ndarray(event.tensor_proto))
            for event in accumulator.Tensors(tag)
        ]
        for tag in accumulator.Tags()["tensors"]
        if tag.startswith("epoch_")
    }


def test_variables_are_those_of_both():
    gan = game(keras.optimizers.Adam(0.1), SGD(0.1, momentum=0.9))
    variables = {id(variable) for variable in gan.optimizer.variables}
    both = gan.d_optimizer.variables + gan.g_optimizer.variables
    assert variables == {id(variable) for variable in both}
    # Adam: iterations, rate, two moments; SGD: iterations, rate, momentum.
    assert len(gan.optimizer.variables) == 2 + 2 * 2 + 2 + 2


def test_iterations_are_those_of_the_discriminator():
    gan = game(d_steps=3)
    fit(gan, epochs=4)
    assert int(gan.optimizer.iterations) == 4
    assert int(gan.g_optimizer.iterations) == 1


def test_averages_of_optimizers_are_written_at_the_end():
    """`use_ema` of Keras: after `fit` the weights are the averages.

    The first average is the weights themselves, after the second step it is
    half of each; the run itself goes on as without.
    """
    averaged = game(
        SGD(0.5, use_ema=True, ema_momentum=0.5),
        SGD(0.5, use_ema=True, ema_momentum=0.5),
    )
    plain = game()
    plain.set_weights(averaged.get_weights())
    fit(averaged, epochs=2)
    noted = []
    for _ in range(2):
        fit(plain, epochs=1)
        noted.append(networks(plain))
    for weight, one, two in zip(networks(averaged), *noted):
        assert not np.allclose(one, two)
        np.testing.assert_allclose(weight, 0.5 * (one + two), atol=1e-6)


def networks(gan):
    return gan.discriminator.get_weights() + gan.generator.get_weights()


def test_it_cannot_be_used_like_one_optimizer():
    with pytest.raises(NotImplementedError, match="gan|model.d_optimizer"):
        PlayersOptimizer(SGD(), SGD()).apply([], [])


def test_config_holds_both():
    config = PlayersOptimizer(
        SGD(0.5), keras.optimizers.Adam(0.25)
    ).get_config()
    for name, rate in (("d_optimizer", 0.5), ("g_optimizer", 0.25)):
        optimizer = keras.optimizers.deserialize(config[name])
        assert float(ops.convert_to_numpy(optimizer.learning_rate)) == rate
