"""Metrics that look through the same network run it once."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics import ClassifierScore
from keras_ganloss.metrics import FrechetDistance
from keras_ganloss.metrics import KernelDistance
from keras_ganloss.metrics import feature_networks
from keras_ganloss.metrics.shared_passes import compute_once
from keras_ganloss.metrics.shared_passes import shared_passes
from tests.helpers.feature_cases import REAL
from tests.helpers.feature_cases import make_gan
from tests.helpers.feature_cases import make_network
from tests.helpers.feature_cases import shown


def counted(network):
    """Returns a list that grows by one entry for each call of a network."""
    calls, call = [], network.call

    def counting(inputs, *args, **kwargs):
        calls.append(inputs)
        return call(inputs, *args, **kwargs)

    network.call = counting
    return calls


def test_a_step_runs_a_network_once_for_each_kind():
    network = make_network()
    metrics = [
        FrechetDistance(network),
        KernelDistance(network, block_size=20),
        ClassifierScore(network),
    ]
    gan = make_gan(metrics, run_eagerly=True)
    calls = counted(network)
    gan.evaluate(REAL, batch_size=17, verbose=0)
    assert len(calls) == 2 * 4  # Real and fake samples, four batches.


def test_shared_passes_measure_what_single_ones_do():
    network = make_network()
    makers = (FrechetDistance, ClassifierScore)
    gan = make_gan([make(network) for make in makers])
    together = gan.evaluate(REAL, batch_size=17, verbose=0, return_dict=True)
    for make in makers:
        gan.compile(metrics=[make(network)])
        alone = gan.evaluate(REAL, batch_size=17, verbose=0, return_dict=True)
        name = gan.user_metrics[0].name
        assert alone[name] == pytest.approx(together[name], rel=1e-6)


def test_packaged_networks_share_the_pass_of_both_outputs():
    images = np.random.default_rng(0).uniform(-1.0, 1.0, (4, 28, 28, 1))
    images = ops.convert_to_tensor(images.astype("float32"))
    features, logits = (
        feature_networks.get("fashion_and_digits", networks=networks)
        for networks in (
            feature_networks.FEATURES,
            feature_networks.CLASSIFIERS,
        )
    )
    alone = [features(images), logits(images)]
    assert alone[0].shape != alone[1].shape
    runs = []
    for network in (features, logits):
        run = network.function
        network.function = lambda x, run=run: runs.append(x) or run(x)
    with shared_passes():
        together = [features(images), logits(images)]
    assert len(runs) == 1
    for one, other in zip(alone, together):
        np.testing.assert_array_equal(*map(ops.convert_to_numpy, (one, other)))


def test_other_ranges_and_other_samples_are_not_shared():
    first, second = (ops.ones((1, 28, 28, 1)) for _ in range(2))
    networks = [
        feature_networks.get("fashion_and_digits", value_range)
        for value_range in ((-1.0, 1.0), (0.0, 1.0), (-1.0, 1.0))
    ]
    assert networks[0].key == networks[2].key != networks[1].key
    calls = []
    with shared_passes():
        for samples in (first, second, first):
            compute_once("key", calls.append, samples)
    assert len(calls) == 2
    compute_once("key", calls.append, first)  # Nobody remembers.
    assert len(calls) == 3


def test_metrics_by_hand_see_each_batch():
    metric = shown(FrechetDistance(keras.layers.Identity()))
    expected = shown(FrechetDistance("samples")).result()
    assert metric.result() == pytest.approx(expected, rel=1e-12)
