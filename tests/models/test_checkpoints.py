"""`tf.train.Checkpoint` holds what a file of Keras's holds."""

import keras
import numpy as np
import pytest
from keras.optimizers.schedules import ExponentialDecay

from keras_ganloss import SupervisedGAN
from keras_ganloss.balances import GradientRatio
from keras_ganloss.losses import Hinge
from keras_ganloss.losses import TopK
from keras_ganloss.penalties import HistoricalAverage
from keras_ganloss.penalties import LeCam
from keras_ganloss.pools import SamplePool
from tests.helpers import limits
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import game
from tests.helpers.networks import mlp
from tests.helpers.networks import train
from tests.helpers.networks import vectors
from tests.helpers.networks import weights

pytestmark = limits.only("tensorflow", "the others have no such checkpoints")

X = data(12)


def rich():
    """A game in which everything has a memory."""
    generator, discriminator = vectors(dropout=0.2, batch_normalization=True)
    generator.layers[0].trainable = False
    return game(
        (generator, discriminator),
        d_loss=TopK(Hinge(), ExponentialDecay(1.0, 4, 0.9)),
        penalties=[LeCam(0.1, start=0), HistoricalAverage(0.1)],
        pool=SamplePool(4),
        ema=0.9,
        run_eagerly=True,
        d_steps=2,
        d_optimizer=keras.optimizers.Adam(0.05),
        g_optimizer=keras.optimizers.Adam(0.05),
    )


def supervised():
    """With a balance, which remembers the last ratio."""
    gan = SupervisedGAN(mlp(2, 2), mlp(2, 1), conditional=False, seed=0)
    gan.compile(
        loss="mae",
        loss_weights={"adversarial": GradientRatio(0.25, ema=0.5)},
        ema=0.9,
        g_optimizer=keras.optimizers.Adam(0.05),
        run_eagerly=True,
    )
    return gan


CASES = {"rich": (rich, (X,)), "supervised": (supervised, (X, X + 1.0))}


@pytest.mark.parametrize("make, arrays", CASES.values(), ids=CASES)
def test_a_fresh_game_goes_on_from_a_checkpoint(make, arrays, tmp_path):
    import tensorflow as tf

    gan, fresh = make(), make()
    train(gan, *arrays, epochs=2)
    path = tf.train.Checkpoint(model=gan).save(tmp_path / "checkpoint")
    before = weights(fresh)
    status = tf.train.Checkpoint(model=fresh).restore(path)
    status.assert_consumed()
    assert not equal(before, weights(fresh))
    assert equal(weights(fresh), weights(gan))
    inputs = data(5, gan.generator.input_shape[-1])
    np.testing.assert_array_equal(
        fresh.predict(inputs, verbose=0), gan.predict(inputs, verbose=0)
    )
    current = gan.generator.predict(inputs, verbose=0)
    assert np.abs(gan.predict(inputs, verbose=0) - current).max() > 1e-3
    histories = [train(one, *arrays, epochs=2) for one in (gan, fresh)]
    assert histories[0] == histories[1]
    assert equal(weights(fresh), weights(gan))


def test_a_game_without_averages_does_not_take_them(tmp_path):
    import tensorflow as tf

    path = tf.train.Checkpoint(model=game(ema=0.9)).save(tmp_path / "x")
    status = tf.train.Checkpoint(model=game()).restore(path)
    with pytest.raises(AssertionError):
        status.assert_consumed()
