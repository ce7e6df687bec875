"""What a critic says of the Wasserstein distance."""

import keras
import numpy as np
import pytest

from keras_ganloss.metrics import CriticDistance
from keras_ganloss.metrics import critic_distance
from tests.helpers.feature_cases import make_gan

RANDOM = np.random.default_rng(0)


def test_slope_that_is_none():
    with pytest.raises(ValueError, match="Received: lipschitz_constant=0"):
        critic_distance([1.0], [0.0], lipschitz_constant=0)


def test_metric_is_the_difference_of_the_mean_outputs(tmp_path):
    samples = RANDOM.normal(size=(30, 3)).astype("float32")
    metric = CriticDistance(lipschitz_constant=2.0)
    gan = make_gan([metric], d_loss="wasserstein")
    for game in (gan, saved_and_loaded(gan, tmp_path / "gan.keras")):
        logs = game.evaluate(samples, batch_size=8, verbose=0, return_dict=True)
        outputs = game.discriminator.predict(samples, verbose=0)
        assert logs["real_output"] == pytest.approx(outputs.mean(), abs=1e-6)
        difference = logs["real_output"] - logs["fake_output"]
        assert logs["critic_distance"] == pytest.approx(difference / 2.0)
    with pytest.raises(ValueError, match="Received: lipschitz_constant=0"):
        CriticDistance(0)


def saved_and_loaded(gan, path):
    gan.save(path)
    return keras.saving.load_model(path)
