"""Real features on disk: what is computed, read, and made anew."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics import feature_networks
from keras_ganloss.metrics.frechet_distance import FrechetDistance
from keras_ganloss.metrics.reference import Reference

SAMPLES = np.random.default_rng(0).normal(size=(10, 3)).astype("float32")
FAKES = SAMPLES[:5] + 1.0


def make_network(seed=0):
    keras.utils.set_random_seed(seed)
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


def features_of(network, samples):
    return ops.convert_to_numpy(network(ops.array(samples)))


def test_features_are_those_of_the_network(tmp_path):
    network = make_network()
    reference = Reference(SAMPLES, tmp_path / "new", batch_size=4)
    found = reference.features(feature_networks.get(network))
    np.testing.assert_allclose(
        found, features_of(network, SAMPLES), rtol=1e-5, atol=1e-6
    )
    assert found.dtype == "float32"
    assert len(list((tmp_path / "new").iterdir())) == 1


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return SAMPLES[index * 4 : index * 4 + 4], np.zeros(4)


@pytest.mark.parametrize(
    "data",
    [[SAMPLES[:3], SAMPLES[3:]], [(SAMPLES, np.ones(10))], Batches()],
    ids=["batches", "pairs", "dataset"],
)
def test_any_batches_are_the_same_samples(tmp_path, data):
    network = feature_networks.get("samples")
    features = Reference(SAMPLES, tmp_path).features(network)
    np.testing.assert_array_equal(features, SAMPLES)
    other = Reference(data, tmp_path)
    other._compute = None  # It must not be needed.
    np.testing.assert_array_equal(other.features(network), SAMPLES)


def test_second_run_reads_the_file(tmp_path):
    expected = Reference(SAMPLES, tmp_path).features(
        feature_networks.get(make_network())
    )
    again = Reference(SAMPLES.copy(), tmp_path)
    again._compute = None
    # As in another process, where layers have other numbers in their names.
    network = feature_networks.get(make_network())
    np.testing.assert_array_equal(again.features(network), expected)


def test_other_data_or_weights_or_range_are_another_file(tmp_path):
    Reference(SAMPLES, tmp_path).features(feature_networks.get(make_network()))
    network = make_network(seed=1)
    Reference(SAMPLES, tmp_path).features(feature_networks.get(network))
    changed = SAMPLES.copy()
    changed[9, 2] += 1e-6
    Reference(changed, tmp_path).features(feature_networks.get(network))
    assert len(list(tmp_path.iterdir())) == 3
    weights = network.get_weights()
    network.set_weights([weights[0], weights[1] + 1.0])
    Reference(SAMPLES, tmp_path).features(feature_networks.get(network))
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_damaged_files_are_made_anew(tmp_path, damage):
    network = feature_networks.get("samples")
    Reference(SAMPLES, tmp_path).features(network)
    (path,) = tmp_path.iterdir()
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 1
    path.write_bytes({"cut": content[:-30], "empty": b""}.get(damage, content))
    with pytest.warns(UserWarning, match="is damaged and is made anew"):
        found = Reference(SAMPLES, tmp_path).features(network)
    np.testing.assert_array_equal(found, SAMPLES)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    np.testing.assert_array_equal(
        Reference(SAMPLES, tmp_path).features(network), SAMPLES
    )


def test_functions_are_kept_in_memory_alone(tmp_path):
    calls = []

    def double(samples):
        calls.append(1)
        return 2.0 * samples

    reference = Reference(SAMPLES, tmp_path)
    network = feature_networks.get(double)
    first = reference.features(network)
    num_calls = len(calls)
    np.testing.assert_array_equal(reference.features(network), first)
    np.testing.assert_allclose(first, 2.0 * SAMPLES)
    assert len(calls) == num_calls
    assert not list(tmp_path.iterdir())


def test_metrics_with_a_reference_ignore_the_batches(tmp_path):
    plain = FrechetDistance("samples")
    plain.update_state(SAMPLES, np.resize(FAKES, (10, 3)))
    metric = FrechetDistance("samples", reference=Reference(SAMPLES, tmp_path))
    metric.update_state(FAKES, FAKES)
    metric.update_state(SAMPLES[:5], FAKES)
    assert metric.result() == pytest.approx(plain.result(), rel=1e-9)


def test_saved_metrics_find_their_reference(tmp_path):
    metric = FrechetDistance(
        make_network(), reference=Reference(SAMPLES, tmp_path)
    )
    metric.update_state(SAMPLES, FAKES)
    expected = metric.result()
    config = keras.saving.serialize_keras_object(metric)
    loaded = keras.saving.deserialize_keras_object(config)
    loaded.features.set_weights(metric.features.get_weights())
    loaded.update_state(SAMPLES, FAKES)
    assert loaded.result() == expected
    (path,) = tmp_path.iterdir()
    path.unlink()
    loaded.reference._known.clear()
    with pytest.raises(ValueError, match="Compile again .*Received: directory"):
        loaded.result()


def test_data_that_can_be_read_once(tmp_path):
    with pytest.raises(ValueError, match="Received: samples=<generator"):
        Reference((batch for batch in [SAMPLES]), tmp_path)
