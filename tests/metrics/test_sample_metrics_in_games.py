"""Metrics of samples where they are used: in games that are evaluated."""

import zipfile

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics import ClassifierScore
from keras_ganloss.metrics import FrechetDistance
from keras_ganloss.metrics import KernelDistance
from keras_ganloss.metrics import Reference
from tests.helpers import limits
from tests.helpers.feature_cases import FAKE
from tests.helpers.feature_cases import REAL
from tests.helpers.feature_cases import make_gan
from tests.helpers.feature_cases import make_network
from tests.helpers.feature_cases import shown


class Spy(keras.metrics.Mean):
    """Keeps the fakes of a game that runs eagerly."""

    fakes = ()

    def update_state(self, real, fake):
        self.fakes = (*self.fakes, ops.convert_to_numpy(fake))


def fakes_of(gan, batch_size):
    """Returns the samples that `evaluate` makes."""
    spy = Spy()
    gan.compile(metrics=[spy], run_eagerly=True)
    gan.evaluate(REAL, batch_size=batch_size, verbose=0)
    return np.concatenate(spy.fakes)


def logs_of(gan, batch_size=17):
    return gan.evaluate(
        REAL, batch_size=batch_size, verbose=0, return_dict=True
    )


def make_metrics():
    return [
        FrechetDistance("samples"),
        KernelDistance(make_network(), block_size=20),
        ClassifierScore(make_network(num=4)),
    ]


def results_of(metrics, fakes):
    """Returns what metrics say of fakes that they are shown by hand."""
    results = {}
    for metric in metrics:
        result = shown(metric, REAL, fakes).result()
        if not isinstance(result, dict):
            result = {metric.name: result}
        results.update(result)
    return results


def check_logs(gan, expected, batch_size=17):
    logs = logs_of(gan, batch_size)
    for name, value in expected.items():
        assert logs[name] == pytest.approx(value, rel=1e-4)


def test_evaluate_says_what_the_metrics_say_of_its_samples():
    gan = make_gan(make_metrics())
    metrics = gan.user_metrics
    expected = results_of(make_metrics(), fakes_of(gan, 17))
    gan.compile(metrics=metrics)
    check_logs(gan, expected)
    check_logs(gan, expected)  # The first one has left nothing behind.


def test_several_steps_in_one_execution():
    with limits.STEPS_PER_EXECUTION.raises():
        gan = make_gan(make_metrics(), steps_per_execution=3)
        metrics = gan.user_metrics
        expected = results_of(make_metrics(), fakes_of(gan, 15))
        gan.compile(metrics=metrics, steps_per_execution=3)
        check_logs(gan, expected, batch_size=15)


@pytest.mark.filterwarnings("ignore:The range of the data")
def test_fit_measures_on_validation_data_alone():
    gan = make_gan([FrechetDistance("samples")])
    history = gan.fit(
        REAL, validation_data=REAL, epochs=2, batch_size=20, verbose=0
    ).history
    assert len(history["val_frechet_distance"]) == 2
    assert "frechet_distance" not in history
    last = logs_of(gan, batch_size=20)["frechet_distance"]
    assert last > 0.0


def test_whole_numbers_are_compared_as_numbers():
    pixels = np.random.default_rng(0).integers(0, 256, size=(60, 3))
    metrics = [FrechetDistance("samples"), FrechetDistance("samples")]
    shown(metrics[0], pixels.astype("uint8"), FAKE)
    shown(metrics[1], pixels.astype("float32"), FAKE)
    assert metrics[0].result() == metrics[1].result()


def test_half_precision_is_of_no_concern():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        metric = shown(FrechetDistance("samples"))
        gan = make_gan([FrechetDistance("samples")])
        metrics = gan.user_metrics
        fakes = fakes_of(gan, 17)
        gan.compile(metrics=metrics)
        logs = logs_of(gan)
    finally:
        keras.config.set_dtype_policy(before)
    expected = shown(FrechetDistance("samples")).result()
    assert metric.result() == pytest.approx(expected, rel=1e-12)
    # What rounding of fakes to 11 bits can do, which XLA leaves out.
    expected = shown(FrechetDistance("samples"), REAL, fakes).result()
    assert logs["frechet_distance"] == pytest.approx(expected, rel=0.01)


def test_saved_games_measure_the_same(tmp_path):
    reference = Reference(REAL, tmp_path / "features")
    metrics = [
        FrechetDistance(make_network(), value_range=(0, 1), name="fid"),
        KernelDistance(
            "samples", reference=reference, block_size=20, num_samples=50
        ),
        ClassifierScore(make_network(num=4, seed=1)),
    ]
    gan = make_gan(metrics)
    expected = logs_of(gan)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    for metric, other in zip(metrics, loaded.user_metrics):
        assert type(metric) is type(other)
        config, other_config = metric.get_config(), other.get_config()
        for name in ("features", "classifier"):  # Compared by what it does.
            config.pop(name, None), other_config.pop(name, None)
        assert config == other_config
    found = logs_of(loaded)
    assert set(found) == set(expected)
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-5), name


def test_packaged_weights_are_not_saved_with_a_game(tmp_path):
    metrics = [
        FrechetDistance("fashion_and_digits"),
        ClassifierScore("fashion_and_digits"),
    ]
    for name, chosen in (("with", metrics), ("without", [])):
        make_gan(chosen, shape=(28, 28, 1)).save(tmp_path / f"{name}.keras")
    sizes = [
        zipfile.ZipFile(tmp_path / f"{name}.keras")
        .getinfo("model.weights.h5")
        .file_size
        for name in ("with", "without")
    ]
    assert sizes[0] < sizes[1] + 20_000  # Of a megabyte.


def test_weights_of_samples_are_refused():
    with pytest.raises(ValueError, match="count alike.*Received: sample_w"):
        FrechetDistance("samples").update_state(REAL, FAKE, np.ones(60))
