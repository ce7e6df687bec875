import keras
import numpy as np
import pytest
from keras import ops

from tests.helpers import dirac
from tests.helpers.networks import game
from tests.helpers.networks import sgd

SAMPLES = np.random.default_rng(0).normal(size=(24, 2)).astype("float32")


def broken_game(**options):
    """A game whose losses are not finite from the second batch on."""
    return game(d_optimizer=sgd(1e38), **options)


@pytest.mark.parametrize("options", [{}, {"d_steps": 2}])
def test_terminate_on_nan_stops_where_a_loss_is_broken(options):
    noted = []
    note = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: noted.append(
            all(map(np.isfinite, logs.values()))
        )
    )
    history = broken_game(**options).fit(
        SAMPLES,
        batch_size=4,
        epochs=6,
        verbose=0,
        callbacks=[note, keras.callbacks.TerminateOnNaN()],
    )
    assert len(history.epoch) == 1
    # All batches were fine but the last one.
    assert noted == [True] * (len(noted) - 1) + [False]
    assert "loss" not in history.history


def test_terminate_on_nan_raises_if_asked_to():
    callback = keras.callbacks.TerminateOnNaN(raise_error=True)
    with pytest.raises(RuntimeError, match="NaN or Inf loss"):
        broken_game().fit(
            SAMPLES, batch_size=4, verbose=0, callbacks=[callback]
        )


def test_terminate_on_nan_lets_a_sound_game_play():
    history = game().fit(
        SAMPLES, epochs=3, verbose=0,
        callbacks=keras.callbacks.TerminateOnNaN(),
    )  # fmt: skip
    assert len(history.epoch) == 3


def test_the_generators_loss_counts_too():
    batches = []
    note = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: batches.append(logs["d_loss"])
    )
    game(
        d_loss="hinge", g_loss=lambda fake_output: fake_output * float("nan")
    ).fit(
        SAMPLES,
        batch_size=4,
        verbose=0,
        callbacks=[note, keras.callbacks.TerminateOnNaN()],
    )
    assert len(batches) == 1 and np.isfinite(batches[0])


def averaging(rate, momentum=0.5):
    return keras.optimizers.SGD(rate, use_ema=True, ema_momentum=momentum)


def validated(gan, callbacks):
    """Validation logs after two steps, and the numbers then."""
    zeros = np.zeros((2, 1), "float32")
    history = gan.fit(
        zeros,
        batch_size=1,
        verbose=0,
        validation_data=zeros,
        callbacks=callbacks,
    )
    return history.history, dirac.state(gan)


@pytest.mark.parametrize("swap_on_epoch", [False, True])
def test_swap_ema_weights_of_both_players_by_hand(swap_on_epoch):
    """psi: 2, 1.9, 1.705; theta: 1, 1.95, 2.8025; the start is not averaged."""
    gan = dirac.dirac_gan(theta=1.0, psi=2.0)
    gan.compile(averaging(0.1), averaging(0.5), d_loss="wasserstein")
    callback = keras.callbacks.SwapEMAWeights(swap_on_epoch)
    history, after = validated(gan, [callback])
    psi, theta = 0.5 * (1.9 + 1.705), 0.5 * (1.95 + 2.8025)
    assert history["val_fake_output"][0] == pytest.approx(psi * theta)
    # Keras ends a `fit` with the averages in the weights.
    assert after == pytest.approx((theta, psi))


def test_swap_ema_weights_of_the_generator_alone():
    gan = dirac.dirac_gan(theta=1.0, psi=2.0)
    gan.compile(dirac.sgd(0.1), averaging(0.5), d_loss="wasserstein")
    history, after = validated(gan, [keras.callbacks.SwapEMAWeights()])
    assert history["val_fake_output"][0] == pytest.approx(1.705 * 2.37625)
    assert after == pytest.approx((2.37625, 1.705))


def test_swap_ema_weights_with_loss_scaling():
    gan = dirac.dirac_gan(theta=1.0, psi=2.0)
    scaled = keras.optimizers.LossScaleOptimizer(averaging(0.5))
    gan.compile(dirac.sgd(0.1), scaled, d_loss="wasserstein")
    history, _ = validated(gan, [keras.callbacks.SwapEMAWeights()])
    assert history["val_fake_output"][0] == pytest.approx(1.705 * 2.37625)


@pytest.mark.parametrize("ema", [None, 0.9])
def test_swap_ema_weights_without_such_an_optimizer(ema):
    gan = game(ema=ema)
    before = [ops.convert_to_numpy(w) for w in gan.weights]
    with pytest.raises(ValueError, match=r"`compile\(ema=0.999\)`"):
        gan.fit(
            SAMPLES, verbose=0, callbacks=[keras.callbacks.SwapEMAWeights()]
        )
    for one, other in zip(before, gan.weights):
        np.testing.assert_array_equal(one, ops.convert_to_numpy(other))


def test_a_list_of_callbacks_made_by_the_user():
    gan = game(d_steps=7)
    noted = []
    callbacks = keras.callbacks.CallbackList(
        [
            keras.callbacks.LambdaCallback(
                on_epoch_end=lambda epoch, logs: noted.append(set(logs))
            )
        ],
        add_history=True,
        model=gan,
    )
    with pytest.warns(UserWarning, match="an epoch has fewer"):
        gan.fit(SAMPLES, verbose=0, callbacks=callbacks)
    assert "d_loss" in noted[0] and "g_loss" not in noted[0]
