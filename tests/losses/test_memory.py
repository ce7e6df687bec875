"""Losses that remember, in `fit`: how they are updated, kept and saved."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import losses
from tests.helpers import networks


def energies(num_inputs=2):
    """A discriminator of one energy a sample: its mean square."""
    inputs = keras.Input((num_inputs,))
    scaled = keras.layers.Dense(
        num_inputs, kernel_initializer=networks.seeded(5)
    )(inputs)
    energy = keras.layers.Lambda(
        lambda x: ops.mean(ops.square(x), axis=-1, keepdims=True),
        output_shape=(1,),
    )(scaled)
    return keras.Model(inputs, energy)


def make(loss, rate=0.0, **kwargs):
    """A game whose fakes are all ones; at rate zero no weight moves."""
    generator = keras.Sequential(
        [
            keras.Input((networks.LATENT,)),
            keras.layers.Dense(
                2, kernel_initializer="zeros", bias_initializer="ones"
            ),
        ]
    )
    return networks.game((generator, energies()), rate, d_loss=loss, **kwargs)


def expected_balance(gan, samples, batch_size, epochs=1):
    """What the balance comes to if the weights stay as they are."""
    loss, balance = gan.d_loss.loss, 0.0
    for _ in range(epochs):
        for first in range(0, len(samples), batch_size):
            batch = samples[first : first + batch_size]
            real, fake = (
                float(ops.mean(gan.discriminator(x)))
                for x in (batch, np.ones_like(batch))
            )
            balance += loss.rate * (loss.diversity * real - fake)
            balance = min(max(balance, 0.0), 1.0)
    return balance


def modes():
    """How `fit` may run, by backend."""
    name = keras.backend.backend()
    yield {"run_eagerly": True}
    yield {}
    if name != "torch":  # It compiles neither by default.
        yield {"jit_compile": True}
        yield {"steps_per_execution": 4}


@pytest.mark.parametrize("mode", modes(), ids=str)
def test_balance_in_fit(mode):
    gan = make(losses.BEGAN(diversity=0.9, rate=0.005), **mode)
    samples = 2.0 * networks.data(22)
    expected = expected_balance(gan, samples, 4, epochs=2)
    assert 0.0 < expected < 1.0
    networks.train(gan, samples, epochs=2)
    balance = float(gan.d_loss.loss.balance)
    assert balance == pytest.approx(expected, rel=1e-5)
    gan.evaluate(samples, verbose=0)
    assert float(gan.d_loss.loss.balance) == balance


def test_balance_counts_every_update_of_the_discriminator():
    gan = make(losses.BEGAN(diversity=0.9, rate=0.005), d_steps=3)
    samples = 2.0 * networks.data(20)
    expected = expected_balance(gan, samples, 4)
    networks.train(gan, samples)
    assert float(gan.d_loss.loss.balance) == pytest.approx(expected, rel=1e-5)


def test_memory_outlives_saving(tmp_path):
    loss = losses.TopK(
        losses.LabelFlipping(losses.Logistic(), rate=0.3, seed=4),
        keras.optimizers.schedules.PolynomialDecay(1.0, 20, 0.5),
    )
    gans = [networks.game(d_loss=loss, g_loss=losses.TopK(losses.BEGAN()))]
    data = networks.data(24)
    networks.train(gans[0], data)
    path = str(tmp_path / "gan.keras")
    gans[0].save(path)
    gans.append(keras.saving.load_model(path))
    for gan in gans:
        assert int(gan.d_loss.loss.num_duels) == 6
        assert int(gan.g_loss.loss.num_duels) == 6
        history = networks.train(gan, data)
        assert np.isfinite(history["d_loss"]).all()
    # The same draws, shares and balances from there on.
    assert networks.equal(*map(networks.weights, gans))
    assert int(gans[1].d_loss.loss.num_duels) == 12
    for get in (
        lambda gan: gan.d_loss.loss.base.seed_generator.state,
        lambda gan: gan.g_loss.loss.base.balance,
    ):
        states = [ops.convert_to_numpy(get(gan)) for gan in gans]
        np.testing.assert_array_equal(*states)


def test_both_sides_of_one_loss_share_a_memory_until_they_are_loaded(tmp_path):
    gan = make(losses.BEGAN(rate=0.05))
    assert gan.d_loss.loss is gan.g_loss.loss
    networks.train(gan, 2.0 * networks.data(8))
    path = str(tmp_path / "gan.keras")
    gan.save(path)
    again = keras.saving.load_model(path, safe_mode=False)
    for side in (again.d_loss, again.g_loss):
        assert float(side.loss.balance) == float(gan.d_loss.loss.balance)


@pytest.mark.parametrize(
    "name", sorted(set(losses.CLASSES) - {"multi_class_hinge"})
)
def test_every_loss_trains_both_players(name):
    """The first step goes down the gradient of `d_loss` and `g_loss`."""
    gan = networks.game(d_loss=name, rate=1e-3)
    before = networks.weights(gan)
    first = gan.generator.get_weights(), gan.discriminator.get_weights()
    history = networks.train(gan, networks.data(8), epochs=2)
    assert all(np.isfinite(values).all() for values in history.values())
    for network, start in zip((gan.generator, gan.discriminator), first):
        assert not networks.equal(network.get_weights(), start)
    assert len(networks.weights(gan)) == len(before)
