"""What is different on JAX: state that stands between, and is given away."""

import warnings

import keras
import numpy as np
import pytest
from keras import layers

from keras_ganloss import GAN
from keras_ganloss.penalties import R1
from tests.helpers import limits

pytestmark = limits.only("jax", "state that stands between")

DATA = np.random.default_rng(0).normal(size=(18, 2)).astype("float32")


def game(optimizer=None, **kwargs):
    def network(num_inputs, num_outputs, seed):
        initializer = keras.initializers.GlorotUniform(seed=seed)
        return keras.Sequential(
            [
                keras.Input((num_inputs,)),
                layers.Dense(4, "tanh", kernel_initializer=initializer),
                layers.Dropout(0.5, seed=seed),
                layers.Dense(num_outputs, kernel_initializer=initializer),
            ]
        )

    optimizer = optimizer or (lambda: keras.optimizers.SGD(0.1))
    gan = GAN(network(3, 2, 1), network(2, 1, 2), seed=0)
    gan.compile(optimizer(), optimizer(), **kwargs)
    return gan


def train(gan, **kwargs):
    """Four batches of four and one of two, twice."""
    return gan.fit(
        DATA, batch_size=4, epochs=2, shuffle=False, verbose=0, **kwargs
    ).history


def test_run_eagerly_agrees_with_the_compiled_step():
    results = []
    for run_eagerly in (False, True):
        gan = game(d_steps=2, penalties=[R1(1.0)], run_eagerly=run_eagerly)
        history = gan.fit(
            DATA[:10], batch_size=4, shuffle=False, verbose=0
        ).history
        results.append((history, gan.get_weights()))
    (history, weights), (eager_history, eager_weights) = results
    for name in history:
        np.testing.assert_allclose(
            eager_history[name], history[name], atol=1e-5
        )
    for one, other in zip(weights, eager_weights):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_run_eagerly_finds_what_is_not_finite():
    gan = game(run_eagerly=True)
    data = DATA.copy()
    data[5] = np.nan
    batches = [(data[:4],), (data[4:8],)]
    with pytest.raises(ValueError, match="NaN or infinity"):
        gan.fit((batch for batch in batches), verbose=0)


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_an_error_in_the_first_step_leaves_the_weights(run_eagerly):
    gan = game(run_eagerly=run_eagerly)
    before = gan.get_weights()
    wrong = ((np.ones((4, 5), "float32"),) for _ in range(1))
    with pytest.raises(ValueError, match="must have the same shape"):
        gan.fit(wrong, verbose=0)
    for value, expected in zip(gan.get_weights(), before):
        np.testing.assert_array_equal(value, expected)
    train(gan)
    assert int(gan.d_optimizer.iterations) == 10


def use_ema():
    return keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)


@pytest.mark.parametrize(
    "kwargs", [{"ema": 0.0}, {"ema": 0.9}, {"optimizer": use_ema}]
)
def test_two_fits_with_averages(kwargs):
    """No buffer is given away twice, and no warning of one that was not."""
    gan = game(**kwargs)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*donated.*")
        train(gan)
        gan.generate(3)
        train(gan)
    assert int(gan.d_optimizer.iterations) == 20
    assert all(np.isfinite(weight).all() for weight in gan.get_weights())


class Notes(keras.callbacks.Callback):
    """Reads and writes weights in the middle of an epoch."""

    def on_train_begin(self, logs=None):
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        kernel = self.model.discriminator.trainable_variables[0]
        self.seen.append(keras.ops.convert_to_numpy(kernel))
        if batch == 2:
            kernel.assign(np.full(kernel.shape, 7.0))


def test_callbacks_reach_the_networks_through_the_model():
    notes = Notes()
    gan = game(lambda: keras.optimizers.SGD(1e-3))
    train(gan, callbacks=[notes])
    assert len(notes.seen) == 10
    moves = [
        np.abs(one - other).max()
        for one, other in zip(notes.seen, notes.seen[1:])
    ]
    assert min(moves) > 0.0
    np.testing.assert_allclose(notes.seen[3], 7.0, atol=0.1)
