"""Two replicas on two logical CPUs, each test against one device.

`test_mirrored_strategy.py` runs this file in a process of its own: devices
are made before TensorFlow starts, and so before the other imports.
"""
# ruff: noqa: E402

import keras
import numpy as np
import pytest
import tensorflow as tf

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)

from games import adam
from games import data
from games import game
from games import largest_difference
from games import networks
from games import scope
from games import seeded
from games import sgd
from games import train

from keras_ganloss import GAN
from keras_ganloss import SupervisedGAN
from keras_ganloss.balances import GradientRatio
from keras_ganloss.balances import GradientShares
from keras_ganloss.balances import Projected
from keras_ganloss.losses import Hinge
from keras_ganloss.losses import LeastSquares
from keras_ganloss.metrics import FrechetDistance
from keras_ganloss.metrics import GradientNorms
from keras_ganloss.metrics import KernelDistance
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import Distance
from keras_ganloss.penalties import Every
from keras_ganloss.penalties import FeatureMatching
from keras_ganloss.penalties import GradientPenalty
from keras_ganloss.penalties import HistoricalAverage
from keras_ganloss.penalties import LeCam
from keras_ganloss.penalties import NormClipping
from keras_ganloss.penalties import PathLength
from keras_ganloss.penalties import Penalty
from keras_ganloss.penalties import WeightClipping
from keras_ganloss.updates import Alternating

STRATEGY = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


class Scale(keras.layers.Layer):
    """Its inputs times a weight of one."""

    def build(self, input_shape):
        self.scale = self.add_weight(shape=(), initializer="ones")

    def call(self, inputs):
        return self.scale * inputs


def echo():
    """A generator whose samples are its latents, and a line."""
    generator = keras.Sequential([keras.Input((3,)), Scale()])
    line = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    return generator, line


class Near(Penalty):
    """Something for a generator to learn without a discriminator."""

    def __init__(self):
        super().__init__(0.1)

    def __call__(self, turn, duel):
        return self.weighted(keras.ops.mean(duel.fake**2), turn.step)


def number(variable):
    return float(keras.ops.convert_to_numpy(variable))


def on_each(variable):
    """The copies of a variable, one a replica."""
    copies = STRATEGY.experimental_local_results(variable.value)
    return [copy.numpy() for copy in copies]


def assert_equal(optimizer=sgd, tolerance=1e-6, num=76, **kwargs):
    """Two replicas end where one device ends, and log the same."""
    one, two = [
        game(strategy, optimizer, **kwargs) for strategy in (None, STRATEGY)
    ]
    logs = [train(gan, num) for gan in (one, two)]
    assert largest_difference(one, two) <= tolerance
    assert logs[0].keys() == logs[1].keys()
    for name in logs[0]:
        assert logs[1][name] == pytest.approx(logs[0][name], abs=1e-5)
    return one, two


@pytest.mark.parametrize(
    ("optimizer", "num"),
    [
        (sgd, 76),  # The last batch has 4 samples, not 8.
        (adam, 73),  # It has 1: a replica gets none.
    ],
)
def test_weights_and_logs_equal_one_device(optimizer, num):
    gans = assert_equal(optimizer, num=num, metrics=lambda: [GradientNorms()])
    for gan in gans:
        logs = gan.evaluate(*data(8), verbose=0, return_dict=True)
        assert "d_gradient_norm" not in logs


def test_a_first_batch_of_odd_size():
    one, two = game(), game(STRATEGY)
    for gan in (one, two):
        train(gan, num=21, batch_size=7)
    assert largest_difference(one, two) <= 1e-6


def test_d_steps_g_steps_ema_and_steps_per_execution():
    one, two = assert_equal(
        d_steps=3, g_steps=2, ema=0.9, steps_per_execution=4
    )
    assert number(two.d_optimizer.iterations) == 10
    # The generator played three times two; `values` holds the averages.
    assert number(two.g_optimizer.iterations) == 6


@pytest.mark.parametrize(
    "settings",
    [
        # Nothing asks the discriminator then, so neither waits for the other.
        {"adversarial_start": 100, "d_start": 3},
        {"adversarial_start": 4, "d_steps": 2},
        {"updates": Alternating(d_probability=0.5)},
    ],
)
def test_who_plays(settings):
    norms = lambda: [GradientNorms()]  # noqa: E731
    assert_equal(g_penalties=[Near()], metrics=norms, **settings)


@pytest.mark.parametrize("kind", [GradientRatio, Projected])
def test_balances_of_gradients_of_the_global_batch(kind):
    """A replica's own gradients have other norms and angles."""
    games = []
    for strategy in (None, STRATEGY):
        with scope(strategy):
            balance = kind(0.5)
        options = {"adversarial": balance}
        games.append(game(strategy, g_penalties=[Near()], loss_weights=options))
    logs = [train(gan) for gan in games]
    assert largest_difference(*games) <= 1e-6
    for name, values in logs[0].items():
        assert logs[1][name] == pytest.approx(values, abs=1e-5)


def test_gradient_penalty_at_equal_points(monkeypatch):
    monkeypatch.setattr(
        keras.random,
        "uniform",
        lambda shape, dtype, seed: tf.fill(shape, tf.cast(0.3, dtype)),
    )
    assert_equal(
        d_loss="wasserstein", penalties=[GradientPenalty()], tolerance=1e-6
    )


def test_simultaneous_updates_and_weight_clipping():
    _, two = assert_equal(
        d_loss="wasserstein",
        penalties=[WeightClipping(0.05)],
        updates="simultaneous",
    )
    largest = [np.abs(w).max() for w in two.discriminator.get_weights()]
    assert max(largest) == np.float32(0.05)


def test_clipped_and_scaled_is_the_joint_gradient():
    # Half a gradient may pass a threshold that the whole does not.
    def clipped():
        return keras.optimizers.LossScaleOptimizer(sgd(global_clipnorm=0.2))

    assert_equal(clipped)


@pytest.mark.parametrize("reduction", ["sum", "mean_with_sample_weight"])
def test_reductions(reduction):
    def weighted(strategy):
        gan = game(strategy, d_loss=LeastSquares(reduction=reduction))
        for optimizer in (gan.d_optimizer, gan.g_optimizer):
            optimizer.learning_rate = 0.01
        logs = gan.fit(
            *data(77),
            sample_weight=np.linspace(0.1, 2.0, 77),
            batch_size=8,
            shuffle=False,
            verbose=0,
        ).history
        return gan, logs

    (one, one_logs), (two, two_logs) = weighted(None), weighted(STRATEGY)
    assert largest_difference(one, two) <= 1e-6
    assert two_logs["d_loss"] == pytest.approx(one_logs["d_loss"], rel=1e-5)


@keras.saving.register_keras_serializable(package="tests")
class NumSamples(keras.metrics.Metric):
    """How many samples were seen."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.num = self.add_variable((), "zeros", name="num")

    def update_state(self, real, fake):
        del fake
        self.num.assign_add(keras.ops.cast(tf.shape(real)[0], "float32"))

    def result(self):
        return keras.ops.convert_to_tensor(self.num)


def test_evaluate_is_the_joint_mean_of_each_sample_once():
    results = []
    for strategy in (None, STRATEGY):
        gan = game(strategy, metrics=lambda: [NumSamples(name="num_samples")])
        results.append(
            gan.evaluate(*data(17), batch_size=8, verbose=0, return_dict=True)
        )
    assert results[1] == pytest.approx(results[0], abs=1e-6)
    assert results[1]["num_samples"] == 17.0


def test_replicas_draw_different_noise():
    gan = game(STRATEGY, pair=echo)
    draws = []
    for _ in range(2):
        real = np.zeros((4, 3), "float32")
        fake = STRATEGY.run(
            lambda x: gan.turn("generator").draw(x).fake, args=(real,)
        )
        draws += [x.numpy() for x in STRATEGY.experimental_local_results(fake)]
    # Four draws of four latents of three numbers: none comes twice.
    assert len(np.unique(np.concatenate(draws))) == 48
    # The streams stay in step: what is saved is the state of all.
    states = on_each(gan.seed_generator.state)
    np.testing.assert_array_equal(states[0], states[1])


def test_moving_statistics_are_the_mean_over_replicas():
    gan = game(STRATEGY, pair=lambda: networks(batch_normalization=True))
    train(gan, num=8)
    layer = next(
        layer
        for layer in gan.generator.layers
        if isinstance(layer, keras.layers.BatchNormalization)
    )
    before = game(None, pair=lambda: networks(batch_normalization=True))
    index = before.generator.layers.index(
        next(
            layer
            for layer in before.generator.layers
            if isinstance(layer, keras.layers.BatchNormalization)
        )
    )
    inner = keras.Model(
        before.generator.inputs, before.generator.layers[index].input
    )
    _, condition = data(8)
    hidden = inner.predict([np.zeros((8, 3)), condition], verbose=0)
    # From 0 with momentum 0.5, half of the mean of the first batch.
    for copy in on_each(layer.moving_mean):
        np.testing.assert_allclose(copy, 0.5 * hidden.mean(axis=0), atol=1e-6)


def test_a_game_moves_between_strategies(tmp_path):
    path = str(tmp_path / "gan.keras")
    straight, first = game(None, adam, ema=0.9), game(STRATEGY, adam, ema=0.9)
    train(first)
    first.save(path)
    second = keras.models.load_model(path)
    assert largest_difference(first, second) == 0.0
    for gan in (straight, straight, second):
        train(gan)
    assert largest_difference(straight, second) <= 1e-6
    second.save(path)
    with STRATEGY.scope():
        third = keras.models.load_model(path)
    assert largest_difference(second, third) == 0.0
    for variable in [*third.variables, *third.optimizer.variables]:
        copies = on_each(variable)
        np.testing.assert_array_equal(copies[0], copies[1])


def test_generate_is_that_of_one_device():
    one, two = game(ema=0.9), game(STRATEGY, ema=0.9)
    _, condition = data(7)
    samples = [
        gan.generate(7, condition=condition, seed=3, batch_size=4)
        for gan in (one, two)
    ]
    np.testing.assert_allclose(samples[0], samples[1], atol=1e-6)


def test_train_on_batch_gives_every_replica_the_batch():
    one, two = game(), game(STRATEGY)
    logs = [
        gan.train_on_batch(*data(6), return_dict=True) for gan in (one, two)
    ]
    assert largest_difference(one, two) <= 1e-6
    assert logs[1] == pytest.approx(logs[0], abs=1e-6)


def test_run_eagerly():
    one, two = game(), game(STRATEGY, run_eagerly=True, d_steps=1)
    for gan in (one, two):
        train(gan, num=4)
    assert largest_difference(one, two) <= 1e-6


def test_loss_scaling_skips_a_step_that_overflows_on_one_replica():
    def scaled():
        return keras.optimizers.LossScaleOptimizer(sgd(), initial_scale=2.0)

    gan = game(STRATEGY, scaled, echo, d_loss=LeastSquares(), penalties=())
    before = gan.discriminator.get_weights()
    real = np.ones((4, 3), "float32")
    real[3] = 1e30  # Of the second replica; its square overflows.
    gan.fit(real, batch_size=4, shuffle=False, verbose=0)
    np.testing.assert_equal(gan.discriminator.get_weights(), before)
    assert number(gan.d_optimizer.dynamic_scale) == 1.0
    assert number(gan.g_optimizer.dynamic_scale) == 2.0


def test_backup_and_restore(tmp_path):
    def backup():
        return keras.callbacks.BackupAndRestore(
            tmp_path, delete_checkpoint=False
        )

    straight = game(STRATEGY, adam)
    train(straight, epochs=1, callbacks=[backup()])
    resumed = game(STRATEGY, adam)
    history = train(resumed, epochs=2, callbacks=[backup()])
    assert len(history["d_loss"]) == 1
    train(straight, initial_epoch=1, epochs=2)
    assert largest_difference(straight, resumed) == 0.0


def test_xla_is_refused():
    with pytest.raises(ValueError, match="(?s)jit_compile='auto'.*Received: "):
        game(STRATEGY, jit_compile=True)


def test_gradient_accumulation_is_refused():
    with pytest.raises(ValueError, match="(?s)larger batches.*Received: g_opt"):
        with STRATEGY.scope():
            gan = GAN(*networks())
            gan.compile(sgd(), sgd(gradient_accumulation_steps=2))


def test_asynchronous_strategies_are_refused():
    strategy = tf.distribute.experimental.CentralStorageStrategy(["CPU:0"])
    with pytest.raises(ValueError, match="(?s)MirroredStrategy.*Received: "):
        game(strategy)


def test_what_was_made_outside_of_the_scope_is_refused():
    with STRATEGY.scope():
        gan = GAN(*networks())
    with pytest.raises(ValueError, match="(?s)strategy.scope.*Received: "):
        gan.compile(sgd(), sgd())
    outside = game()
    with STRATEGY.scope():
        with pytest.raises(ValueError, match="(?s)strategy.scope.*Received: "):
            outside.fit(*data(8), verbose=0)


def test_one_replica_changes_nothing():
    strategy = tf.distribute.OneDeviceStrategy("CPU:0")
    one, two = game(d_loss=Hinge()), game(strategy, d_loss=Hinge())
    for gan in (one, two):
        train(gan)
    assert largest_difference(one, two) == 0.0


@pytest.mark.parametrize(
    "make",
    [
        lambda: [LeCam(1.0, decay=0.5, start=3)],
        lambda: [HistoricalAverage(1.0), NormClipping(1.0)],
        lambda: [Every(R1(1.0), steps=3)],
        lambda: [Every(LeCam(1.0, start=0), steps=2)],
    ],
    ids=["le_cam", "historical_average", "every", "every_le_cam"],
)
def test_penalties_with_a_memory(make):
    one = game(penalties=make())
    with STRATEGY.scope():
        two = game(STRATEGY, penalties=make())
    logs = [train(gan) for gan in (one, two)]
    assert largest_difference(one, two) <= 1e-6
    for name in logs[0]:
        assert logs[1][name] == pytest.approx(logs[0][name], abs=1e-5)


def test_the_mean_path_length_is_that_of_all_replicas():
    with STRATEGY.scope():
        gan = GAN(*echo(), seed=0)
        gan.compile(
            sgd(),
            keras.optimizers.SGD(0.0),
            g_penalties=[Every(PathLength(0.0), 2)],
        )
    gan.fit(np.zeros((32, 3), "float32"), batch_size=8, verbose=0)
    # Lengths of G(z) = z are norms of normal noise, 1.6 on average; the mean
    # was moved at two of four steps.
    means = on_each(gan.g_penalties[0].penalty.mean)
    assert means[0] == means[1]
    assert means[0] == pytest.approx(1.6 * (1 - 0.99**2), rel=0.5)


@pytest.mark.parametrize("offset", [0.0, 1e6])
@pytest.mark.parametrize("num", [76, 65])  # A last batch for one replica.
def test_metrics_that_add_up_measure_all_samples(offset, num):
    logs = []
    samples, conditions = data(num)
    # The first replica's samples are unlike the second's.
    samples = samples + offset + np.arange(num)[:, None] % 8
    for strategy in (None, STRATEGY):
        gan = game(strategy, metrics=lambda: [FrechetDistance("samples")])
        gan.evaluate(samples.astype("float32"), conditions, 8, verbose=0)
        logs.append(gan.user_metrics[0].real.result())
    for one, two in zip(*logs):
        # The replicas' sums are added up in float32.
        np.testing.assert_allclose(one, two, rtol=1e-6)


def test_metrics_that_keep_samples_are_refused_in_compile():
    with pytest.raises(ValueError, match="one buffer.*Received: 2 replicas"):
        game(STRATEGY, metrics=lambda: [KernelDistance("samples")])


# No gradient reaches the generator.


class Rounded(keras.layers.Layer):
    def call(self, inputs):
        return keras.ops.round(inputs)


@pytest.mark.parametrize(
    ("norm", "run_eagerly"), [(True, False), (False, True)]
)
def test_a_generator_that_nothing_reaches(norm, run_eagerly):
    """With a penalty on weights, so that there is some gradient."""
    norms = [keras.layers.BatchNormalization(synchronized=True)] if norm else []
    with STRATEGY.scope():
        generator = keras.Sequential(
            [
                keras.Input((3,)),
                keras.layers.Dense(3, kernel_regularizer="l2"),
                *norms,
                Rounded(),
            ]
        )
        line = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        gan = GAN(generator, line)
        gan.compile(sgd(), sgd(), run_eagerly=run_eagerly)
    before = gan.get_weights()
    for _ in range(2):
        with pytest.raises(ValueError, match="No gradient of the discrimin"):
            gan.fit(np.ones((8, 3), "float32"), batch_size=4, verbose=0)
    with pytest.raises(ValueError, match="No gradient of the discrimin"):
        gan.train_on_batch(np.ones((4, 3), "float32"))
    for one, other in zip(before, gan.get_weights()):
        np.testing.assert_array_equal(one, other)


# A supervised model.


def supervised(strategy, **kwargs):
    """Two outputs, of which the discriminator sees one; no chance in it.

    Functions among the arguments make what belongs into the scope.
    """
    with scope(strategy):
        inputs = keras.Input((2,))
        x = keras.layers.Dense(
            4, "tanh", kernel_initializer=seeded(1), kernel_regularizer="l2"
        )(inputs)
        out = keras.layers.Dense(
            2, kernel_initializer=seeded(2), activity_regularizer="l1", name="o"
        )(x)
        other = keras.layers.Dense(1, kernel_initializer=seeded(3), name="p")(x)
        answer, condition = keras.Input((2,)), keras.Input((2,))
        x = keras.layers.Concatenate()([answer, condition])
        x = keras.layers.Dense(
            4, "tanh", kernel_initializer=seeded(4), name="hidden"
        )(x)
        x = keras.layers.Dense(1, kernel_initializer=seeded(5))(x)
        gan = SupervisedGAN(
            keras.Model(inputs, [out, other]),
            keras.Model([answer, condition], x),
            seed=0,
            judged="o",
        )
        settings = {
            "loss": {"o": "mae", "p": "mse"},
            "loss_weights": {"o": 2.0, "p": 0.5, "adversarial": 0.1},
            "metrics": {"o": ["mae"], "p": ["mse"]},
            "weighted_metrics": {"o": ["mse"], "p": []},
            **{k: x() if callable(x) else x for k, x in kwargs.items()},
        }
        gan.compile(sgd(), sgd(), **settings)
    return gan


@pytest.mark.parametrize(
    ("num", "weighted", "kwargs"),
    [
        (16, True, {"ema": 0.5, "d_steps": 2}),
        # One replica gets nothing at last.
        (17, True, {"penalties": lambda: [R1(1.0)]}),
        (17, False, {}),
        (16, True, {"g_penalties": lambda: [
            Distance("mae", 2.0, name="pixel", output="o"),
            FeatureMatching("all", relative=True, distance="mae"),
        ]}),
        (16, True, {
            "penalties": lambda: [R1(1.0, at=["hidden"])],
            "loss_weights": lambda: GradientShares(
                {"adversarial": 1.0, "supervised": 2.0}
            ),
        }),
        (16, False, {"loss_weights": lambda: {
            "adversarial": GradientRatio(0.5, at="samples")
        }}),
    ],
)  # fmt: skip
def test_a_supervised_model_equals_one_device(num, weighted, kwargs):
    x, y = data(num)
    targets = [y, y[:, :1] + 1.0]
    weights = [np.linspace(0.0, 2.0, num), np.linspace(3.0, 1.0, num)]
    gans, logs = [], []
    for strategy in (None, STRATEGY):
        gan = supervised(strategy, **kwargs)
        arguments = {
            "batch_size": 8,
            "verbose": 0,
            "sample_weight": weights if weighted else None,
        }
        history = gan.fit(x, targets, shuffle=False, **arguments).history
        found = gan.evaluate(x, targets, return_dict=True, **arguments)
        first = {name: values[0] for name, values in history.items()}
        logs.append({**first, **{f"val_{k}": v for k, v in found.items()}})
        gans.append(gan)
    assert largest_difference(*gans) <= 2e-6
    for name, value in logs[0].items():
        if num % 8 and name.endswith(("o_loss", "p_loss")):
            continue  # Keras counts batches in them, not samples.
        assert logs[1][name] == pytest.approx(value, rel=1e-5, abs=1e-6), name
