"""Metrics of samples in `evaluate` against their functions, and saved."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss.metrics import ClassCoverage
from keras_ganloss.metrics import Memorization
from keras_ganloss.metrics import ModeCoverage
from keras_ganloss.metrics import PrecisionRecallDensityCoverage
from keras_ganloss.metrics import Reference
from keras_ganloss.metrics import SampleBuffer
from keras_ganloss.metrics import SampleMetric
from keras_ganloss.metrics import SimilarityWithin
from keras_ganloss.metrics import SlicedWassersteinDistance
from keras_ganloss.metrics import class_coverage
from keras_ganloss.metrics import memorization
from keras_ganloss.metrics import mode_coverage
from keras_ganloss.metrics import multi_scale_similarity
from keras_ganloss.metrics import precision_recall_density_coverage
from keras_ganloss.metrics.sliced_wasserstein_distance import (
    distance_of_projections,
)
from keras_ganloss.metrics.sliced_wasserstein_distance import random_directions

RANDOM = np.random.default_rng(0)
POINTS = RANDOM.normal(size=(45, 2)).astype("float32")
CENTERS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]]


class Witness(SampleMetric):
    """Keeps what it is shown, to measure it otherwise."""

    def make_state(self, sample_shapes):
        self.real = SampleBuffer(100, (2,))
        self.fake = SampleBuffer(100, (2,))

    def collect(self, real, fake):
        self.real.update_state(real)
        self.fake.update_state(fake)

    def result(self):
        return 0.0


@keras.saving.register_keras_serializable()
def outer_classes(points):
    """Logits of two parts, positive and negative, with two classes each."""
    return ops.stack([points, -points], axis=2)


CASES = {
    "class_coverage": (
        lambda directory: ClassCoverage(outer_classes, num_classes=2),
        lambda real, fake: class_coverage((fake < 0).astype(int), 2),
    ),
    "memorization": (
        lambda directory: Memorization(
            "samples", training=Reference(POINTS + 0.1, directory), quantile=0.5
        ),
        lambda real, fake: memorization(fake, real, POINTS + 0.1, 0.5),
    ),
    "mode_coverage": (
        lambda directory: ModeCoverage(CENTERS, 0.2),
        lambda real, fake: mode_coverage(fake, CENTERS, 0.2),
    ),
    "precision_recall_density_coverage": (
        lambda directory: PrecisionRecallDensityCoverage("samples", k=3),
        lambda real, fake: precision_recall_density_coverage(real, fake, k=3),
    ),
    "sliced_wasserstein_distance": (
        lambda directory: SlicedWassersteinDistance(
            "samples", num_directions=7
        ),
        lambda real, fake: {
            "sliced_wasserstein_distance": distance_of_projections(
                *(each @ random_directions(2, 7, 0) for each in (real, fake))
            )
        },
    ),
}


def make_gan(metrics):
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    discriminator = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    gan = GAN(generator, discriminator, seed=0)
    gan.compile(metrics=metrics)
    return gan


@pytest.mark.parametrize("name", CASES)
def test_evaluation_says_what_the_function_says(name, tmp_path):
    keras.utils.set_random_seed(0)
    make, function = CASES[name]
    witness = Witness()
    gan = make_gan([witness, make(tmp_path)])
    for _ in range(2):  # The second one starts anew.
        # The last batch is smaller than the others.
        logs = gan.evaluate(POINTS, batch_size=8, return_dict=True, verbose=0)
    np.testing.assert_array_equal(witness.real.result(), POINTS)
    expected = function(POINTS, witness.fake.result())
    assert expected == pytest.approx({key: logs[key] for key in expected})


@pytest.mark.parametrize("name", CASES)
def test_saved_with_the_game(name, tmp_path):
    gan = make_gan([CASES[name][0](tmp_path)])
    gan.evaluate(POINTS[:8], verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    configs = [each.user_metrics[0].get_config() for each in (gan, loaded)]
    assert configs[0] == configs[1]
    found = [
        each.evaluate(POINTS, return_dict=True, verbose=0)
        for each in (gan, loaded)
    ]
    assert found[0] == pytest.approx(found[1])


def test_in_fit_measured_on_validation_data_alone(tmp_path):
    metrics = [make(tmp_path) for make, _ in CASES.values()]
    history = make_gan(metrics).fit(
        POINTS, validation_data=POINTS, epochs=2, verbose=0
    )
    names = [n for n in history.history if n.startswith("val_")]
    for _, function in CASES.values():
        for name in function(POINTS, POINTS):
            assert f"val_{name}" in names and name not in history.history


def test_two_of_a_kind_have_keys_of_their_own():
    metrics = [
        PrecisionRecallDensityCoverage("samples", k=k, name=f"nearest_{k}")
        for k in (1, 9)
    ]
    logs = make_gan(metrics).evaluate(POINTS, return_dict=True, verbose=0)
    assert 0.0 < logs["nearest_1_recall"] <= logs["nearest_9_recall"]
    assert "recall" not in logs


def test_a_game_that_explodes_goes_on(tmp_path):
    gan = make_gan([make(tmp_path) for make, _ in CASES.values()])
    weights = gan.generator.get_weights()
    gan.generator.set_weights([np.nan * weight for weight in weights])
    logs = gan.evaluate(POINTS, return_dict=True, verbose=0)
    assert np.isnan(logs["precision"]) and np.isnan(logs["recall"])
    assert np.isnan(logs["copied_share"])
    assert np.isnan(logs["sliced_wasserstein_distance"])
    assert logs["high_quality"] == 0.0


def test_variety_of_images():
    keras.utils.set_random_seed(0)
    shape = (12, 12, 1)
    generator = keras.Sequential(
        [keras.Input((3,)), layers.Dense(144, "tanh"), layers.Reshape(shape)]
    )
    discriminator = keras.Sequential(
        [keras.Input(shape), layers.Flatten(), layers.Dense(1)]
    )
    gan = GAN(generator, discriminator, seed=0)
    gan.compile(metrics=[SimilarityWithin()])
    images = np.tanh(RANDOM.normal(size=(10, *shape)))
    images[1::2] = images[::2]  # Pairs that are equal.
    logs = gan.evaluate(images, batch_size=4, return_dict=True, verbose=0)
    similarity = multi_scale_similarity(images[1:], images[:-1])
    expected = ops.convert_to_numpy(similarity).mean()
    assert expected > 0.5  # 5 of 9 neighbors.
    assert logs["real_similarity"] == pytest.approx(expected, rel=1e-4)
    assert 0.0 < logs["fake_similarity"] < 1.0


def test_a_classifier_is_saved_with_its_weights(tmp_path):
    classifier = keras.Sequential([keras.Input((2,)), layers.Dense(5)])
    gan = make_gan([ClassCoverage(classifier, num_classes=5)])
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    found = loaded.user_metrics[0].classifier.get_weights()
    for weight, expected in zip(found, classifier.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)
    assert not gan.user_metrics[0].variables[1:]  # Counts alone.
