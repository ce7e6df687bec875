"""What metrics see: networks by name, and those of the user."""

import functools

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics import FrechetDistance
from keras_ganloss.metrics import feature_networks
from tests.helpers.feature_cases import FAKE
from tests.helpers.feature_cases import make_network


def test_samples_themselves_are_flattened():
    network = feature_networks.get("samples")
    samples = np.arange(24.0).reshape(2, 3, 4)
    found = ops.convert_to_numpy(network(ops.array(samples)))
    np.testing.assert_array_equal(found, samples.reshape(2, 12))
    assert network.num_features([(None, 3, 4)]) == 12


def test_networks_of_ones_own_see_samples_as_they_are():
    network = make_network()
    found = feature_networks.get(network, value_range=(0, 255))(FAKE)
    np.testing.assert_allclose(
        ops.convert_to_numpy(found),
        ops.convert_to_numpy(network(FAKE)),
        rtol=1e-6,
    )
    assert feature_networks.get(network).num_features([(None, 3)]) == 2


def test_networks_do_not_train_while_they_measure():
    network = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
        ]
    )
    before = network.get_weights()
    found = feature_networks.get(network)(FAKE)
    np.testing.assert_allclose(
        ops.convert_to_numpy(found), FAKE / np.sqrt(1.001), rtol=1e-5
    )
    for weight, value in zip(network.get_weights(), before):
        np.testing.assert_array_equal(weight, value)


def test_samples_of_several_parts():
    samples = {"a": FAKE, "b": FAKE}
    with pytest.raises(ValueError, match="one part.*Received: samples of the"):
        FrechetDistance("samples").update_state(samples, samples)


def test_samples_of_a_shape_that_nobody_knows():
    network = feature_networks.get("samples")
    with pytest.raises(ValueError, match=r"must be known.*\(None, 4\)"):
        network.num_features([(None, None, 4)])


@pytest.mark.parametrize("identifier", ["inception", 3, None])
def test_no_network(identifier):
    with pytest.raises(ValueError, match="'fashion_and_digits', 'samples'"):
        FrechetDistance(identifier)
    with pytest.raises(ValueError, match=f"Received: {identifier!r}"):
        FrechetDistance(identifier)


def test_no_range():
    with pytest.raises(ValueError, match=r"Received: value_range=\(1, 0\)"):
        FrechetDistance("samples", value_range=(1, 0))


def test_fingerprints_tell_networks_apart():
    first, same = make_network(), make_network()
    prints = [
        feature_networks.get(network).fingerprint()
        for network in (first, same, make_network(seed=1), "samples", abs)
    ]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 4
    assert prints[4] is None


def test_functions_that_keras_cannot_save():
    double = functools.partial(ops.multiply, 2.0)
    with pytest.raises(ValueError, match="can save.*Received: functools"):
        FrechetDistance(double)
    with pytest.raises(ValueError, match="Received: <module"):
        FrechetDistance(functools)  # Has a name, and is no function.


def test_objects_that_keras_can_save():
    class Double:
        def __call__(self, samples):
            return 2.0 * samples

        def get_config(self):
            return {}

    found = ops.convert_to_numpy(feature_networks.get(Double())(FAKE))
    np.testing.assert_allclose(found, 2.0 * FAKE)
