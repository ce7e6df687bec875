"""The perceptual distance, against its formula and against LPIPS itself."""

import copy
import importlib.util
import sys
import types

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import SupervisedGAN
from keras_ganloss import backend
from keras_ganloss.distances import Perceptual
from keras_ganloss.distances import lpips as lpips_module
from keras_ganloss.distances import lpips_heads
from keras_ganloss.distances import lpips_vgg16
from keras_ganloss.distances.lpips import STAGES
from keras_ganloss.distances.perceptual import perceptual_distance
from keras_ganloss.metrics import PerceptualDistance
from keras_ganloss.pretrained import efficientnet_lite0
from keras_ganloss.utils.features import features
from tests.helpers.distance_cases import conv_network
from tests.helpers.distance_cases import discriminator
from tests.helpers.distance_cases import pair_of

SHAPE = (8, 8, 3)


def needs(package, what):
    missing = importlib.util.find_spec(package) is None
    return pytest.mark.skipif(missing, reason=f"{what} is not installed.")


needs_weights = needs(efficientnet_lite0.PACKAGE, "The package of the weights")
needs_lpips = needs("lpips", "The package `lpips`")
needs_torch = needs("torch", "torch, which `lpips` is written in,")


def formula(maps, others, weights):
    """LPIPS of two images, by NumPy in float64."""
    total = 0.0
    for one, other, weight in zip(maps, others, weights):
        one, other = (
            x / (np.linalg.norm(x, axis=-1, keepdims=True) + 1e-10)
            for x in (np.float64(one), np.float64(other))
        )
        total += np.mean(np.sum(weight * (one - other) ** 2, axis=-1))
    return total


def test_by_its_formula():
    network = conv_network()
    weights = [0.5, [1.0, 0.0, 2.0, 0.1, 3.0]]
    loss = Perceptual(network, weights, reduction=None)
    true, predicted = pair_of(SHAPE)
    found = ops.convert_to_numpy(loss(true, predicted))
    for i in range(3):
        maps, others = (
            [ops.convert_to_numpy(x) for x in network(y[i : i + 1])]
            for y in (true, predicted)
        )
        expected = formula(maps, others, weights)
        assert found[i] == pytest.approx(expected, rel=1e-5)


def test_directions_by_hand():
    east = ops.array([[[3.0, 0.0], [0.0, 5.0]]])
    north = ops.array([[[0.0, 2.0], [4.0, 0.0]]])
    # At right angles, 2 a layer; opposite, 4; of the same direction, 0.
    for other, expected in ((north, 2.0), (-7.0 * east, 4.0), (9 * east, 0.0)):
        found = perceptual_distance([east, east], [other, other], [1.0, 0.5])
        assert float(found[0]) == pytest.approx(1.5 * expected, abs=1e-6)
    # Of unit vectors (1, 0) and (0, 1), the second channel alone.
    found = perceptual_distance([east], [north], [[0.0, 3.0]])
    assert float(found[0]) == pytest.approx(3.0)
    # One direction at all places, in any rank.
    for shape in ((1, 2), (1, 3, 2), (1, 2, 3, 4, 2)):
        ones = ops.ones(shape)
        signs = ops.broadcast_to(ops.array([1.0, -1.0]), shape)
        found = perceptual_distance([ones], [signs], [1.0])
        assert tuple(found.shape) == (1,)
        assert float(found[0]) == pytest.approx(2.0)


@pytest.mark.parametrize(
    "distance, formula_of",
    [
        ("mae", np.abs),
        ("mse", np.square),
        (keras.losses.mean_absolute_error, np.abs),
    ],
)
def test_features_as_they_are(distance, formula_of, tmp_path):
    """The perceptual loss before LPIPS: layers by weights, saved, loaded."""
    network = conv_network()
    loss = Perceptual(network, [0.1, 2.0], distance=distance, reduction=None)
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(loss)
    )
    true, predicted = pair_of(SHAPE)
    maps, others = (
        [ops.convert_to_numpy(x) for x in network(y)] for y in (true, predicted)
    )
    means = [
        formula_of(one - other).mean(axis=(1, 2, 3))
        for one, other in zip(maps, others)
    ]
    expected = 0.1 * means[0] + 2.0 * means[1]
    for one in (loss, again):
        found = ops.convert_to_numpy(one(true, predicted))
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_features_as_they_are_by_what_is_no_function():
    network = conv_network()
    for distance in ("far", keras.losses.MeanAbsoluteError(), 3):
        with pytest.raises(ValueError, match="a value a place. Received: "):
            Perceptual(network, distance=distance)
    weights = [0.5, [1.0, 0.0, 2.0, 0.1, 3.0]]
    with pytest.raises(ValueError, match="without a `distance`"):
        Perceptual(network, weights, distance="mae")


def test_features_of_nothing_have_no_slope():
    vectors = ops.array([[[0.0, 0.0], [3.0, 4.0]]])
    turned = ops.flip(vectors, axis=1)
    value, _, (slopes,) = backend.value_and_input_gradients(
        lambda inputs: (
            ops.sum(perceptual_distance(inputs, [turned], [1.0])),
            None,
        ),
        [vectors],
    )
    assert float(value) == pytest.approx(1.0)  # |(0.6, 0.8) - 0|^2, twice / 2
    slopes = ops.convert_to_numpy(slopes)
    np.testing.assert_allclose(slopes, 0.0, atol=1e-6)


def test_range_of_values():
    network = conv_network()
    true, predicted = pair_of(SHAPE)
    expected = float(Perceptual(network)(true, predicted))
    for low, high in ((0.0, 1.0), (0.0, 255.0), (-3.0, 5.0)):
        loss = Perceptual(network, value_range=(low, high))
        found = loss(
            *((x + 1.0) / 2.0 * (high - low) + low for x in (true, predicted))
        )
        assert float(found) == pytest.approx(expected, rel=1e-4)
    # Bytes are compared as numbers: 200 is no negative one.
    loss = Perceptual(network, value_range=(0, 255))
    pixels = [
        np.uint8(np.clip(60 * x + 128, 0, 255)) for x in (true, predicted)
    ]
    wide = [np.float32(x) for x in pixels]
    assert float(loss(*pixels)) == float(loss(*wide))
    metric = PerceptualDistance(network, value_range=(0, 255))
    metric.update_state(*pixels)
    assert float(metric.result()) == pytest.approx(float(loss(*wide)), 1e-6)


def test_network_is_saved_and_not_trained(tmp_path):
    network = conv_network(seed=3)
    network.trainable = False
    before = network.get_weights()
    model = keras.Sequential([keras.Input(SHAPE), layers.Conv2D(3, 1)])
    metric = PerceptualDistance(network, [1.0, 0.0], name="seen")
    model.compile("sgd", [Perceptual(network)], metrics=["mse", metric])
    x, y = pair_of(SHAPE)
    model.fit(x, y, verbose=0)
    for one, other in zip(network.get_weights(), before):
        np.testing.assert_array_equal(one, other)
    expected = float(Perceptual(network, [1.0, 0.0])(y, model(x)))
    model.save(tmp_path / "model.keras")
    keras.utils.set_random_seed(9)
    again = keras.saving.load_model(tmp_path / "model.keras")
    found = [
        each.evaluate(x, y, verbose=0, return_dict=True)
        for each in (model, again)
    ]
    assert found[0] == found[1]
    assert found[0]["seen"] == pytest.approx(expected, rel=1e-5)


def test_network_in_inference_mode():
    network = keras.Sequential(
        [keras.Input(SHAPE), layers.BatchNormalization(), layers.Dropout(0.5)]
    )
    loss = Perceptual(network)
    true, predicted = pair_of(SHAPE)
    expected = formula([true], [predicted], [1.0])
    model = keras.Sequential([keras.Input(SHAPE), layers.Rescaling(1.0)])
    model.compile("sgd", loss)
    history = model.fit(predicted, true, epochs=2, verbose=0).history["loss"]
    np.testing.assert_allclose(history, expected, rtol=1e-4)
    np.testing.assert_array_equal(network.layers[0].moving_mean, 0.0)


def test_metric_is_the_mean_over_samples():
    network = conv_network()
    true, predicted = pair_of(SHAPE)
    values = ops.convert_to_numpy(
        Perceptual(network, reduction=None)(true, predicted)
    )
    metric = PerceptualDistance(network)
    assert metric.name == "perceptual_distance"
    metric.update_state(true[:2], predicted[:2])
    metric.update_state(true[2:], predicted[2:])
    assert float(metric.result()) == pytest.approx(values.mean(), rel=1e-5)
    metric.reset_state()
    weights = np.array([1.0, 0.0, 3.0])
    metric.update_state(true, predicted, weights)
    expected = np.average(values, weights=weights)
    assert float(metric.result()) == pytest.approx(expected, rel=1e-5)
    config = keras.saving.serialize_keras_object(metric)
    again = keras.saving.deserialize_keras_object(copy.deepcopy(config))
    assert keras.saving.serialize_keras_object(again) == config
    again.update_state(true, predicted, weights)
    assert float(again.result()) == float(metric.result())
    with pytest.raises(ValueError, match="same shape.*Received: y_true"):
        metric.update_state(true, predicted[:, :4])


def test_in_a_supervised_gan():
    network = conv_network()
    generator = keras.Sequential([keras.Input(SHAPE), layers.Conv2D(3, 1)])
    model = SupervisedGAN(generator, discriminator(SHAPE))
    x, y = pair_of(SHAPE)
    model.compile(
        loss=Perceptual(network),
        d_loss="hinge",
        metrics=[PerceptualDistance(network)],
    )
    expected = float(Perceptual(network)(y, generator(x)))
    found = model.evaluate(x, y, verbose=0, return_dict=True)
    assert found["perceptual_distance"] == pytest.approx(expected, rel=1e-5)
    assert found["supervised"] == pytest.approx(expected, rel=1e-5)


@needs_weights
def test_efficientnet_lite0():
    # The maps of the network itself, of pixels from 0 to 255.
    trunk = efficientnet_lite0.load_network()
    maps_of = features(
        trunk, [f"block_{number}" for number in (1, 3, 5, 11, 16)]
    )
    random = np.random.default_rng(0)
    gray = random.uniform(-1.0, 1.0, (2, 64, 64, 1)).astype("float32")
    color = np.repeat(gray, 3, axis=-1)
    maps, others = (
        [
            ops.convert_to_numpy(x)
            for x in maps_of((127.5 * image + 127.5 - 127.0) / 128.0)
        ]
        for image in (color[:1], color[1:])
    )
    weights = [0.5, 1.0, 2.0, 0.0, 1.0]
    expected = formula(maps, others, weights)
    loss = Perceptual("efficientnet_lite0", weights)
    assert [each.shape[1] for each in maps] == [32, 16, 8, 4, 2]
    assert float(loss(gray[:1], gray[1:])) == pytest.approx(expected, 1e-4)
    metric = PerceptualDistance(weights=weights, value_range=(0, 1))
    assert metric.get_config()["network"] == "efficientnet_lite0"
    metric.update_state((color[:1] + 1.0) / 2.0, (color[1:] + 1.0) / 2.0)
    assert float(metric.result()) == pytest.approx(expected, rel=1e-3)


def torchvision_vgg16(torch):
    """Returns what `torchvision.models.vgg16` does, with random weights."""
    channels, parts = 3, []
    for stage in STAGES:
        for filters in stage:
            convolution = torch.nn.Conv2d(channels, filters, 3, padding=1)
            # As large as they come in, and a few of them dead.
            torch.nn.init.kaiming_normal_(convolution.weight)
            torch.nn.init.normal_(convolution.bias, std=0.1)
            parts += [convolution, torch.nn.ReLU()]
            channels = filters
        parts.append(torch.nn.MaxPool2d(2))
    network = torch.nn.Module()
    network.features = torch.nn.Sequential(*parts)
    return network


@needs_torch
@needs_lpips
@pytest.mark.parametrize("fitted", [True, False])
def test_equal_to_the_package_lpips(monkeypatch, fitted):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    trunk = torchvision_vgg16(torch)
    # The package takes no more than this of torchvision.
    models = types.SimpleNamespace(vgg16=lambda pretrained: trunk)
    stand_in = types.ModuleType("torchvision")
    stand_in.models = models
    monkeypatch.setitem(sys.modules, "torchvision", stand_in)
    lpips = pytest.importorskip("lpips")
    monkeypatch.setattr(lpips.pretrained_networks, "tv", models)
    oracle = lpips.LPIPS(net="vgg", lpips=fitted, pnet_rand=True, verbose=False)
    random = np.random.default_rng(0)
    pair = random.uniform(-1.0, 1.0, (2, 2, 32, 48, 3)).astype("float32")
    with torch.no_grad():
        expected = oracle(
            *(torch.from_numpy(x.transpose(0, 3, 1, 2)) for x in pair)
        )
    loss = Perceptual(
        lpips_vgg16(trunk.state_dict()),
        lpips_heads() if fitted else None,
        reduction=None,
    )
    found = ops.convert_to_numpy(loss(*pair))
    np.testing.assert_allclose(
        found, expected.numpy().reshape(-1), rtol=1e-6, atol=1e-6
    )
    assert 0.05 < found.min()


@needs_lpips
@pytest.mark.parametrize("network, num", [("vgg", 5), ("squeeze", 7)])
def test_heads_of_lpips(network, num):
    heads = lpips_heads(network)
    assert len(heads) == num
    assert np.min([min(head) for head in heads]) >= 0.0
    if network == "vgg":
        assert [len(head) for head in heads] == [64, 128, 256, 512, 512]


def test_lpips_is_missing(monkeypatch):
    monkeypatch.setattr(lpips_module, "PACKAGE", "no_such_package")
    with pytest.raises(ImportError, match="pip install --no-deps lpips"):
        lpips_heads()


def test_weights_of_another_network():
    state = {"features.0.weight": np.ones((64, 3, 3, 3))}
    with pytest.raises(ValueError, match="13 convolutions.*Received: arrays"):
        lpips_vgg16(state)
    with pytest.raises(ValueError, match="`network` must be one of"):
        lpips_heads("resnet")


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"network": "vgg"}, "'efficientnet_lite0'"),
        ({"network": keras.Sequential([layers.Dense(2)])}, "with an `Input`"),
        ({"network": lambda images: images}, "functional or sequential"),
        ({"weights": [1.0]}, "2 outputs"),
        ({"weights": [1.0, [1.0, 2.0]]}, r"outputs of \[4, 5\] channels"),
        ({"weights": [1.0, -1.0]}, "none of them negative"),
        ({"value_range": (1.0, 0.0)}, "value_range"),
        ({"value_range": (0.0,)}, "value_range"),
    ],
)
@pytest.mark.parametrize("make", [Perceptual, PerceptualDistance])
def test_arguments_that_do_not_fit(make, settings, message):
    settings = {"network": conv_network(), **settings}
    with pytest.raises(ValueError, match=f"(?s){message}.*Received: "):
        make(**settings)
