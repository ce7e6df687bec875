import keras
import numpy as np
import pytest

from keras_ganloss.callbacks import ForPlayer
from keras_ganloss.models import GAN


def make_gan(wrap=lambda optimizer: optimizer):
    generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    discriminator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    gan = GAN(generator, discriminator, seed=0)
    gan.compile(
        d_optimizer=wrap(keras.optimizers.SGD(0.5)),
        g_optimizer=wrap(keras.optimizers.SGD(0.25)),
    )
    return gan


def fit(gan, *callbacks, epochs=2):
    x = np.ones((4, 1), "float32")
    return gan.fit(x, epochs=epochs, verbose=0, callbacks=list(callbacks))


def rates(gan):
    return [
        float(optimizer.learning_rate)
        for optimizer in (gan.d_optimizer, gan.g_optimizer)
    ]


def halve(epoch, learning_rate):
    return learning_rate / 2


@pytest.mark.parametrize(
    "player, expected",
    [("discriminator", [0.125, 0.25]), ("generator", [0.5, 0.0625])],
)
def test_schedule_of_one_player(player, expected):
    gan = make_gan()
    schedule = keras.callbacks.LearningRateScheduler(halve)
    history = fit(gan, ForPlayer(player, schedule)).history
    assert rates(gan) == expected
    # The rate of each epoch, under the player's name.
    prefix = player[0]
    first = {"d": 0.25, "g": 0.125}[prefix]
    assert history[f"{prefix}_learning_rate"] == [first, first / 2]
    assert "learning_rate" not in history


def test_one_for_each():
    gan = make_gan()
    history = fit(
        gan,
        *(
            ForPlayer(player, keras.callbacks.LearningRateScheduler(halve))
            for player in ("discriminator", "generator")
        ),
    ).history
    assert rates(gan) == [0.125, 0.0625]
    assert history["d_learning_rate"] == [0.25, 0.125]
    assert history["g_learning_rate"] == [0.125, 0.0625]


def test_reduce_on_plateau():
    gan = make_gan()
    plateau = keras.callbacks.ReduceLROnPlateau(
        "d_loss", mode="min", factor=0.1, patience=1, min_delta=100.0
    )
    fit(gan, ForPlayer("generator", plateau), epochs=3)
    # The first epoch is the best one, the next two are no better.
    assert rates(gan) == pytest.approx([0.5, 0.0025])


def test_loss_scaled_optimizers():
    gan = make_gan(keras.optimizers.LossScaleOptimizer)
    schedule = keras.callbacks.LearningRateScheduler(halve)
    fit(gan, ForPlayer("generator", schedule))
    assert rates(gan) == [0.5, 0.0625]
    assert float(gan.g_optimizer.inner_optimizer.learning_rate) == 0.0625


def test_attributes_reach_the_model():
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            assert self.model.optimizer is self.model.g_optimizer
            self.model.stop_training = True

    gan = make_gan()
    history = fit(gan, ForPlayer("generator", Stop()), epochs=9)
    assert history.epoch == [0]
    assert gan.stop_training is True


def test_every_hook_is_forwarded_once():
    hooks = [
        name for name in dir(keras.callbacks.Callback) if name.startswith("on_")
    ]
    calls = []
    recorder = keras.callbacks.Callback()
    for name in hooks:
        setattr(
            recorder,
            name,
            lambda *args, name=name: calls.append((name, *args)),
        )
    wrapped = ForPlayer("generator", recorder)
    wrapped.set_params({"epochs": 3})
    assert recorder.params == {"epochs": 3}
    for name in hooks:
        calls.clear()
        args = () if name.endswith(("train_begin", "train_end")) else (7,)
        if name.endswith(
            ("test_begin", "test_end", "predict_begin", "predict_end")
        ):
            args = ()
        getattr(wrapped, name)(*args, logs={"a": 1.0})
        assert calls == [(name, *args, {"a": 1.0})]


def test_errors():
    callback = keras.callbacks.LearningRateScheduler(halve)
    with pytest.raises(ValueError, match="player='critic'"):
        ForPlayer("critic", callback)
    with pytest.raises(ValueError, match="of type function"):
        ForPlayer("generator", halve)


def test_model_with_one_optimizer():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    callback = ForPlayer(
        "generator", keras.callbacks.LearningRateScheduler(halve)
    )
    with pytest.raises(ValueError, match="`g_optimizer`"):
        model.fit(
            np.ones((2, 1)), np.ones((2, 1)), verbose=0, callbacks=[callback]
        )
