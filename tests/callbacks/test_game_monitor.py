"""Runs that are watched: undisturbed, stopped, and rolled back."""

import importlib.util
import math

import keras
import numpy as np
import pytest

from keras_ganloss import monitors
from keras_ganloss.callbacks import GameMonitor
from keras_ganloss.models import SupervisedGAN
from keras_ganloss.monitors import NotFinite
from keras_ganloss.monitors import OverpoweredDiscriminator
from keras_ganloss.monitors import RollBack
from keras_ganloss.monitors import Stop
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import LeCam
from keras_ganloss.pools import SamplePool
from tests.helpers import dirac
from tests.helpers import networks
from tests.models import test_cycle_gan

SAMPLES = networks.data(96)
REAL, HELD_OUT = SAMPLES[:64], networks.data(64, seed=1)
BATCH = 32  # Three batches an epoch.


class Alarm(monitors.Monitor):
    """Goes off at the ends of some epochs, be they counted anew or not."""

    remedy = "Wake up."
    numbers = ("alarm",)

    def __init__(self, *epochs, patience=1):
        super().__init__(patience)
        self.epochs = epochs

    def read(self, observation):
        rings = observation.epoch in self.epochs
        return monitors.Reading({"alarm": float(rings)}, "ring" * rings or None)


def full_game(**settings):
    """A game in which everything has a state: dropout, averages, a pool."""
    return networks.game(
        networks.vectors(dropout=0.5, batch_normalization=True),
        d_loss="hinge",
        penalties=[LeCam(0.3, 0.9, 0)],
        pool=SamplePool(50),
        ema=0.5,
        d_optimizer=keras.optimizers.Adam(0.01),
        g_optimizer=keras.optimizers.Adam(0.01),
        **settings,
    )


def train(gan, *callbacks, epochs=3, **kwargs):
    return networks.train(
        gan,
        SAMPLES,
        batch_size=BATCH,
        epochs=epochs,
        callbacks=list(callbacks),
        **kwargs,
    )


@pytest.fixture(scope="module")
def shared():
    return networks.Shared(full_game())


def test_training_is_not_disturbed(shared):
    """Every bit of weights, optimizers, random states and logs is the same."""
    plain = train(shared())
    expected = networks.weights(shared.gan)
    watched = train(shared(), GameMonitor(REAL, HELD_OUT, verbose=0))
    assert networks.equal(expected, networks.weights(shared.gan))
    assert {name: watched[name] for name in plain} == plain


def test_numbers_are_in_the_history(shared):
    history = train(shared(), GameMonitor(REAL, HELD_OUT, verbose=0))
    names = {name for make in monitors.CLASSES for name in make.numbers}
    assert len(names) == 10
    for name in names:
        assert len(history[name]) == 3
        assert np.isfinite(history[name]).all()


def test_later_callbacks_get_the_numbers(shared, tmp_path):
    log = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    train(shared(), GameMonitor(REAL, monitors=[Alarm(2)], verbose=0), log)
    header, *lines = (tmp_path / "log.csv").read_text().splitlines()
    column = header.split(",").index("alarm")
    assert [line.split(",")[column] for line in lines] == ["0.0", "1.0", "0.0"]


def test_findings(shared):
    monitor = GameMonitor(monitors=[Alarm(2, 3)], verbose=0)
    train(shared(), monitor)
    expected = [monitors.Finding(2, "alarm", "ring", "Wake up.")]
    assert monitor.findings == expected
    train(shared(), monitor)  # Not those of the run before.
    assert monitor.findings == expected


def test_what_is_said(shared, capsys):
    train(shared(), GameMonitor(REAL, monitors=[Alarm(1, 2)]), epochs=2)
    assert capsys.readouterr().out == "\nEpoch 1: alarm. ring. Wake up.\n"
    train(shared(), GameMonitor(monitors=[Alarm(1)], verbose=0), epochs=1)
    assert capsys.readouterr().out == ""


def test_what_is_logged_where_nothing_is_printed(shared, capsys, caplog):
    keras.config.disable_interactive_logging()
    try:
        train(shared(), GameMonitor(monitors=[Alarm(1)]), epochs=1)
    finally:
        keras.config.enable_interactive_logging()
    assert [record.message for record in caplog.records] == [
        "Epoch 1: alarm. ring. Wake up."
    ]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "data, off, arguments",
    [
        ((), ["mode_collapse", "memorization"], "pass `held_out=` and `real=`"),
        ((REAL,), ["memorization", "equilibrium"], "pass `held_out=` for"),
        ((REAL, HELD_OUT), [], ""),
    ],
)
def test_what_is_off_is_said_once(shared, capsys, data, off, arguments):
    train(shared(), GameMonitor(*data), epochs=2)
    said = capsys.readouterr().out
    assert said.count("cannot watch") == bool(off)
    for part in (*off, arguments):
        assert part in said
    assert "not_finite" not in said


def test_without_data_the_logs_are_watched():
    gan = networks.game(g_optimizer=networks.sgd(1.0), rate=0.0)
    monitor = GameMonitor(verbose=0)
    train(gan, monitor, epochs=12)
    assert "overpowered_discriminator" in [f.name for f in monitor.findings]


def diverging():
    """Theta and psi grow a thousandfold each step, until they are infinite."""
    gan = dirac.dirac_gan()
    gan.compile(dirac.sgd(1e3), dirac.sgd(1e3), d_loss="wasserstein")
    return gan


@pytest.mark.parametrize(
    "psi, weight, share",
    [(0.01, 5e4, 2.5), (0.01, 1e3, 0.05), (0.5, 20.0, 2.5)],
)
def test_a_heavy_penalty_is_no_mode_collapse(psi, weight, share):
    """Real samples are about 0, made ones 1, and D(x) = psi x stands still."""
    gan = dirac.dirac_gan(theta=1.0, psi=psi)
    gan.compile(dirac.sgd(0.0), dirac.sgd(0.0), penalties=[R1(weight)])
    real = np.random.default_rng(0).normal(0.0, 0.01, size=(64, 1))
    monitor = GameMonitor(real, verbose=0)
    logs = gan.fit(real, epochs=6, verbose=0, callbacks=[monitor]).history
    # weight / 2 psi^2, of the logistic loss of who can hardly tell.
    loss = math.log(2.0) + math.log1p(math.exp(psi))
    expected = share / (share + loss)
    assert logs["penalty_share"] == pytest.approx([expected] * 6, rel=1e-3)
    found = [finding.name for finding in monitor.findings]
    assert ("heavy_penalty" in found) == (psi < 0.1 and share > 1.0)
    assert ("heavy_penalty" in found) != ("mode_collapse" in found)


class Count(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.batches = 0

    def on_train_batch_end(self, batch, logs=None):
        self.batches += 1


def test_infinity_stops_at_once():
    monitor, count = GameMonitor(verbose=0), Count()
    history = diverging().fit(
        np.zeros((200, 1)),
        batch_size=1,
        epochs=3,
        verbose=0,
        callbacks=[count, monitor],
    )
    assert [(f.epoch, f.name) for f in monitor.findings] == [(1, "not_finite")]
    # psi is 1, -10^3, 10^9, -10^15, 10^21 and theta 1, -10^6, 10^12, -10^18:
    # the generator's loss of the fourth step is 10^39, more than a float is.
    assert count.batches == 4
    assert history.epoch == [0]


def test_infinity_rolled_back():
    gan = diverging()
    monitor = GameMonitor(
        np.zeros((64, 1)), monitors=[NotFinite()], action=RollBack(), verbose=0
    )
    gan.fit(np.zeros((200, 1)), batch_size=1, verbose=0, callbacks=[monitor])
    assert dirac.state(gan) == (1.0, 1.0)


def test_numbers_of_what_is_not_finite():
    monitor = GameMonitor(np.zeros((64, 1)), verbose=0)
    history = diverging().fit(
        np.zeros((200, 1)), batch_size=1, verbose=0, callbacks=[monitor]
    )
    assert math.isnan(history.history["fake_diversity"][0])
    assert [f.name for f in monitor.findings] == ["not_finite"]


def test_stop(shared):
    monitor = GameMonitor(monitors=[Alarm(2)], action=Stop(), verbose=0)
    assert len(train(shared(), monitor, epochs=5)["d_loss"]) == 2


class GoodNews(Alarm):
    is_failure = False


@pytest.mark.parametrize(
    "on, epochs", [(None, 4), (["good_news"], 1), (["alarm"], 4)]
)
def test_what_is_acted_on(shared, on, epochs):
    monitor = GameMonitor(
        monitors=[GoodNews(1), Alarm(4)], action=Stop(on), verbose=0
    )
    assert len(train(shared(), monitor, epochs=5)["d_loss"]) == epochs


@pytest.mark.parametrize(
    "alarm, good", [(Alarm(3), 2), (Alarm(2, 3, patience=2), 1), (Alarm(1), 0)]
)
def test_roll_back_restores_every_bit(shared, alarm, good):
    """To the end of the last epoch without a sign of what was found later."""
    gan = shared()
    if good:
        train(gan, epochs=good)
    expected = networks.weights(gan)
    action = RollBack()
    train(
        shared(),
        GameMonitor(REAL, monitors=[alarm], action=action, verbose=0),
        epochs=5,
    )
    assert networks.equal(expected, networks.weights(gan))


class Restore(keras.callbacks.Callback):
    """Puts weights in as `fit` begins, as `Backup` does."""

    def on_train_begin(self, logs=None):
        zeros = [0.0 * w for w in self.model.generator.get_weights()]
        self.model.generator.set_weights(zeros)


def test_what_is_restored_before_the_first_epoch_is_the_start(shared):
    gan = shared()
    monitor = GameMonitor(
        REAL, monitors=[Alarm(4)], action=RollBack(), verbose=0
    )
    train(gan, monitor, Restore(), initial_epoch=3, epochs=9)
    assert not np.any(gan.generator.get_weights()[0])


def test_what_is_not_finite_is_no_good_epoch():
    """Not even where nobody watches for it."""
    gan = diverging()
    monitor = GameMonitor(
        np.zeros((64, 1)), monitors=[Alarm(3)], action=RollBack(), verbose=0
    )
    gan.fit(
        np.zeros((9, 1)), batch_size=1, epochs=5, verbose=0,
        callbacks=[monitor],
    )  # fmt: skip
    assert dirac.state(gan) == (1.0, 1.0)


def test_after_rolling_back_it_goes_on_with_lower_rates(shared, capsys):
    gan = shared()
    monitor = GameMonitor(monitors=[Alarm(2, 3, 4)], action=RollBack(2))
    history = train(gan, monitor, epochs=9)
    # Two retries with a half and a quarter of the rate, then the end.
    assert [finding.epoch for finding in monitor.findings] == [2, 3, 4]
    assert len(history["d_loss"]) == 4
    for optimizer in (gan.d_optimizer, gan.g_optimizer):
        assert float(optimizer.learning_rate) == pytest.approx(0.01 / 4.0)
    said = capsys.readouterr().out
    assert said.count("Back to the state at the end of epoch 1") == 3
    assert said.count("Learning rates times 0.5.") == 2
    assert said.count("Training stops.") == 1


def test_a_retry_trains_as_from_the_good_epoch(shared):
    """With a factor of 1 it is the run that had never failed."""
    gan = shared()
    train(gan, epochs=3)
    expected = networks.weights(gan)
    monitor = GameMonitor(
        monitors=[Alarm(3)], action=RollBack(1, factor=1.0), verbose=0
    )
    train(shared(), monitor, epochs=4)  # Two, one that is undone, one.
    assert networks.equal(expected, networks.weights(gan))


def test_retries_need_rates_that_are_numbers():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    gan = networks.game(d_optimizer=keras.optimizers.SGD(schedule))
    monitor = GameMonitor(action=RollBack(1), verbose=0)
    with networks.raises("`retries=0`"):
        train(gan, monitor)
    train(gan, GameMonitor(action=RollBack(), verbose=0), epochs=1)


def test_tensorboard(shared, tmp_path):
    loader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_file_loader"
    )
    monitor = GameMonitor(monitors=[Alarm(2)], tensorboard=tmp_path, verbose=0)
    train(shared(), monitor, epochs=2)
    (path,) = tmp_path.iterdir()
    events = loader.LegacyEventFileLoader(str(path)).Load()
    values = [
        (event.step, value) for event in events for value in event.summary.value
    ]
    assert [(step, value.tag) for step, value in values] == [
        (1, "monitor/alarm"),
        (2, "monitor/alarm"),
        (2, "found/alarm"),
    ]
    assert [value.simple_value for _, value in values[:2]] == [0.0, 1.0]
    assert values[2][1].tensor.string_val == [b"ring. Wake up."]


def test_conditional_game():
    labels = networks.labels(96)
    monitor = GameMonitor((REAL, labels[:64]), (HELD_OUT, labels[:64]))
    history = networks.train(
        networks.game(networks.labelled()), SAMPLES, labels, callbacks=[monitor]
    )
    assert np.isfinite(history["fake_coverage"]).all()


def test_supervised_game():
    gan = SupervisedGAN(
        networks.linear(2, 2), networks.mlp(2, 1), conditional=False, seed=0
    )
    gan.compile(loss="mse")
    monitor = GameMonitor((REAL, REAL), (HELD_OUT, HELD_OUT), verbose=0)
    history = networks.train(gan, SAMPLES, SAMPLES, callbacks=[monitor])
    assert np.isfinite(history["copied"]).all()


def test_before_the_discriminator_plays():
    """Three batches an epoch: it plays from the second one's second on."""
    gan = SupervisedGAN(
        networks.linear(2, 2), networks.mlp(2, 1), conditional=False, seed=0
    )
    gan.compile(loss="mse", adversarial_start=4)
    watch = [NotFinite(), OverpoweredDiscriminator(), Alarm(1, 2, 3)]
    monitor = GameMonitor((REAL, REAL), monitors=watch, verbose=0)
    history = networks.train(
        gan, SAMPLES, SAMPLES, batch_size=BATCH, epochs=3, callbacks=[monitor]
    )
    assert [finding.epoch for finding in monitor.findings] == [2]
    assert len(history["alarm"]) == len(history["d_loss"]) == 2


def test_game_of_two_domains():
    gan = test_cycle_gan.of_unequal_domains()
    x, y = networks.data(96, 2), networks.data(96, 3)
    monitor = GameMonitor((x[:64], y[:64]), verbose=0)
    history = networks.train(gan, x, y, callbacks=[monitor])
    assert np.isfinite(history["fake_motion"]).all()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"held_out": HELD_OUT}, "real=None"),
        ({"real": REAL[:63]}, r"real with shapes \[\(63, 2\)\]"),
        ({"real": (REAL, np.zeros(65))}, r".*\[\(64, 2\), \(65,\)\]"),
        ({"real": 3.0}, r"real with shapes \[\(\)\]"),
        ({"monitors": ["mode_collapse"]}, r"monitors=\['mode_collapse'\]"),
        ({"monitors": [NotFinite(), NotFinite()]}, "monitors="),
        ({"action": "stop"}, "action='stop'"),
        ({"features": 64}, "features=64"),
        ({"batch_size": 0}, "batch_size=0"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(ValueError, match=f"Received: {message}"):
        GameMonitor(**arguments)


def test_model_that_is_no_game():
    model = networks.linear(2)
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="Received: model="):
        model.fit(REAL, REAL, verbose=0, callbacks=[GameMonitor()])


def test_action_on_what_is_not_watched(shared):
    monitor = GameMonitor(
        monitors=[OverpoweredDiscriminator()], action=Stop(["equilibrium"])
    )
    with pytest.raises(ValueError, match="'overpowered_discriminator'"):
        train(shared(), monitor)


def test_missing_package(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"keras-ganloss\[examples\]"):
        GameMonitor(tensorboard="logs")
