import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.penalties import R1
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import game
from tests.helpers.networks import train
from tests.helpers.networks import vectors
from tests.helpers.networks import weights

X = data(10)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision(policy, tmp_path):
    keras.config.set_dtype_policy(policy)
    try:
        gan = game(ema=0.5, penalties=[R1(1.0)])
        made = gan.generator(ops.zeros((1, 3)))
        assert keras.backend.standardize_dtype(made.dtype) == policy[6:]
        scaled = isinstance(
            gan.d_optimizer, keras.optimizers.LossScaleOptimizer
        )
        assert scaled == (policy == "mixed_float16")
        history = train(gan, X, epochs=2)
        gan.save(tmp_path / "gan.keras")
        loaded = keras.saving.load_model(tmp_path / "gan.keras")
    finally:
        keras.config.set_dtype_policy("float32")
    # The scale of the loss does not show in the steps.
    exact = game(ema=0.5, penalties=[R1(1.0)])
    expected = train(exact, X, epochs=2)
    assert history["d_loss"] == pytest.approx(expected["d_loss"], abs=0.01)
    for one, other in zip(gan.get_weights(), exact.get_weights()):
        np.testing.assert_allclose(one, other, atol=0.01)
    assert equal(weights(loaded), weights(gan))
    assert train(loaded, X) == train(gan, X)


def test_layers_of_half_precision_scale_the_loss():
    generator, _ = vectors()
    half = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(4, dtype="mixed_float16"),
            keras.layers.Dense(1),
        ]
    )
    gan = game((generator, half))
    assert isinstance(gan.d_optimizer, keras.optimizers.LossScaleOptimizer)
