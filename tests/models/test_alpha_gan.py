"""Three duels and an error by hand; an autoencoder of known clusters."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_ganloss.models import AlphaGAN
from keras_ganloss.penalties import R1
from keras_ganloss.pools import SamplePool
from tests.helpers import limits
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import linear
from tests.helpers.networks import mlp
from tests.helpers.networks import raises
from tests.helpers.networks import seeded
from tests.helpers.networks import sgd
from tests.helpers.networks import train
from tests.helpers.networks import weights

CENTERS = np.array([[2.0, 0.0], [-1.0, 1.7], [-1.0, -1.7]], "float32")
X = np.array([[0.5], [-2.0], [3.0], [0.1]], "float32")


def constant(value, **kwargs):
    """A network of one number that answers the same to all."""
    return keras.Sequential(
        [
            keras.Input((1,)),
            layers.Dense(
                1,
                kernel_initializer="zeros",
                bias_initializer=keras.initializers.Constant(value),
                **kwargs,
            ),
        ]
    )


def by_hand(generator=None, discriminator=None, **kwargs):
    """Fakes and reconstructions of 1.5; D is 0.5 x, and C is 0.25."""
    gan = AlphaGAN(
        generator or constant(1.5),
        linear(1, kernel=2.0),
        discriminator or linear(1, kernel=0.5),
        constant(0.25),
        seed=0,
    )
    gan.compile(d_loss="hinge", **kwargs)
    return gan.evaluate(X, verbose=0, return_dict=True)


def small(**kwargs):
    networks = mlp(3, 2, 1), mlp(2, 3, 3), mlp(2, 1, 5), mlp(3, 1, 7)
    gan = AlphaGAN(*networks, seed=0)
    gan.compile(
        **{"d_optimizer": sgd(), "g_optimizer": sgd(), "ema": 0.5, **kwargs}
    )
    return gan


def test_losses_by_hand():
    logs = by_hand(loss_weights={"reconstruction": 10.0})
    real = np.maximum(0, 1 - 0.5 * X).mean()
    duel = real + 1 + 0.75
    assert logs["d_loss"] == pytest.approx(2 * duel + 0.75 + 1.25, rel=1e-6)
    error = np.abs(X - 1.5).mean()
    assert logs["reconstruction"] == pytest.approx(error, rel=1e-6)
    assert logs["g_loss"] == pytest.approx(
        -2 * 0.75 - 0.25 + 10.0 * error, rel=1e-6
    )


def test_losses_of_layers_count_for_each_call():
    plain = by_hand()
    activity = {"activity_regularizer": keras.regularizers.L1(0.1)}
    logs = by_hand(constant(1.5, **activity), linear(1, kernel=0.5, **activity))
    # The generator is called twice; D on real, fake, reconstructed samples.
    assert logs["g_loss"] - plain["g_loss"] == pytest.approx(0.3, rel=1e-5)
    assert logs["d_loss"] - plain["d_loss"] == pytest.approx(
        0.1 * (0.5 * np.abs(X).mean() + 0.75 + 0.75), rel=1e-5
    )


def test_all_four_learn():
    gan = small(updates="simultaneous")
    networks = [*gan.d_networks, *gan.g_networks]
    before = [network.get_weights() for network in networks]
    train(gan, data(4))
    for network, old in zip(networks, before):
        for one, other in zip(network.get_weights(), old):
            # A bias before a loss that is symmetric may hardly move.
            assert not np.array_equal(one, other)


def test_samples_are_encoded_and_made_again():
    keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 1024)
    samples = CENTERS[labels] + 0.1 * random.standard_normal((1024, 2))
    samples = samples.astype("float32")

    def network(num_outputs, seed):
        return keras.Sequential(
            [
                keras.Input((2,)),
                layers.Dense(32, "relu", kernel_initializer=seeded(seed)),
                layers.Dense(num_outputs, kernel_initializer=seeded(seed + 1)),
            ]
        )

    gan = AlphaGAN(
        network(2, 1), network(2, 3), network(1, 5), network(1, 7), seed=0
    )
    gan.compile(
        d_optimizer=keras.optimizers.Adam(2e-3, beta_1=0.5),
        g_optimizer=keras.optimizers.Adam(2e-3, beta_1=0.5),
        penalties=[R1(0.1)],
        loss_weights={"reconstruction": 10.0},
    )
    gan.fit(samples, batch_size=64, epochs=20, verbose=0)
    again = gan.reconstruct(samples)
    assert np.abs(again - samples).mean() < 0.06
    distances = np.linalg.norm(again[:, None] - CENTERS[None], axis=-1)
    assert np.mean(distances.argmin(axis=1) == labels) > 0.9
    # Codes are like latents: standard normal.
    codes = gan.encode(samples)
    np.testing.assert_allclose(codes.mean(axis=0), 0.0, atol=0.3)
    np.testing.assert_allclose(codes.std(axis=0), 1.0, atol=0.25)


def test_a_pool_keeps_fakes():
    logs = train(small(pool=SamplePool(8)), data(8), epochs=2)
    assert np.isfinite(logs["d_loss"]).all()


def test_saved_in_the_middle_it_ends_the_same(tmp_path):
    whole, half = small(), small()
    history = train(whole, data(8), epochs=4)
    train(half, data(8), epochs=2)
    half.save(tmp_path / "gan.keras")
    half = keras.saving.load_model(tmp_path / "gan.keras")
    later = train(half, data(8), epochs=4, initial_epoch=2)
    assert equal(weights(half), weights(whole))
    assert later["reconstruction"] == history["reconstruction"][2:]


def test_export(tmp_path):
    gan = small()
    with limits.EXPORT.raises():
        gan.export(tmp_path / "1", verbose=False)
    limits.EXPORT.skip()
    import tensorflow as tf

    served = tf.saved_model.load(str(tmp_path / "1"))
    latent = data(3, 3)
    np.testing.assert_allclose(
        served.signatures["serving_default"](latent=tf.constant(latent))[
            "samples"
        ],
        gan.predict(latent, verbose=0),
        rtol=1e-5,
    )


def test_what_is_refused():
    with raises("`encoder` must return latents", r"\(None, 3\)"):
        AlphaGAN(mlp(3, 2), mlp(2, 4), mlp(2, 1), mlp(3, 1))
    with raises("`code_discriminator` must be a `keras.Model`"):
        AlphaGAN(mlp(3, 2), mlp(2, 3), mlp(2, 1), None)
