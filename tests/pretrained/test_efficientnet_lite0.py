"""EfficientNet-Lite0: photographs that it knows, and torch's own numbers."""

import importlib.util
import pathlib
import pickle

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics import FrechetDistance
from keras_ganloss.metrics import KernelDistance
from keras_ganloss.metrics import Reference
from keras_ganloss.metrics import feature_networks
from keras_ganloss.pretrained import efficientnet_lite0
from keras_ganloss.pretrained.torch_file import read_tensors

SPEC = importlib.util.find_spec(efficientnet_lite0.PACKAGE)
needs_package = pytest.mark.skipif(
    SPEC is None, reason="The package of the weights is not installed."
)


def weights_path():
    folder = pathlib.Path(SPEC.submodule_search_locations[0])
    return next(folder.glob("models/*.pth"))


@needs_package
def test_photographs_are_what_they_are(tmp_path):
    # Of ImageNet's classes, 442 is a bell cote and 832 a stupa; the photo is
    # of a temple of many roofs. 985 is a daisy, the other photo a dahlia.
    datasets = pytest.importorskip("sklearn.datasets")
    photos = np.stack(datasets.load_sample_images().images)
    photos = ops.image.resize(
        photos.astype("float32"), (224, 224), data_format="channels_last"
    )
    network = feature_networks.get(
        "efficientnet_lite0", (0, 255), feature_networks.CLASSIFIERS
    )
    logits = Reference(photos, tmp_path).features(network)
    best = logits.argsort(axis=1)[:, ::-1]
    assert set(best[0, :2]) == {442, 832}
    assert best[1, 0] == 985


@needs_package
def test_file_is_read_as_torch_reads_it():
    torch = pytest.importorskip("torch")
    expected = torch.load(weights_path(), weights_only=True)
    found = read_tensors(weights_path())
    assert list(found) == list(expected)
    for name, tensor in expected.items():
        np.testing.assert_array_equal(found[name], tensor.numpy())


@needs_package
def test_features_of_gray_and_of_small_images():
    network = feature_networks.get("efficientnet_lite0")
    assert network.num_features([(None, 28, 28, 1)]) == 1280
    gray = np.random.default_rng(0).uniform(-1, 1, (2, 28, 28, 1))
    color = np.repeat(gray, 3, axis=3)
    large = ops.image.resize(
        color.astype("float32"), (64, 64), data_format="channels_last"
    )
    expected = ops.convert_to_numpy(network(large))
    for images in (gray, color):
        found = ops.convert_to_numpy(network(ops.array(images)))
        np.testing.assert_allclose(found, expected, atol=1e-4)
    pixels = feature_networks.get("efficientnet_lite0", (0, 255))
    found = ops.convert_to_numpy(pixels(127.5 * ops.array(gray) + 127.5))
    np.testing.assert_allclose(found, expected, atol=1e-4)


@needs_package
def test_kernel_distance_tells_noise_from_images():
    random = np.random.default_rng(0)
    images = random.uniform(-1, 1, (16, 1, 1, 3)) + np.zeros((1, 32, 32, 1))
    noise = random.uniform(-1, 1, (8, 32, 32, 3))
    metric = KernelDistance("efficientnet_lite0")
    metric.update_state(images[:8], images[8:])
    same = metric.result()["kernel_distance"]
    metric.reset_state()
    metric.update_state(images[:8], noise)
    assert metric.result()["kernel_distance"] > 10.0 * abs(same)


@pytest.mark.parametrize("shape", [(3,), (8, 8, 2), (8, 8)])
@needs_package
def test_samples_that_are_no_images(shape):
    metric = FrechetDistance("efficientnet_lite0")
    with pytest.raises(ValueError, match="'samples' for points") as error:
        metric.build([(None, *shape)])
    assert str(error.value).endswith(f"Received: samples of shape {shape}")


def test_missing_package(monkeypatch):
    monkeypatch.setattr(efficientnet_lite0, "PACKAGE", "no_such_package")
    load = efficientnet_lite0.load_network.__wrapped__
    with pytest.raises(ImportError, match=r"keras-ganloss\[imagenet\]"):
        load()


@needs_package
def test_network_is_in_float32_whatever_the_policy():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        network = efficientnet_lite0.build_network()
    finally:
        keras.config.set_dtype_policy(before)
    assert {layer.compute_dtype for layer in network.layers[1:]} == {"float32"}


class Evil:
    def __reduce__(self):
        return print, ("called",)


def test_files_that_want_something_called_are_refused(tmp_path, capsys):
    path = tmp_path / "evil.pth"
    path.write_bytes(b"".join(pickle.dumps(each) for each in (1, 2, 3, Evil())))
    with pytest.raises(pickle.UnpicklingError, match="Not a state dict"):
        read_tensors(path)
    assert not capsys.readouterr().out


def test_blocks_have_names():
    network = efficientnet_lite0.build_network()
    shapes = {
        number: network.get_layer(f"block_{number}").output.shape[-1]
        for number in range(1, 17)
    }
    assert list(shapes.values()) == [
        row[0] for row in efficientnet_lite0.BLOCKS
    ]
    last = [shapes[number] for number in (1, 3, 5, 11, 16)]
    assert last == [16, 24, 40, 112, 320]
